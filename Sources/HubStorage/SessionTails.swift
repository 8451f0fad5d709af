import HubModel

/// The last sequence number of each session that was written to, so that every block can be held to the rule
/// that a session has no gaps and no repeats. Looked up once per session, eight bytes per name.
struct SessionTails: ~Copyable {
    /// By a session's number: its last sequence number and one; 0 where it was not looked up yet.
    private var nextOfName: [UInt64] = []

    /// Accepts the records of a block, or says what is wrong with it and accepts none of them. `names` is the
    /// number of the newest name, the block's own included.
    mutating func accept(
        _ block: borrowing BlockView, names: UInt32, lookUp: (NameID) throws(StorageError) -> SequenceNumber,
        refuse: (String) -> StorageError
    ) throws(StorageError) {
        var index = 0
        do throws(StorageError) {
            while index < block.count {
                try accept(block.record(at: index), names, lookUp, refuse)
                index &+= 1
            }
        } catch {
            undo(block, count: index)
            throw error
        }
    }

    private mutating func accept(
        _ record: RecordView, _ names: UInt32, _ lookUp: (NameID) throws(StorageError) -> SequenceNumber,
        _ refuse: (String) -> StorageError
    ) throws(StorageError) {
        guard
            record.session.rawValue <= names, record.destination.rawValue <= names,
            record.sender.rawValue <= names, record.tenant.rawValue <= names
        else { throw refuse("record \(record.offset) has a name that nobody defined") }
        let session = Int(record.session.rawValue)
        guard session != 0 else {
            if record.sequence != .none {
                throw refuse("record \(record.offset) has no session but a number")
            }
            return
        }
        if session >= nextOfName.count {
            nextOfName.append(
                contentsOf: repeatElement(0, count: max(1024, session + 1 - nextOfName.count)))
        }
        if nextOfName[session] == 0 { nextOfName[session] = try lookUp(record.session).rawValue + 1 }
        guard record.sequence.rawValue == nextOfName[session] else {
            throw refuse(
                "record \(record.offset) is number \(record.sequence) of its session, "
                    + "\(nextOfName[session]) is next")
        }
        nextOfName[session] &+= 1
    }

    /// Takes back the first `count` records of a block that was accepted.
    mutating func undo(_ block: borrowing BlockView, count: Int) {
        for index in (0..<count).reversed() {
            let record = block.record(at: index)
            if record.session != .none { nextOfName[Int(record.session.rawValue)] = record.sequence.rawValue }
        }
    }
}
