import HubModel
import HubStorage
import HubSystem

/// The kinds of log that keep the contract.
enum LogKind: String, CaseIterable, Sendable {
    case lmdb, memory
}

/// A log of either kind, with a producer that writes to it.
final class TestLog {
    let kind: LogKind
    let producer = TestProducer()
    private let options: LogOptions
    private let directory: TemporaryDirectory?
    private var current: (any MessageLog)?

    /// Nothing happens by itself: checkpoints are made when a test asks for them.
    static let quiet = CheckpointPolicy(intervalMilliseconds: 1 << 40, bytes: 1 << 40, names: 1 << 40)

    init(
        _ kind: LogKind, checkpoint: CheckpointPolicy = TestLog.quiet,
        retention: RetentionPolicy = .everything,
        retentionBytesPerCall: Int = 64 << 20, sizeBytesMax: Int = 1 << 30
    ) throws {
        self.kind = kind
        options = LogOptions(
            sizeBytesMax: sizeBytesMax, growthBytes: 1 << 20, checkpoint: checkpoint, retention: retention,
            retentionBytesPerCall: retentionBytesPerCall)
        switch kind {
        case .lmdb:
            let directory = TemporaryDirectory()
            self.directory = directory
            current = try LMDBLog.open(directory.path, options: options, now: producer.time)
        case .memory:
            directory = nil
            current = MemoryLog(epoch: .random(), retention: retention)
        }
    }

    var log: any MessageLog {
        guard let current else { fatalError("the log could not be opened again") }
        return current
    }

    var reader: any LogReader { log.reader }
    var path: String { directory?.path ?? "" }

    /// Lets go of the log, as a killed process does, and opens what is left. No page or reader may be held.
    func reopen() throws {
        switch kind {
        case .lmdb:
            close()
            current = try Self.openAgain(path, options, now: producer.time)
        case .memory:
            current = (log as? MemoryLog)?.reopened()
        }
    }

    /// A process that another test is just starting holds a copy of every lock until it becomes its program.
    static func openAgain(
        _ path: String, _ options: LogOptions, now: Timestamp
    ) throws(StorageError) -> LMDBLog {
        var patience = 1000
        while true {
            do throws(StorageError) {
                return try LMDBLog.open(path, options: options, now: now)
            } catch {
                patience -= 1
                guard error.kind == .locked, patience > 0 else { throw error }
                SystemClock.sleep(milliseconds: 2)
            }
        }
    }

    func close() { current = nil }

    func commit(
        _ drafts: Draft..., state: consuming StateChanges? = nil
    ) throws { try producer.commit(drafts, to: log, state: state) }

    func checkpoint() throws { try log.checkpoint(state: nil, now: producer.time) }

    /// Checkpoints and removes until nothing more is to be done.
    func retain(_ policy: RetentionPolicy? = nil) throws {
        if let policy { log.setRetention(policy) }
        try checkpoint()
        var rounds = 0
        while try log.maintain(now: producer.time) {
            rounds += 1
            guard rounds < 10_000 else { fatalError("maintenance does not end") }
        }
    }

    func wait(milliseconds: Int64) { producer.time = producer.time.adding(milliseconds: milliseconds) }
}
