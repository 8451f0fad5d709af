import HubBytes
import HubModel
import Testing

@testable import HubRouter

/// What the log's database keeps of checkpoints, said simply: values by keys, listed in the order of the keys.
struct StateDatabase {
    private(set) var values: [[UInt8]: [UInt8]] = [:]
    /// Up to where the values are true.
    private(set) var appliedTo = Offset.zero

    /// Writes changes; false if there are none.
    @discardableResult
    mutating func write(_ changes: consuming StateChanges?) -> Bool {
        guard let changes else { return false }
        appliedTo = changes.appliedTo
        changes.forEach { key, value in
            values[key.array] = value?.array
        }
        return true
    }

    /// The keys of changes, in their order.
    static func keys(_ changes: borrowing StateChanges) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        changes.forEach { key, _ in keys.append(key.array) }
        return keys
    }

    /// A state made of the values and of those records of the log that the window of ids is made of; the log's newest
    /// record was taken at `time`.
    func load(
        _ log: [LoggedDraft], time: Timestamp, _ bounds: DedupWindow.Bounds,
        _ location: SourceLocation = #_sourceLocation
    ) -> LoggedState {
        var state = LoggedState(bounds, hashSeed: 11)
        for (key, value) in values.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let isLoaded = key.withBytes { key in
                value.withBytes { state.load(key, $0, names: LoggedNames.count) }
            }
            if !isLoaded { Issue.record("\(key) with \(value) is not loaded", sourceLocation: location) }
        }
        state.finishLoading()
        state.resume(from: appliedTo, time: time)
        let start = min(state.windowStart ?? appliedTo, appliedTo)
        state.remember(log[Int(start.rawValue)..<Int(appliedTo.rawValue)])
        return state
    }
}

extension LoggedScene {
    /// The state that a database holds of the scene's log.
    func load(_ database: StateDatabase, time: Timestamp? = nil) -> LoggedState {
        database.load(drafts, time: time ?? lastTime, state.window.bounds)
    }
}

extension LoggedStory {
    /// The state that a database holds of the story's log.
    func load(_ database: StateDatabase) -> LoggedState {
        database.load(drafts, time: state.time, Self.bounds)
    }
}
