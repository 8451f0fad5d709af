import HubBytes
import HubModel
import HubStorage
import HubSystem
import Synchronization

/// A log on a storage thread, with a producer that fills the pipeline to it.
final class TestPipeline {
    let producer = TestProducer()
    let storage: StorageThread
    let directory: TemporaryDirectory?
    var pipeline: BlockPipeline
    /// Why blocks came back that are not in the log, in the order in which they came.
    private(set) var failures: [StorageError] = []
    /// First offsets of those blocks.
    private(set) var failedAt: [UInt64] = []
    private var mustGoBack = false

    /// Nothing is due by the clock.
    static let still: @Sendable () -> Timestamp = { TestProducer.start }
    /// Time goes on by itself.
    static let running: @Sendable () -> Timestamp = {
        Timestamp(microseconds: SystemClock.wallMicroseconds())
    }

    convenience init(
        _ kind: LogKind, options: LogOptions = TestPipeline.quiet, bytesMax: Int = 4 << 20,
        clock: @escaping @Sendable () -> Timestamp = TestPipeline.still
    ) throws {
        let directory = kind == .lmdb ? TemporaryDirectory() : nil
        let path = directory?.path
        try self.init(directory, bytesMax: bytesMax, clock: clock) { () throws(StorageError) in
            guard let path else { return MemoryLog(epoch: .random(), retention: options.retention) }
            return try TestLog.openAgain(path, options, now: clock())
        }
    }

    init(
        _ directory: TemporaryDirectory? = nil, bytesMax: Int = 4 << 20,
        clock: @escaping @Sendable () -> Timestamp = TestPipeline.still,
        open: @escaping @Sendable () throws(StorageError) -> any MessageLog
    ) throws {
        self.directory = directory
        storage = try StorageThread(clock: clock, open: open)
        pipeline = BlockPipeline(storage, bytesMax: bytesMax)
    }

    deinit { storage.close() }

    static let quiet = LogOptions(sizeBytesMax: 1 << 30, growthBytes: 1 << 20, checkpoint: TestLog.quiet)

    var reader: any LogReader { storage.reader }

    /// Adds a record to the open block; its offset.
    @discardableResult
    func append(_ draft: Draft, _ durability: Durability = .fsynced) -> UInt64 {
        let header = producer.header(draft, &pipeline.open)
        return draft.payload.withBytes {
            pipeline.append(header, RecordParts(payload: $0), durability).rawValue
        }
    }

    /// Hands the open block over if storage has room.
    @discardableResult
    func flush() -> Bool { pipeline.flush() }

    /// Hands the open block over together with changes, which are gone then.
    @discardableResult
    func flush(with changes: inout StateChanges?) -> Bool { pipeline.flush(with: &changes) }

    /// Takes a block that came back, if there is one.
    func collectNow() -> Bool { pipeline.collect { _, _ in } }

    /// Waits for a block to come back and takes note of it; false if none is on the way.
    @discardableResult
    func collect() -> Bool {
        let answer = pipeline.collectWaiting { block, failure in
            if let failure {
                mustGoBack = true
                failures.append(failure)
                failedAt.append(block.firstOffset.rawValue)
            } else if block.count > 0 {
                producer.note(block.view)
            }
        }
        if mustGoBack, pipeline.blocksOnTheWay == 0 {
            producer.goBack(toNames: reader.bounds.names)
            mustGoBack = false
        }
        return answer
    }

    /// Sends a record by itself and waits until all that was sent is back.
    func write(_ draft: Draft) {
        append(draft)
        pipeline.flush()
        finish()
    }

    /// Hands over what is open and waits until all that was sent is back.
    func finish() {
        while collect() {}
        while pipeline.flush() {
            while collect() {}
        }
    }
}

/// A log in memory that fails or waits when it is told to.
final class UnsteadyLog: MessageLog {
    /// What the log is told by another thread.
    final class Orders: Sendable {
        /// Thrown in place of the next commits, one each.
        let failures = Mutex<[StorageError?]>([])
        /// Thrown in place of every checkpoint.
        let checkpointFailure = Mutex<StorageError?>(nil)
        /// How often the log was maintained.
        let maintained = Atomic(0)
        /// Commits that may go ahead; negative means any number.
        private let permits = Mutex(-1)

        func hold() { permits.withLock { $0 = 0 } }
        func letGo(_ commits: Int = -1) { permits.withLock { $0 = commits } }

        fileprivate func waitForPermit() {
            while true {
                let isPermitted = permits.withLock { permits in
                    if permits > 0 { permits -= 1 } else if permits == 0 { return false }
                    return true
                }
                if isPermitted { return }
                SystemClock.sleep(milliseconds: 1)
            }
        }
    }

    private let inner = MemoryLog(epoch: .random())
    private let orders: Orders

    init(_ orders: Orders) { self.orders = orders }

    var reader: any LogReader { inner.reader }
    func setRetention(_ policy: RetentionPolicy) { inner.setRetention(policy) }

    func commit(
        _ block: inout Block, state: consuming StateChanges?, now: Timestamp
    ) throws(StorageError) {
        orders.waitForPermit()
        let failure = orders.failures.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if let failure { throw failure }
        try inner.commit(&block, state: state, now: now)
    }

    func checkpoint(state: consuming StateChanges?, now: Timestamp) throws(StorageError) {
        if let failure = orders.checkpointFailure.withLock({ $0 }) { throw failure }
        try inner.checkpoint(state: state, now: now)
    }

    func maintain(now: Timestamp) throws(StorageError) -> Bool {
        orders.maintained.wrappingAdd(1, ordering: .relaxed)
        if let failure = orders.checkpointFailure.withLock({ $0 }) { throw failure }
        return try inner.maintain(now: now)
    }
}
