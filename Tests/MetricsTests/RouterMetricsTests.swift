import HubBytes
import HubModel
import HubStorage
import HubSystem
import Testing

@testable import HubRouter
@testable import HubServer

/// Router and storage are counted as they work.
@Suite struct RouterMetricsTests {
    private static let alice = HubModel.NameID(1)

    private func read(_ metrics: HubMetrics) -> MetricReading { metrics.registry.read() }

    @Test("effects are counted by what they are") func effects() {
        let metrics = HubMetrics(version: "1")
        let connection = ConnectionID(index: 0, generation: 0)
        var effects = Effects()
        for (durability, isDuplicate) in [(Durability.fsynced, false), (.memory, false), (.fsynced, true)] {
            var receipt = Effects.Receipt(
                connection: connection, tag: 1, offset: .zero, session: .none, sequence: .none,
                durability: durability)
            receipt.isDuplicate = isDuplicate
            effects.receipts.append(receipt)
        }
        effects.rejections.append(
            Effects.Rejection(connection: connection, tag: 1, reason: Refusal(.rateLimited, "slower")))
        let handle = ConsumerHandle(index: 0, generation: 0)
        for attempt in [1, 1, 2, 3] {
            effects.deliveries.append(
                Effects.Delivery(
                    connection: connection, consumer: handle, index: 0, offset: .zero, attempt: attempt))
        }
        effects.events = [
            .deadLetter(consumer: Self.alice, message: .zero, letter: .zero, .terminated),
            .stalled(handle, inFlight: 1, limit: 1), .commandTimedOut(sender: Self.alice, offset: .zero),
            .consumerDeleted(Self.alice),
        ]
        metrics.router.count(effects)
        let reading = read(metrics)
        #expect(reading.number(.receipts, ["fsynced"]) == 2)
        #expect(reading.number(.receipts, ["memory"]) == 1)
        #expect(reading.number(.receipts, ["replicated"]) == 0)
        #expect(reading.number(.messagesDuplicate) == 1)
        #expect(reading.number(.refusals, ["rate_limited"]) == 1)
        #expect(reading.number(.messagesDelivered) == 4)
        #expect(reading.number(.messagesRedelivered) == 2)
        #expect(reading.number(.deadLetters, ["terminated"]) == 1)
        #expect(reading.number(.deadLetters, ["attempts"]) == 0)
        #expect(reading.number(.consumerStalls) == 1)
        #expect(reading.number(.commandTimeouts) == 1)
        #expect(reading.number(.presenceChanges) == 0)
    }

    @Test("of many consumers the oldest are told one by one, the others together, and the largest of all")
    func consumers() {
        let metrics = HubMetrics(version: "1")
        var figures = RouterFigures()
        figures.connections = 7
        figures.consumers = (1...300).map { number in
            RouterFigures.OfConsumer(
                tenant: NameID(1000), name: NameID(UInt32(number)), pending: number * 10, inFlight: 1,
                owed: 0,
                deadLetters: number == 300 ? 5 : 0, members: number.isMultiple(of: 2) ? 1 : 0,
                isBehind: number > 200, isPaused: number == 300)
        }
        metrics.router.set(figures) { "name \($0.rawValue)" }
        let reading = read(metrics)
        let most = MetricFamily.consumerPending.seriesMax
        #expect(reading.number(.consumerPending, ["name 1000", "name 1"]) == 10)
        #expect(reading.number(.consumerPending, ["name 1000", "name \(most)"]) == Double(most * 10))
        #expect(reading.number(.consumerPending, ["name 1000", "name \(most + 1)"]) == nil)
        let rest = (most + 1...300).reduce(0) { $0 + $1 * 10 }
        #expect(reading.number(.consumerPending, ["other", "other"]) == Double(rest))
        #expect(reading.number(.consumerPendingMax) == 3000)
        #expect(reading.number(.messagesInFlight) == 300)
        #expect(reading.number(.deadLettersWaiting) == 5)
        #expect(reading.number(.agentConnections) == 7)
        #expect(reading.number(.consumersKnown, ["live"]) == 100)
        #expect(reading.number(.consumersKnown, ["catching_up"]) == 49)
        #expect(reading.number(.consumersKnown, ["paused"]) == 1)
        #expect(reading.number(.consumersKnown, ["unattended"]) == 150)
    }

    @Test("a router that has nothing has figures of nothing") func emptyRouter() {
        let router = Router(now: Timestamp(microseconds: 1))
        var figures = router.figures()
        // The window has room before anything is in it.
        #expect((1...10_000).contains(figures.dedupBytes))
        figures.dedupBytes = 0
        #expect(figures == RouterFigures())
    }

    @Test("commits are counted with their size, failures by kind, and the log's bounds are told")
    func storage() throws {
        let metrics = HubMetrics(version: "1")
        let memory = MemoryLog(epoch: try #require(Epoch(7)))
        let log = metrics.storage.measuring(memory)
        metrics.storage.watch(log.reader, directory: nil)
        var size = 0
        for first in [0, 3] as [UInt64] {
            var block = Block(firstOffset: Offset(first))
            for _ in 0..<3 {
                let payload: [UInt8] = Array(repeating: 1, count: 100)
                payload.withBytes { bytes in
                    let parts = RecordParts(payload: bytes)
                    _ = block.append(
                        RecordHeader(.system, time: Timestamp(microseconds: 5), tenant: .none), parts)
                }
            }
            block.seal()
            size += block.byteCount
            try log.commit(&block, state: nil, now: Timestamp(microseconds: 6))
        }
        var wrong = Block(firstOffset: Offset(99))
        let none = RecordParts(payload: RawSpan())
        _ = wrong.append(RecordHeader(.system, time: Timestamp(microseconds: 5), tenant: .none), none)
        wrong.seal()
        #expect(throws: StorageError.self) {
            try log.commit(&wrong, state: nil, now: Timestamp(microseconds: 7))
        }
        _ = try log.maintain(now: Timestamp(microseconds: 8))
        let reading = read(metrics)
        #expect(reading.number(.logCommits) == 2)
        #expect(reading.number(.logRecords) == 6)
        #expect(reading.number(.logWrittenBytes) == Double(size))
        #expect(reading.number(.logCommitFailures, ["refused"]) == 1)
        #expect(reading.number(.logCommitFailures, ["disk_full"]) == 0)
        #expect(reading.number(.logHeadOffset) == 6)
        #expect(reading.number(.logStartOffset) == 0)
        #expect(reading.number(.logMaintenance) == 1)
        #expect(try #require(reading.quantile(.logCommitSeconds, 1)) > 0)
    }
}
