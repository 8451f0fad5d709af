import HubModel
import HubStorage
import Testing

/// LMDB must not open a file twice in a process, so a log that is open is found and shared.
@Suite("One environment a process")
struct OneEnvironmentTests {
    private let directory = TemporaryDirectory()

    @Test("a reader beside the log of its own process sees what is written, and closing it harms nobody")
    func shared() throws {
        let now = Timestamp(microseconds: 1_000_000)
        let log = try LMDBLog.open(directory.path, now: now)
        for round in 0..<3 {
            let reader = try LMDBReader.open(directory.path)
            #expect(reader.bounds.epoch == log.reader.bounds.epoch)
            var block = Block(firstOffset: log.reader.bounds.head)
            block.append(RecordHeader(.system, time: now, tenant: .none), RecordParts(payload: RawSpan()))
            block.seal()
            try log.commit(&block, state: nil, now: now)
            try log.checkpoint(state: nil, now: now)
            #expect(try reader.page(.log(), PageLimit()).count == round + 1)
        }
    }

    @Test("a process that reads a log cannot begin to write to it, and is told so")
    func locked() throws {
        let now = Timestamp(microseconds: 1_000_000)
        _ = try LMDBLog.open(directory.path, now: now)
        let reader = try LMDBReader.open(directory.path)
        do {
            _ = try LMDBLog.open(directory.path, now: now)
            Issue.record("it was opened twice")
        } catch {
            #expect(error.kind == .locked && error.description.contains("this very process"))
        }
        #expect(reader.bounds.head == .zero)
    }
}
