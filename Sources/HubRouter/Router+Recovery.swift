import HubBytes
package import HubModel

/// How a router gets to where it was: from a checkpoint of its logged half, and from the records behind that.
extension Router {
    /// Puts back a part that a checkpoint kept; false if it is not what this program writes.
    package mutating func load(_ key: RawSpan, _ value: RawSpan) -> Bool { logged.load(key, value) }

    /// Says up to where the loaded checkpoint is true, and when the log's newest record was taken. Records are
    /// replayed from there.
    package mutating func resume(from offset: Offset, time: Timestamp) {
        logged.resume(from: offset, time: time)
    }

    /// Applies a record of the log as it was applied live, but for what only concerns those who were connected then.
    package mutating func replay(_ record: RecordView) { logged.apply(record) }

    /// All records have been replayed: consumers stand where the log says, and wait for their members.
    package mutating func finishRecovery() {
        for id in logged.consumers.keys.sorted() {
            guard let known = logged.consumers[id] else { continue }
            _ = make(id, known.tenant, known.filter, nil, position: known.cursor)
        }
        for command in logged.commands.values.sorted(by: { $0.offset < $1.offset }) { armCommand(command) }
    }

    /// What changed in the logged half since the last time, to be written with the next block.
    package mutating func takeChanges() -> StateChanges? { logged.takeChanges() }

    /// In which parts the logged halves of two routers differ; none if they are equal.
    package func differences(from other: borrowing Router) -> [String] {
        logged.differences(from: other.logged)
    }
}
