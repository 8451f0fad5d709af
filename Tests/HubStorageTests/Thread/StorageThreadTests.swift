import HubBytes
import HubModel
import HubStorage
import HubSystem
import Synchronization
import Testing

/// The thread that writes, on both logs.
@Suite struct StorageThreadTests {
    private func state(_ reader: any LogReader) throws -> [String] {
        var found: [String] = []
        try reader.forEachState { key, value in found.append("\(key.text)=\(value.text)") }
        return found
    }

    private func change(_ key: String, _ value: String, appliedTo: Offset) -> StateChanges? {
        var changes = StateChanges(appliedTo: appliedTo)
        key.withBytes { key in value.withBytes { changes.set(key, $0) } }
        return changes
    }

    @Test(arguments: LogKind.allCases)
    func `What was submitted comes back committed, in order`(_ kind: LogKind) throws {
        let test = try TestPipeline(kind)
        for round in 0..<200 {
            for index in 0...(round % 3) {
                let offset = test.append(Draft(session: "s\(index)", topic: "t", payload: "\(round)"))
                #expect(offset + 1 == test.pipeline.nextOffset.rawValue)
            }
            if !test.flush() { test.collect() }
        }
        test.finish()
        #expect(test.failures.isEmpty)
        let head = test.reader.bounds.head
        #expect(
            head == test.pipeline.nextOffset
                && test.producer.records.map(\.offset) == Array(0..<head.rawValue))
        #expect(try test.reader.all(.log()).rows == test.producer.rows())
        let session = test.producer.session("s2")
        let rows = test.producer.rows(isSession: true) { $0.session == session }
        #expect(try test.reader.all(.session(session)).rows == rows)
        test.storage.close()
    }

    @Test(arguments: LogKind.allCases)
    func `A receipt from memory is noted in the record, which is in the log all the same`(
        _ kind: LogKind
    ) throws {
        let test = try TestPipeline(kind)
        let levels: [Durability] = [.fsynced, .memory, .fsynced, .memory]
        for level in levels { test.append(Draft(session: "s"), level) }
        test.finish()
        let page = try test.reader.page(.log(), PageLimit())
        var found: [Bool] = []
        for index in 0..<page.count {
            let record = page[index]
            found.append(record.flags.contains(.receiptedFromMemory))
        }
        #expect(found == [false, true, false, true])
    }

    @Test(arguments: LogKind.allCases)
    func `State travels with a block, and alone`(_ kind: LogKind) throws {
        let test = try TestPipeline(kind)
        test.append(Draft(session: "s"))
        var changes = change("a", "1", appliedTo: Offset(1))
        var isTaken = test.flush(with: &changes)
        #expect(isTaken)
        if changes != nil { Issue.record("the changes are still here") }
        test.collect()
        #expect(try state(test.reader) == ["a=1"])
        changes = change("b", "2", appliedTo: Offset(1))
        #expect(!test.flush())
        isTaken = test.flush(with: &changes)
        #expect(isTaken)
        test.collect()
        #expect(try state(test.reader) == ["a=1", "b=2"])
        #expect(test.reader.bounds.head == Offset(1) && test.reader.bounds.stateAppliedTo == Offset(1))
        test.write(Draft(session: "s"))
        #expect(test.failures.isEmpty && test.reader.bounds.head == Offset(2))
    }

    @Test func `State stays with its owner while storage has no room`() throws {
        let orders = UnsteadyLog.Orders()
        let test = try TestPipeline { UnsteadyLog(orders) }
        orders.hold()
        for _ in 0..<2 {
            test.append(Draft(session: "s"))
            #expect(test.flush())
        }
        var changes = change("a", "1", appliedTo: .zero)
        var isTaken = test.flush(with: &changes)
        #expect(!isTaken)
        if changes == nil { Issue.record("the changes are gone") }
        orders.letGo()
        test.finish()
        isTaken = test.flush(with: &changes)
        #expect(isTaken)
        test.finish()
        #expect(try state(test.reader) == ["a=1"])
    }

    @Test(arguments: LogKind.allCases)
    func `A new retention policy takes effect while nothing else happens`(_ kind: LogKind) throws {
        let test = try TestPipeline(kind)
        for _ in 0..<50 { test.write(Draft(session: "s")) }
        // Indexes must be past what goes: a checkpoint, as an empty block with changes brings it.
        var changes = change("a", "1", appliedTo: .zero)
        test.flush(with: &changes)
        test.finish()
        #expect(test.reader.bounds.start == .zero)
        test.storage.setRetention(RetentionPolicy(log: RetentionLimits(records: 10)))
        #expect(test.reader.soon { $0.bounds.start == Offset(40) })
        #expect(test.storage.trouble == nil)
    }

    @Test func `A log that nobody writes to is maintained`() throws {
        let orders = UnsteadyLog.Orders()
        let test = try TestPipeline { UnsteadyLog(orders) }
        #expect(test.reader.soon { _ in orders.maintained.load(ordering: .relaxed) >= 3 })
        test.storage.close()
    }

    @Test func `A checkpoint is written while nobody writes`() throws {
        var options = TestPipeline.quiet
        options.checkpoint.intervalMilliseconds = 20
        let test = try TestPipeline(.lmdb, options: options, clock: TestPipeline.running)
        test.producer.time = TestPipeline.running()
        test.write(Draft(session: "s"))
        let path = try #require(test.directory?.path)
        // Another process's view shows what the last checkpoint covers.
        let isSeen = test.reader.soon { _ in
            guard let other = try? LMDBReader.open(path) else { return false }
            return (try? other.extent(of: NameID(3)))?.count == 1
        }
        #expect(isSeen)
        test.storage.close()
    }

    @Test func `Trouble outside commits is told of, and forgotten when it is over`() throws {
        let orders = UnsteadyLog.Orders()
        let test = try TestPipeline { UnsteadyLog(orders) }
        let failure = StorageError(.diskFull, path: "here")
        orders.checkpointFailure.withLock { $0 = failure }
        #expect(test.reader.soon { _ in test.storage.trouble == failure })
        test.write(Draft(session: "s"))
        #expect(test.failures.isEmpty)
        orders.checkpointFailure.withLock { $0 = nil }
        #expect(test.reader.soon { _ in test.storage.trouble == nil })
        orders.checkpointFailure.withLock { $0 = failure }
        test.storage.close()
        #expect(test.storage.trouble == failure)
    }

    @Test func `Closing writes a last checkpoint, so that opening has nothing to read again`() throws {
        let test = try TestPipeline(.lmdb)
        for _ in 0..<20 { test.write(Draft(session: "s", topic: "t")) }
        let path = try #require(test.directory?.path)
        test.storage.close()
        let log = try TestLog.openAgain(path, TestPipeline.quiet, now: TestProducer.start)
        #expect(log.recordsSinceCheckpoint == 0 && log.reader.bounds.head == Offset(20))
        #expect(try log.reader.all(.log()).rows == test.producer.rows())
    }

    @Test(arguments: LogKind.allCases)
    func `Closing writes all that was submitted first`(_ kind: LogKind) throws {
        let test = try TestPipeline(kind)
        test.write(Draft(session: "s"))
        for _ in 0..<2 {
            test.append(Draft(session: "s"))
            #expect(test.flush())
        }
        test.storage.close()
        #expect(test.reader.bounds.head == Offset(3))
        test.append(Draft(session: "s"))
        #expect(!test.flush())
    }

    @Test func `A log that cannot be opened is why the thread cannot be started`() throws {
        let directory = TemporaryDirectory()
        let file = "\(directory.path)/file"
        do { _ = try FileDescriptor.open(file, .createNew) }
        #expect {
            _ = try StorageThread(clock: TestPipeline.still) { () throws(StorageError) in
                try LMDBLog.open(file, now: TestProducer.start)
            }
        } throws: {
            ($0 as? StorageError)?.kind == .notALog && (($0 as? StorageError)?.path == file)
        }
    }
}

extension LogReader {
    /// Whether something comes true before a few seconds are over.
    func soon(_ isSo: (Self) -> Bool) -> Bool {
        for _ in 0..<2500 {
            if isSo(self) { return true }
            SystemClock.sleep(milliseconds: 2)
        }
        return false
    }
}
