import HubBytes
import HubModel

/// What every block must keep to before it gets into a log of any kind: it begins at the head, time does not go
/// back, names and sessions have no gaps.
struct AppendRules: ~Copyable {
    private var tails = SessionTails()

    /// Accepts a block, or throws what is wrong with it and stays as it was. `lookUp` finds the last sequence
    /// number of a session that was not written to before.
    mutating func accept(
        _ block: borrowing BlockView, _ bounds: LogBounds, path: String,
        lookUp: (NameID) throws(StorageError) -> SequenceNumber
    ) throws(StorageError) {
        func refusal(_ detail: String) -> StorageError { StorageError(.refused, path: path, detail: detail) }
        guard block.count > 0 else { throw refusal("the block is empty") }
        guard block.firstOffset == bounds.head else {
            throw refusal("the block begins at \(block.firstOffset), the log ends at \(bounds.head)")
        }
        guard block.firstTime >= bounds.lastTime else {
            throw refusal("the block begins at \(block.firstTime), before \(bounds.lastTime)")
        }
        var names = block.names
        var next = UInt32(bounds.names) + 1
        while let name = names.next() {
            guard name.id.rawValue == next else { throw refusal("name \(name.id) comes before #\(next)") }
            next += 1
        }
        guard block.nameCount == Int(next) - 1 - bounds.names else { throw refusal("names are cut short") }
        try tails.accept(block, names: next - 1, lookUp: lookUp, refuse: refusal)
    }

    /// Takes back a block that was accepted and could not be written.
    mutating func undo(_ block: borrowing BlockView) { tails.undo(block, count: block.count) }
}
