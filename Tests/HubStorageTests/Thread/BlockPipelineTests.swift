import HubBytes
import HubModel
import HubStorage
import HubSystem
import Randomness
import Synchronization
import Testing

/// The router's end: what is on the way is bounded, and a failure takes all behind it along.
@Suite struct BlockPipelineTests {
    private let orders = UnsteadyLog.Orders()

    private func unsteady(bytesMax: Int = 4 << 20) throws -> TestPipeline {
        let orders = orders
        return try TestPipeline(bytesMax: bytesMax) { UnsteadyLog(orders) }
    }

    private let refusal = StorageError(.refused, path: "memory", detail: "made up")
    private let full = StorageError(.diskFull, path: "memory")

    @Test func `No more than two blocks are on the way, and the open one is bounded`() throws {
        let test = try unsteady(bytesMax: 10_000)
        orders.hold()
        var handedOver = 0
        var appended = 0
        for _ in 0..<1000 where test.pipeline.hasRoom {
            test.append(Draft(session: "s", payload: String(repeating: "x", count: 500)))
            appended += 1
            if test.flush() { handedOver += 1 }
        }
        #expect(handedOver == 2 && test.pipeline.blocksOnTheWay == 2)
        #expect(!test.pipeline.hasRoom && appended < 30)
        #expect(test.pipeline.openRecords == appended - 2)
        orders.letGo()
        test.finish()
        #expect(test.failures.isEmpty && test.reader.bounds.head.rawValue == UInt64(appended))
        #expect(test.pipeline.hasRoom && test.pipeline.blocksOnTheWay == 0)
    }

    @Test func `A block holds what came in while the one before it was written`() throws {
        let test = try unsteady()
        orders.hold()
        for _ in 0..<9 {
            test.append(Draft(session: "s"))
            test.flush()
        }
        orders.letGo()
        test.finish()
        #expect(test.producer.blocks.map(\.records.count) == [1, 1, 7])
    }

    @Test func `Nothing is handed over when there is nothing, and nothing is waited for`() throws {
        let test = try unsteady()
        #expect(!test.flush())
        #expect(!test.collectNow())
        #expect(!test.collect())
    }

    @Test func `What comes back wakes whoever watches the descriptor`() throws {
        let test = try unsteady()
        #expect(test.pipeline.descriptor == test.storage.completions.arrivals.descriptor)
        test.append(Draft(session: "s"))
        test.flush()
        let woke = test.storage.completions.arrivals.wait(milliseconds: 5000)
        #expect(woke && test.collectNow())
    }

    /// Writes two records, then three blocks of which the first fails.
    private func failFirst(of test: TestPipeline, _ failure: StorageError) {
        test.write(Draft(session: "s", topic: "t"))
        test.write(Draft(session: "s", topic: "t"))
        orders.hold()
        orders.failures.withLock { $0 = [failure] }
        for session in ["s", "new", "s"] {
            test.append(Draft(session: session, topic: "t"))
            test.flush()
        }
        #expect(test.pipeline.openRecords == 1)
        orders.letGo()
        test.finish()
    }

    @Test func `A block that fails takes all behind it along, the open one included`() throws {
        let test = try unsteady()
        failFirst(of: test, full)
        #expect(test.failures == [full, full, full] && test.failedAt == [2, 3, 4])
        #expect(test.reader.bounds.head == Offset(2) && test.pipeline.nextOffset == Offset(2))
        #expect(test.pipeline.openRecords == 0 && test.pipeline.blocksOnTheWay == 0)
    }

    @Test func `After a failure the pipeline goes on at the log's head, with the same numbers`() throws {
        let test = try unsteady()
        failFirst(of: test, refusal)
        #expect(test.failures == [refusal, refusal, refusal])
        let names = test.reader.bounds.names
        #expect(test.append(Draft(session: "other")) == 2)
        test.flush()
        test.finish()
        test.write(Draft(session: "s"))
        #expect(test.failures.count == 3)
        #expect(test.reader.bounds.head == Offset(4) && test.reader.bounds.names == names + 1)
        #expect(try test.reader.all(.log()).rows == test.producer.rows())
        #expect(try test.reader.all(.session(test.producer.session("s"))).positions == [1, 2, 3])
    }

    @Test func `A block that breaks the rules is told so, even if one before it failed for another reason`()
        throws
    {
        let test = try unsteady()
        test.write(Draft(session: "s"))
        orders.failures.withLock { $0 = [full] }
        test.write(Draft(session: "s"))
        #expect(test.failures == [full])
        // A number of its own making, at the right place in the log.
        var header = RecordHeader(.message, time: test.producer.time, tenant: NameID(1))
        header.session = test.producer.session("s")
        header.sequence = SequenceNumber(9)
        "{}".withBytes { _ = test.pipeline.append(header, RecordParts(payload: $0)) }
        test.flush()
        test.finish()
        #expect(test.failures.last?.kind == .refused && test.failures.count == 2)
        test.write(Draft(session: "s"))
        #expect(test.failures.count == 2 && test.reader.bounds.head == Offset(2))
    }

    @Test func `Failures again and again change nothing that is in the log`() throws {
        let test = try unsteady()
        var generator = SplitMix64(seed: 7)
        for round in 0..<300 {
            let failures = (0..<3).map { _ in generator.once(in: 4) ? full : nil }
            orders.failures.withLock { $0 = failures }
            for index in 0..<3 {
                test.append(Draft(session: "s\(index)", topic: "t\(generator.below(round + 1))"))
                test.flush()
            }
            test.finish()
        }
        #expect(test.failures.count > 50)
        #expect(try test.reader.all(.log()).rows == test.producer.rows())
        for index in 0..<3 {
            let session = test.producer.session("s\(index)")
            let expected = Array(1...UInt64(test.producer.records.count { $0.session == session }))
            #expect(try test.reader.all(.session(session)).positions == expected)
        }
    }

    @Test func `A pipeline goes on where a log ends`() throws {
        let directory = TemporaryDirectory()
        let producer = TestProducer()
        do {
            let log = try LMDBLog.open(directory.path, options: TestPipeline.quiet, now: producer.time)
            try producer.commit([Draft(session: "s"), Draft(session: "s")], to: log)
        }
        let path = directory.path
        let storage = try StorageThread(clock: TestPipeline.still) { () throws(StorageError) in
            try TestLog.openAgain(path, TestPipeline.quiet, now: TestProducer.start)
        }
        let pipeline = BlockPipeline(storage)
        let next = pipeline.nextOffset
        #expect(next == Offset(2))
        storage.close()
    }
}
