import HubModel
import HubSystem
import Synchronization

/// What the writer and the readers of an LMDB log share: the environment, the index since the last checkpoint,
/// and the log's bounds. The last two change together after each commit.
final class LogCore {
    /// What changes after each commit.
    struct Changing: ~Copyable {
        var bounds: LogBounds
        var pending: PendingIndex
        /// Ranges of offsets whose blocks recovery found damaged.
        var damaged: [Range<Offset>]
    }

    let environment: Environment
    private let lock = Mutex(())
    private var changing: Changing

    init(_ environment: Environment, _ changing: consuming Changing) {
        self.environment = environment
        self.changing = changing
    }

    var path: String { environment.path }

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

// Safety: `changing` is changed by the one writing thread alone, always under the lock; other threads look at it
// under the lock only.
extension LogCore: @unchecked Sendable {}

/// How an LMDB log is opened and kept.
package struct LogOptions: Sendable, Equatable {
    /// The most that the file may grow to. It costs address space, not memory or disk.
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
