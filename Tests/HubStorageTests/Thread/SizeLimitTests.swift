import HubBytes
import HubModel
import HubStorage
import HubSystem
import Testing

/// A log that has reached its size: it says so, and goes on when retention has made room.
@Suite struct SizeLimitTests {
    private static let payload = String(repeating: "x", count: 20_000)

    private func options(_ checkpoint: CheckpointPolicy) -> LogOptions {
        LogOptions(sizeBytesMax: 16 << 20, growthBytes: 1 << 20, checkpoint: checkpoint)
    }

    /// Writes until the log refuses; fails the test if it never does.
    private func fill(_ test: TestPipeline, _ draft: (Int) -> Draft) {
        var written = 0
        while test.failures.isEmpty, written < 20_000 {
            test.write(draft(written))
            written += 1
        }
        #expect(test.failures.first?.kind == .sizeLimit, "\(test.failures)")
    }

    private func expectRoomAgain(_ test: TestPipeline, _ draft: Draft) throws {
        let path = try #require(test.directory?.path)
        let failure = try #require(test.failures.first)
        #expect(failure.isTransient && failure.path == path)
        #expect(
            failure.description
                == "the log in \(path) has reached its size limit: raise the limit or shorten retention")
        let head = test.reader.bounds.head
        #expect(try test.reader.all(.log()).rows == test.producer.rows())
        test.storage.setRetention(RetentionPolicy(log: RetentionLimits(bytes: 2 << 20)))
        #expect(
            test.reader.soon { $0.bounds.start > Offset(head.rawValue / 2) },
            "\(String(describing: test.storage.trouble))")
        // From now on room is made again and again: whoever is refused waits for the next look at retention.
        var written = 0
        var attempts = 0
        while written < 1000, attempts < 2000 {
            let before = test.reader.bounds.head
            test.write(draft)
            attempts += 1
            if test.reader.bounds.head > before { written += 1 } else { SystemClock.sleep(milliseconds: 20) }
        }
        #expect(written == 1000)
        #expect(test.failures.allSatisfy { $0.kind == .sizeLimit })
        // LMDB's own limit lies behind ours and is never met.
        #expect(!test.failures.contains { $0.detail.contains("MAP_FULL") })
        let bounds = test.reader.bounds
        #expect(bounds.start > .zero && bounds.head > head)
        #expect(try test.reader.all(.log()).rows == test.producer.rows { $0.offset >= bounds.start.rawValue })
        let file = try FileDescriptor.open("\(path)/data.mdb", .read)
        let size = try file.size()
        #expect(size <= (16 << 20) + (64 << 20))
        test.storage.close()
    }

    @Test func `A full log refuses, and goes on by itself when retention has made room`() throws {
        let checkpoint = CheckpointPolicy(intervalMilliseconds: 1, bytes: 1 << 40, names: 1 << 40)
        let test = try TestPipeline(.lmdb, options: options(checkpoint), clock: TestPipeline.running)
        fill(test) { _ in Draft(session: "s", topic: "t", payload: Self.payload) }
        try expectRoomAgain(test, Draft(session: "s", topic: "t", payload: Self.payload))
    }

    @Test func `A log that is full before its first checkpoint gets one, and so comes to have room`() throws {
        // As with a burst that fills the log between two checkpoints.
        let checkpoint = CheckpointPolicy(intervalMilliseconds: 1 << 40, bytes: 8 << 20, names: 1 << 40)
        let test = try TestPipeline(.lmdb, options: options(checkpoint), clock: TestPipeline.running)
        let names = (0..<50).map { number in
            (0..<40).map { Draft(session: "\(number) \($0)", topic: "t") }
        }
        for drafts in names {
            for draft in drafts { test.append(draft) }
            test.finish()
        }
        fill(test) { Draft(session: "\($0 % 50) 1", topic: "t", payload: Self.payload) }
        try expectRoomAgain(test, Draft(session: "0 1", topic: "t", payload: Self.payload))
    }

    @Test func `A checkpoint that finds no room does not keep retention from making some`() throws {
        let test = try TestLog(.lmdb, checkpoint: CheckpointPolicy(names: 12_000), sizeBytesMax: 16 << 20)
        for _ in 0..<100 { try test.commit(Draft(session: "s", payload: Self.payload)) }
        try test.checkpoint()
        // More lists than a checkpoint can have pages for, before and behind the limit.
        for block in 0..<120 {
            try test.producer.commit((0..<100).map { Draft(session: "\(block) \($0)") }, to: test.log)
        }
        test.log.setRetention(RetentionPolicy(log: RetentionLimits(records: 10)))
        #expect {
            while try test.log.maintain(now: test.producer.time) {}
        } throws: {
            ($0 as? StorageError)?.kind == .sizeLimit
        }
        #expect(test.reader.bounds.start == Offset(100))
    }
}
