import Synchronization

/// What happens on web connections. Names are for metrics, so they stay.
package enum WebCount: Int, CaseIterable, Sendable {
    case requests, answers, answersDropped, refusedRequests, contentRefused
    case upgrades, upgradesRefused, messagesIn, messagesOut, messagesRefused
    case pings, socketFaults, socketsClosed, socketsSilent, tlsFailed
    case calls, callsFailed, callConnections
}

/// Counters of one loop's web connections: written by its thread alone, read by any without a lock.
package final class WebCounters: Sendable {
    private let values = InlineArray<32, Atomic<Int>> { _ in Atomic(0) }

    /// All at zero.
    package init() { precondition(WebCount.allCases.count <= 32) }

    /// The value of a counter, as of a moment ago.
    package subscript(_ count: WebCount) -> Int { values[count.rawValue].load(ordering: .relaxed) }

    /// One thread writes, so a count is a load and a store.
    func add(_ count: WebCount, _ amount: Int = 1) {
        let old = values[count.rawValue].load(ordering: .relaxed)
        values[count.rawValue].store(old &+ amount, ordering: .relaxed)
    }
}
