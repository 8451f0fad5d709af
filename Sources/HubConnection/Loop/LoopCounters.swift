import Synchronization

/// What a loop counts. Names are for metrics, so they stay.
package enum LoopCounter: Int, CaseIterable, Sendable {
    case accepted, adopted, connected
    case refusedTotal, refusedAddress, refusedStopping, shedNoDescriptors
    case acceptFailures, acceptThrottled, descriptorsExhausted
    case bytesIn, bytesOut, reads, writes, writesShort, turns
    case closedFinished, closedByHandler, closedCut, closedFailed, closedConnectFailed, closedInputTooLong
    case closedTransformFailed, closedOutputTooLong, closedStopped
    case timeoutConnect, timeoutDeadline, timeoutIdle, timeoutSlowSender, timeoutWrite, timeoutLinger
    case filled, sendsRefused, staleEvents, messages
    case datagramsIn, datagramsOut, datagramsTooLong, datagramsFailed
    /// Connections that exist now.
    case open
    /// The largest number of bytes that waited on one connection.
    case queuedMax
}

/// A loop's counters: written by its thread alone, read by any without a lock.
package final class LoopCounters: Sendable {
    // Other memory on the same cache line would be slowed down by each count, and slow it down in turn.
    private let front = InlineArray<16, UInt64>(repeating: 0)
    private let values = InlineArray<48, Atomic<UInt64>> { _ in Atomic(0) }
    private let back = InlineArray<16, UInt64>(repeating: 0)

    /// Connections that the loop has, less all that were ever handed to it by others. With what these count it tells how
    /// many it has or will have, at every moment: one value, so that nobody sees a connection twice or not at all on its
    /// way from the one count to the other.
    private let ownBalance = Atomic(0)

    init() { precondition(LoopCounter.allCases.count <= 48) }

    /// The value of a counter, as of a moment ago.
    package subscript(_ counter: LoopCounter) -> Int {
        Int(clamping: values[counter.rawValue].load(ordering: .relaxed))
    }

    /// One thread writes, so a count is a load and a store: neither locks the bus as an atomic addition does.
    func add(_ counter: LoopCounter, _ amount: Int = 1) {
        let old = values[counter.rawValue].load(ordering: .relaxed)
        values[counter.rawValue].store(old &+ UInt64(bitPattern: Int64(amount)), ordering: .relaxed)
    }

    /// What the loop has, less what it was handed.
    var balance: Int { ownBalance.load(ordering: .relaxed) }

    func addToBalance(_ amount: Int) {
        ownBalance.store(ownBalance.load(ordering: .relaxed) + amount, ordering: .relaxed)
    }

    func raise(_ counter: LoopCounter, to value: Int) {
        if value > self[counter] {
            values[counter.rawValue].store(UInt64(value), ordering: .relaxed)
        }
    }
}
