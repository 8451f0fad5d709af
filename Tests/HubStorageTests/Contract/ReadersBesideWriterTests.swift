import HubBytes
import HubModel
import HubStorage
import HubSystem
import Synchronization
import Testing

/// Readers on threads of their own while the log is written to, checkpointed and trimmed.
@Suite struct ReadersBesideWriterTests {
    private static let topics = ["a", "b", "c", "d"]

    /// What the readers look at, and what they found wrong.
    private final class Shared: Sendable {
        let isDone = Atomic(false)
        let rounds = Atomic(0)
        let violations = Mutex<[String]>([])
    }

    @Test(arguments: LogKind.allCases)
    func `Readers see whole blocks, dense sessions and every topic at any moment`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        func block() -> [Draft] { Self.topics.map { Draft(session: "s", topic: $0, payload: "{\"x\":1}") } }
        try test.producer.commit(block(), to: test.log)
        let shared = Shared()
        let reader = test.reader
        let session = test.producer.session("s")
        let tenant = test.producer.id(.tenant, "acme")
        var threads: [SystemThread] = []
        for number in 0..<2 {
            threads.append(
                try SystemThread(name: "reader-\(number)") {
                    while !shared.isDone.load(ordering: .relaxed) {
                        do {
                            try Self.look(reader, session, tenant)
                        } catch {
                            shared.violations.withLock { $0.append("\(error)") }
                            return
                        }
                        shared.rounds.wrappingAdd(1, ordering: .relaxed)
                    }
                })
        }
        for round in 0..<400 {
            try test.producer.commit(block(), to: test.log)
            if round % 7 == 6 { try test.checkpoint() }
            if round % 30 == 29 { try test.retain(RetentionPolicy(log: RetentionLimits(records: 200))) }
        }
        while shared.rounds.load(ordering: .relaxed) < 4, shared.violations.withLock({ $0.isEmpty }) {
            SystemClock.sleep(milliseconds: 1)
        }
        shared.isDone.store(true, ordering: .relaxed)
        for thread in threads { thread.join() }
        #expect(shared.violations.withLock { $0 } == [])
    }

    /// One round of reads: the newest parts of everything must hang together.
    private static func look(_ reader: any LogReader, _ session: NameID, _ tenant: NameID) throws {
        let bounds = reader.bounds
        guard bounds.head.rawValue % 4 == 0 else {
            throw Violation("the log ends at \(bounds.head), inside a block")
        }
        let last = try reader.lastPerTopic(.everything, tenant: tenant, after: nil, PageLimit())
        guard last.count == topics.count else { throw Violation("\(last.count) topics have a last record") }
        for index in 0..<last.count {
            let record = last[index]
            guard record.offset.rawValue + 4 >= bounds.head.rawValue, record.isIntact else {
                throw Violation("the last record at \(record.offset), with the head at \(bounds.head) before")
            }
        }
        let page = try reader.page(.session(session, .backward), PageLimit(records: 40))
        guard page.count > 0 else { throw Violation("the session is empty") }
        var expected: UInt64?
        for index in 0..<page.count {
            let record = page[index]
            if let expected, record.sequence.rawValue != expected {
                throw Violation("number \(record.sequence) of the session comes where \(expected) should")
            }
            expected = record.sequence.rawValue - 1
        }
        let extent = try reader.extent(of: session)
        guard extent.last >= bounds.head.rawValue, extent.count > 0, let first = extent.first,
            first + UInt64(extent.count) == extent.last + 1
        else { throw Violation("extent \(extent) with the head at \(bounds.head) before") }
    }
}
