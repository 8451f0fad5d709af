import HubModel
import HubSystem
import Synchronization

/// What the writer and the readers of an LMDB log share: the environment, the index since the last checkpoint,
/// and the log's bounds. The last two change together after each commit.
final class LogCore {
    /// What changes after each commit.
    struct Changing: ~Copyable {
        /// Replaced once, when a write has failed for good.
        var environment: Environment
        var bounds: LogBounds
        var pending: PendingIndex
        /// Ranges of offsets whose blocks recovery found damaged.
        var damaged: [Range<Offset>]
    }

    let path: String
    /// Whether another process writes, so that what is known here has to be brought up to what is in the file.
    private let follows: Bool
    private let lock = Mutex(())
    private var changing: Changing

    /// A core around what recovery found.
    init(_ environment: Environment, _ recovered: consuming Recovery.Result, follows: Bool) {
        path = environment.path
        self.follows = follows
        changing = Changing(
            environment: environment, bounds: recovered.bounds, pending: recovered.pending,
            damaged: recovered.damaged)
    }

    /// Takes a snapshot together with what belongs to it: a commit or a checkpoint between the two would hide
    /// records from whoever looks.
    func look<Result: ~Copyable>(
        _ body: (Snapshot, borrowing Changing) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try lock.withLock { (_) throws(StorageError) in
            let snapshot = try changing.environment.read()
            if follows { try catchUp(with: snapshot) }
            return try body(snapshot, changing)
        }
    }

    /// After each checkpoint of the process that writes, the index since then is made again from the file. What it
    /// commits until the next is not seen, so that what is seen fits together.
    private func catchUp(with snapshot: Snapshot) throws(StorageError) {
        guard let meta = try LogMeta.read(snapshot), meta.indexedTo != changing.pending.base else { return }
        let recovered = try Recovery.run(snapshot, meta)
        changing = Changing(
            environment: changing.environment, bounds: recovered.bounds, pending: recovered.pending,
            damaged: recovered.damaged)
    }

    /// The environment that reads go to.
    var environment: Environment { read { $0.environment } }

    /// After a failed write LMDB may refuse to read as well. Nobody writes any more, so the file can be opened
    /// once more beside, without LMDB's lock file, which a process must not open twice.
    func reopenForReading() {
        let reopened = try? Environment(
            path: path, mapBytes: 0, readOnly: true, creating: false, unnoticed: true)
        if let reopened { change { $0.environment = reopened } }
    }

    /// Looks at what changes, from any thread.
    func read<Result: ~Copyable, Failure: Error>(
        _ body: (borrowing Changing) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try lock.withLock { (_) throws(Failure) in try body(changing) }
    }

    /// Looks at what changes, from the thread that writes: nobody else changes it, so no lock is needed, and a
    /// long look (a checkpoint) keeps no reader waiting.
    func readAsWriter<Result: ~Copyable, Failure: Error>(
        _ body: (borrowing Changing) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(changing)
    }

    /// Changes it, from the thread that writes.
    func change(_ body: (inout Changing) -> Void) {
        lock.withLock { _ in body(&changing) }
    }
}

// Safety: `changing` is changed by the one writing thread alone, or where there is none by whoever looks, always
// under the lock; other threads look at it under the lock only.
extension LogCore: @unchecked Sendable {}

/// How an LMDB log is opened and kept.
package struct LogOptions: Sendable, Equatable {
    /// The most that the file may grow to before blocks are refused. What makes room may go beyond by up to 64 MiB:
    /// checkpoints, retention, and blocks for which LMDB has free pages but not enough of them in a row. It costs
    /// address space, not memory or disk.
    package var sizeBytesMax: Int
    /// How far ahead of its content the file is extended, so that commits seldom wait for the file system to
    /// find room.
    package var growthBytes: Int
    /// When indexes and router state are written.
    package var checkpoint: CheckpointPolicy
    /// How much is kept.
    package var retention: RetentionPolicy
    /// Bytes of blocks that one call of `maintain` may remove or rewrite: bounds how long it takes.
    package var retentionBytesPerCall: Int
    /// Files of the log's owner: a directory with one of them in it is his, and a log can be made there.
    package var neighbours: [String] = []

    /// Options; the defaults suit a hub on a server's disk.
    package init(
        sizeBytesMax: Int = 1 << 40, growthBytes: Int = 64 << 20,
        checkpoint: CheckpointPolicy = CheckpointPolicy(), retention: RetentionPolicy = .everything,
        retentionBytesPerCall: Int = 64 << 20
    ) {
        self.sizeBytesMax = sizeBytesMax
        self.growthBytes = growthBytes
        self.checkpoint = checkpoint
        self.retention = retention
        self.retentionBytesPerCall = retentionBytesPerCall
    }
}
