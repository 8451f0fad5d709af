import HubModel

/// The last sequence number of each session that was written to, so that every block can be held to the rule
/// that a session has no gaps and no repeats. Looked up once per session, eight bytes per name.
struct SessionTails: ~Copyable {
    /// By a session's number: its last sequence number and one; 0 where it was not looked up yet.
    private var nextOfName: [UInt64] = []

    /// Forgets what a block that was never written had to say of names that have since been given anew.
    mutating func forget(_ id: NameID) {
        let index = Int(id.rawValue)
        if index < nextOfName.count { nextOfName[index] = 0 }
    }

    /// Accepts a record of a session, or says which number is next in that. `lookUp` finds the last number of a
    /// session that was not written to before.
    mutating func accept(
        _ record: RecordView, lookUp: (NameID) throws(StorageError) -> SequenceNumber
    ) throws(StorageError) -> UInt64? {
        let session = Int(record.session.rawValue)
        if session >= nextOfName.count {
            nextOfName.append(
                contentsOf: repeatElement(0, count: max(1024, session + 1 - nextOfName.count)))
        }
        if nextOfName[session] == 0 { nextOfName[session] = try lookUp(record.session).rawValue + 1 }
        guard record.sequence.rawValue == nextOfName[session] else { return nextOfName[session] }
        nextOfName[session] &+= 1
        return nil
    }

    /// Takes back the first `count` records of a block that was accepted.
    mutating func undo(_ block: borrowing BlockView, count: Int) {
        for index in (0..<count).reversed() {
            let record = block.record(at: index)
            if record.session != .none { nextOfName[Int(record.session.rawValue)] = record.sequence.rawValue }
        }
    }
}
