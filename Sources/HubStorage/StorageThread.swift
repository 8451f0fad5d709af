package import HubModel
package import HubSystem
import Synchronization

/// The one thread that writes the log. Blocks come in through a bounded channel and go back through another when
/// they are on disk: while one is being committed the next fills up, so that a batch is whatever came in during
/// the last commit, with no timer and no fixed size.
package final class StorageThread: Sendable {
    /// A block to be written, with changes to the router's checkpoint if there are any. A block without records
    /// brings the changes alone.
    package struct Submission: ~Copyable, Sendable {
        /// Sealed, and beginning where the block before ends.
        package var block: Block
        /// Written in the same transaction.
        package var state: StateChanges?

        /// A block with its changes.
        package init(_ block: consuming Block, state: consuming StateChanges? = nil) {
            self.block = block
            self.state = state
        }
    }

    /// What became of a block; the block itself comes back to be applied and filled again.
    package struct Completion: ~Copyable, Sendable {
        /// The block that was submitted.
        package var block: Block
        /// Nil if it is on disk; else why it is not, and none of it is.
        package let failure: StorageError?

        init(_ block: consuming Block, failure: StorageError?) {
            self.block = block
            self.failure = failure
        }
    }

    /// How often the log looks whether a checkpoint or retention is due, in milliseconds.
    private static let maintenanceMilliseconds = 100
    /// Blocks that wait to be written. `BlockPipeline` sends no more than this before one comes back.
    static let waitingBlocks = 2
    /// Blocks that wait to be applied.
    private static let writtenBlocks = 4

    /// Blocks on their way in.
    package let submissions: Channel<Submission>
    /// Blocks on their way back, in the order in which they came.
    package let completions: Channel<Completion>
    /// The side for reading.
    package let reader: any LogReader
    private let thread: SystemThread
    private let shared: Shared

    /// What the thread tells others.
    private final class Shared: Sendable {
        let opened = Mutex<Result<any LogReader, StorageError>?>(nil)
        let isOpen: EventCounter
        let trouble = Mutex<StorageError?>(nil)
        let retention = Mutex<RetentionPolicy?>(nil)

        init() throws(SystemError) { isOpen = try EventCounter() }
    }

    /// Starts the thread and opens the log on it.
    package init(
        clock: @escaping @Sendable () -> Timestamp,
        open: @escaping @Sendable () throws(StorageError) -> any MessageLog
    ) throws(StorageError) {
        do throws(SystemError) {
            let submissions = try Channel<Submission>(capacity: Self.waitingBlocks)
            let completions = try Channel<Completion>(capacity: Self.writtenBlocks)
            let shared = try Shared()
            thread = try SystemThread(name: "storage") {
                Self.run(submissions, completions, shared, clock, open)
            }
            self.submissions = submissions
            self.completions = completions
            self.shared = shared
        } catch {
            throw StorageError(error, path: "")
        }
        shared.isOpen.wait()
        switch shared.opened.withLock({ $0 }) {
        case .success(let reader): self.reader = reader
        case .failure(let error):
            thread.join()
            throw error
        case nil: preconditionFailure("the storage thread says that it has opened the log before it has")
        }
    }

    /// Writes what was submitted, then a last checkpoint, and ends the thread. Completions that nobody takes
    /// are dropped.
    package func close() {
        submissions.close()
        completions.close()
        thread.join()
    }

    /// What went wrong last outside commits: a checkpoint or retention that could not be written.
    package var trouble: StorageError? { shared.trouble.withLock { $0 } }

    /// Replaces what retention allows, from the next look on.
    package func setRetention(_ policy: RetentionPolicy) { shared.retention.withLock { $0 = policy } }

    // MARK: On the thread

    private static func run(
        _ submissions: Channel<Submission>, _ completions: Channel<Completion>, _ shared: Shared,
        _ clock: @escaping @Sendable () -> Timestamp,
        _ open: @Sendable () throws(StorageError) -> any MessageLog
    ) {
        let log: any MessageLog
        do throws(StorageError) {
            log = try open()
            shared.opened.withLock { $0 = .success(log.reader) }
        } catch {
            shared.opened.withLock { $0 = .failure(error) }
            shared.isOpen.signal()
            return
        }
        shared.isOpen.signal()
        var worker = Worker(log: log, clock: clock, shared: shared)
        while let submission = worker.next(submissions) {
            completions.send(worker.write(submission))
            worker.maintainIfDue()
        }
        worker.finish()
    }

    /// The state of the thread's loop.
    private struct Worker {
        let log: any MessageLog
        let clock: @Sendable () -> Timestamp
        let shared: Shared
        /// Why the last block failed: blocks behind it that were already on their way failed for that reason.
        var lastFailure: StorageError?
        var maintained: UInt64 = 0
        var isMoreToMaintain = false

        init(log: any MessageLog, clock: @escaping @Sendable () -> Timestamp, shared: Shared) {
            self.log = log
            self.clock = clock
            self.shared = shared
        }

        /// The next block, maintaining the log while there is none; nil once the channel is closed and empty.
        mutating func next(_ submissions: Channel<Submission>) -> Submission? {
            while true {
                if let submission = submissions.take() { return submission }
                if submissions.isClosed { return submissions.take() }
                if isMoreToMaintain {
                    maintain()
                    continue
                }
                let wait = StorageThread.maintenanceMilliseconds
                if let submission = submissions.take(waitingMilliseconds: wait) { return submission }
                maintainIfDue()
            }
        }

        mutating func write(_ submission: consuming Submission) -> Completion {
            var block = submission.block
            do throws(StorageError) {
                if block.count == 0 {
                    try log.checkpoint(state: submission.state.take(), now: clock())
                } else {
                    try log.commit(&block, state: submission.state.take(), now: clock())
                    lastFailure = nil
                }
                return Completion(block, failure: nil)
            } catch {
                // A block that was sealed before the failure was known begins behind the log's end.
                let isFollower =
                    error.kind == .refused && lastFailure != nil && block.firstOffset > log.reader.bounds.head
                if !isFollower { lastFailure = error }
                return Completion(block, failure: isFollower ? lastFailure : error)
            }
        }

        mutating func maintainIfDue() {
            let elapsed = SystemClock.monotonicNanoseconds() &- maintained
            if elapsed >= UInt64(StorageThread.maintenanceMilliseconds) * 1_000_000 || isMoreToMaintain {
                maintain()
            }
        }

        private mutating func maintain() {
            if let policy = shared.retention.withLock({ $0.take() }) { log.setRetention(policy) }
            maintained = SystemClock.monotonicNanoseconds()
            do throws(StorageError) {
                isMoreToMaintain = try log.maintain(now: clock())
                shared.trouble.withLock { $0 = nil }
            } catch {
                isMoreToMaintain = false
                shared.trouble.withLock { $0 = error }
            }
        }

        mutating func finish() {
            do throws(StorageError) {
                try log.checkpoint(state: nil, now: clock())
            } catch {
                shared.trouble.withLock { $0 = error }
            }
        }
    }
}
