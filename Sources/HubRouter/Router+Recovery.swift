import HubBytes
package import HubModel

/// How a router gets to where it was: from a checkpoint of its logged half, and from the records behind that.
extension Router {
    /// Puts back a part that a checkpoint kept; false if it is not what this program writes.
    package mutating func load(_ key: RawSpan, _ value: RawSpan) -> Bool {
        logged.load(key, value, names: names.count)
    }

    /// All of the checkpoint is loaded. Says up to where it is true, and when the log's newest record was taken; returns
    /// from where on records are to be replayed. That may be before: what agents sent lately is not in the checkpoint.
    package mutating func resume(from offset: Offset, time: Timestamp) -> Offset {
        logged.finishLoading()
        logged.resume(from: offset, time: time)
        return min(logged.windowStart ?? offset, offset)
    }

    /// Applies a record of the log as it was applied live, but for what only concerns those who were connected then.
    package mutating func replay(_ record: RecordView) {
        if record.offset < logged.appliedTo {
            logged.remember(record)
        } else {
            logged.apply(record, names)
        }
    }

    /// All records have been replayed: consumers stand where the log says, and wait for their members. Agents that were
    /// there are not any more.
    package mutating func finishRecovery(now: Timestamp, _ block: inout Block) {
        for id in logged.consumers.keys.sorted() {
            if let known = logged.consumers[id] { make(known, isLogged: true) }
        }
        for command in logged.commands.values.sorted(by: { $0.offset < $1.offset }) { armCommand(command) }
        noteAbsent(now: now, &block)
        // Whoever had something is gone with the hub's last life.
        for id in logged.consumers.keys.sorted() {
            guard let handle = consumerOfName[id] else { continue }
            relist(consumers[handle.index], now: now)
        }
    }

    /// What changed in the logged half since the last time, to be written with the next block.
    package mutating func takeChanges() -> StateChanges? { logged.takeChanges() }

    /// In which parts the logged halves of two routers differ; none if they are equal.
    package func differences(from other: borrowing Router) -> [String] {
        logged.differences(from: other.logged)
    }
}
