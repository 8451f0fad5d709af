import Synchronization

/// Where threads write down how the hub is, and others read it.
package final class HealthBoard: Sendable {
    private let state = Mutex(HealthState())

    /// A hub that has just begun.
    package init() {}

    /// How it is.
    package var current: HealthState { state.withLock { $0 } }

    /// Changes how it is.
    package func update(_ change: (inout HealthState) -> Void) { state.withLock { change(&$0) } }
}

/// Tells how the hub is as metrics.
struct HealthSource: MetricSource {
    let board: HealthBoard

    func contribute(to reading: inout MetricReading) {
        let state = board.current
        reading.add(.ready, state.isReady ? 1 : 0)
        for word in HealthState.Phase.words { reading.add(.phase, [word], state.phase.word == word ? 1 : 0) }
        if case .recovering(let done, let all) = state.phase {
            reading.add(.recoveryRecords, ["applied"], done)
            reading.add(.recoveryRecords, ["all"], all)
        }
        reading.add(.storageFailing, state.storageFault == nil ? 0 : 1)
        reading.add(.diskLevel, state.diskLevel.number)
        if let bytes = state.diskFreeBytes { reading.add(.diskFreeBytes, bytes) }
        if let probe = state.probe {
            reading.add(.syncProbeSeconds, ["0.5"], Double(probe.medianNanoseconds) * 1e-9)
            reading.add(.syncProbeSeconds, ["0.99"], Double(probe.p99Nanoseconds) * 1e-9)
        }
    }
}
