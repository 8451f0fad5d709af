import HubBytes
import HubModel

/// What every block must keep to before it gets into a log of any kind: it begins at the head, time does not go
/// back, names and sessions have no gaps, and what records refer to is what it should be.
struct AppendRules: ~Copyable {
    private var tails = SessionTails()
    private var kinds = NameKinds()

    /// Accepts a block, or throws what is wrong with it and stays as it was. `lastSequence` finds the last number of
    /// a session that was not written to before, `kind` what a name is that this has not seen; nil if nobody can
    /// read that.
    mutating func accept(
        _ block: borrowing BlockView, _ bounds: LogBounds, path: String,
        lastSequence: (NameID) throws(StorageError) -> SequenceNumber, kind: (NameID) -> NameKind?
    ) throws(StorageError) {
        func refusal(_ detail: String) -> StorageError { StorageError(.refused, path: path, detail: detail) }
        guard block.count > 0 else { throw refusal("the block is empty") }
        guard block.firstOffset == bounds.head else {
            throw refusal("the block begins at \(block.firstOffset), the log ends at \(bounds.head)")
        }
        guard block.firstTime >= bounds.lastTime else {
            throw refusal("the block begins at \(block.firstTime), before \(bounds.lastTime)")
        }
        let names = try define(block, bounds, refusal)
        var index = 0
        do throws(StorageError) {
            while index < block.count {
                try accept(block.record(at: index), names, lastSequence, kind, refusal)
                index &+= 1
            }
        } catch {
            tails.undo(block, count: index)
            throw error
        }
    }

    /// Takes in a block's names; the number of the newest.
    private mutating func define(
        _ block: borrowing BlockView, _ bounds: LogBounds, _ refusal: (String) -> StorageError
    ) throws(StorageError) -> UInt32 {
        var names = block.names
        var last = UInt32(bounds.names)
        kinds.grow(to: last + UInt32(block.nameCount))
        while let name = names.next() {
            guard name.id.rawValue == last + 1 else {
                throw refusal("name \(name.id) comes before #\(last + 1)")
            }
            last += 1
            guard Int(last) - bounds.names <= block.nameCount else { break }
            kinds.define(name.id, name.key.kind)
            tails.forget(name.id)
        }
        guard block.nameCount == Int(last) - bounds.names else { throw refusal("names are cut short") }
        return last
    }

    private mutating func accept(
        _ record: RecordView, _ names: UInt32,
        _ lastSequence: (NameID) throws(StorageError) -> SequenceNumber,
        _ kind: (NameID) -> NameKind?, _ refusal: (String) -> StorageError
    ) throws(StorageError) {
        guard
            record.session.rawValue <= names, record.destination.rawValue <= names,
            record.sender.rawValue <= names, record.tenant.rawValue <= names
        else { throw refusal("record \(record.offset) has a name that nobody defined") }
        guard kinds.isDestination(record.destination, kind) else {
            throw refusal("record \(record.offset) is about \(record.destination), a session or a tenant")
        }
        guard record.session != .none else {
            if record.sequence == .none { return }
            throw refusal("record \(record.offset) has no session but a number")
        }
        // Asked only where the session's last number is looked up: once it is known, so is what the name is.
        let next = try tails.accept(record) { (session) throws(StorageError) in
            guard kinds.isSession(session, kind) else {
                throw refusal("record \(record.offset) is in \(session), which is no session")
            }
            return try lastSequence(session)
        }
        guard let next else { return }
        throw refusal(
            "record \(record.offset) is number \(record.sequence) of its session, \(next) is next")
    }

    /// Takes back a block that was accepted and could not be written.
    mutating func undo(_ block: borrowing BlockView) { tails.undo(block, count: block.count) }
}
