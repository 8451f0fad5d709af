import HubBytes
package import HubModel
import HubSystem
import Synchronization

/// Copies of a log: made while it is written to, and turned into a log of its own again.
///
/// Both directions write into a folder inside the target and give the file its name last, so that a copy that was
/// cut short is never taken for a log. The next attempt clears it away.
package enum LogBackup {
    /// What was copied.
    package struct Outcome: Sendable, Equatable {
        /// The epoch of the log that the copy was made of.
        package let copiedEpoch: Epoch
        /// The epoch of the copy: the same for a backup, another for a log made from one.
        package let epoch: Epoch
        /// The first offset that the copy has.
        package let start: Offset
        /// The offset behind its last record.
        package let head: Offset
        /// Bytes of the copy's file.
        package let bytes: Int
    }

    private static let progressMilliseconds = 50

    /// Copies the log in a directory into another one, which must be empty or absent, while whoever writes to the
    /// log goes on. `compacting` leaves free pages out: smaller, and slower. Progress is reported as a share of 1.
    package static func backup(
        _ path: String, to target: String, compacting: Bool = false, now: Timestamp,
        progress: (Double) -> Void = { _ in }
    ) throws(StorageError) -> Outcome {
        try fill(target, from: path) { (folder) throws(StorageError) in
            let copied = try copy(path, to: target, compacting: compacting, progress)
            let outcome = try examine(folder, copiedEpoch: copied)
            // The note comes first: a file of a log without it would be a log to write to.
            try writeNote(outcome, of: path, to: target, now: now)
            return outcome
        }
    }

    /// Makes a log from a backup, or from the copy of any log, in a directory that must be empty or absent. All
    /// is as it was but the epoch, which is new: what was written after the backup is gone, and whoever remembers
    /// it must learn that.
    package static func restore(
        _ path: String, to target: String, progress: (Double) -> Void = { _ in }
    ) throws(StorageError) -> Outcome {
        try fill(target, from: path) { (folder) throws(StorageError) in
            let copied = try copy(path, to: target, compacting: false, progress)
            try renewEpoch(folder)
            return try examine(folder, copiedEpoch: copied)
        }
    }

    /// Has `body` fill the folder for a copy that is not complete, which is then moved into place, or removed if
    /// anything failed.
    private static func fill(
        _ target: String, from path: String, _ body: (_ folder: String) throws(StorageError) -> Outcome
    ) throws(StorageError) -> Outcome {
        let lock = try claim(target, besides: path)
        do throws(StorageError) {
            let outcome = try body("\(target)/\(LogDirectory.unfinishedCopy)")
            try finish(target)
            _ = lock
            return outcome
        } catch {
            abandon(target)
            throw error
        }
    }

    private static func claim(_ target: String, besides path: String) throws(StorageError) -> FileDescriptor {
        // Before anything is made: with a wrong source nothing should be left behind.
        try LogDirectory.find(path)
        return try LogDirectory.claimForCopy(target)
    }

    private static func abandon(_ target: String) {
        // The error that led here is the one to report; what stays is cleared away by the next attempt.
        try? LogDirectory.removeUnfinished(target)
    }

    // MARK: Copying

    /// Copies into the target's folder for what is unfinished; the epoch of what was copied.
    private static func copy(
        _ path: String, to target: String, compacting: Bool, _ progress: (Double) -> Void
    ) throws(StorageError) -> Epoch {
        let reader = try LMDBReader.open(path)
        if let range = reader.damaged.first { throw StorageError(.damaged(range), path: path) }
        let environment = reader.core.environment
        let expected = try expectedBytes(environment, compacting: compacting)
        let folder = "\(target)/\(LogDirectory.unfinishedCopy)"
        let file = try StorageError.wrapping(path: target) { () throws(SystemError) in
            let free = try Directory.freeBytes(target)
            guard free > expected else {
                throw SystemError(
                    code: SystemError.noSpace, operation: "\(expected) bytes are needed, \(free) are free")
            }
            try Directory.create(folder)
            return try FileDescriptor.open("\(folder)/\(Environment.fileName)", .createNew)
        }
        try copy(environment, to: file, expected: expected, compacting: compacting, progress)
        try StorageError.wrapping(path: target) { () throws(SystemError) in try file.sync() }
        return reader.bounds.epoch
    }

    private static func expectedBytes(
        _ environment: Environment, compacting: Bool
    ) throws(StorageError) -> Int {
        let facts = environment.facts
        let free = compacting ? try environment.read().freePages() : 0
        return (facts.lastPage + 1 - free) * facts.pageBytes
    }

    /// LMDB copies in a thread of its own; this one watches the file grow.
    private static func copy(
        _ environment: Environment, to file: borrowing FileDescriptor, expected: Int, compacting: Bool,
        _ progress: (Double) -> Void
    ) throws(StorageError) {
        let job = try StorageError.wrapping(path: environment.path) { () throws(SystemError) in try CopyJob()
        }
        let number = file.number
        let thread = try StorageError.wrapping(path: environment.path) { () throws(SystemError) in
            try SystemThread(name: "backup") { job.run(environment, to: number, compacting: compacting) }
        }
        progress(0)
        while !job.finished.wait(milliseconds: progressMilliseconds) {
            guard let size = try? file.size() else { continue }
            progress(min(1, Double(size) / Double(max(expected, 1))))
        }
        thread.join()
        if let failure = job.failure.withLock({ $0 }) { throw failure }
        progress(1)
    }

    /// What the copying thread and the watching one share.
    private final class CopyJob: Sendable {
        let finished: EventCounter
        let failure = Mutex<StorageError?>(nil)

        init() throws(SystemError) { finished = try EventCounter() }

        func run(_ environment: Environment, to descriptor: Int32, compacting: Bool) {
            do throws(StorageError) {
                try environment.copy(to: descriptor, compacting: compacting)
            } catch {
                failure.withLock { $0 = error }
            }
            finished.signal()
        }
    }

    // MARK: Finishing

    /// Opens the copy and makes sure that it is a log whose end can be read.
    private static func examine(_ folder: String, copiedEpoch: Epoch) throws(StorageError) -> Outcome {
        let reader = try LMDBReader.open(folder)
        if let range = reader.damaged.first { throw StorageError(.damaged(range), path: folder) }
        let bounds = reader.bounds
        let bytes = try StorageError.wrapping(path: folder) { () throws(SystemError) in
            try FileDescriptor.open("\(folder)/\(Environment.fileName)", .read).size()
        }
        return Outcome(
            copiedEpoch: copiedEpoch, epoch: bounds.epoch, start: bounds.start, head: bounds.head,
            bytes: bytes)
    }

    private static func renewEpoch(_ folder: String) throws(StorageError) {
        let environment = try Environment(
            path: folder, mapBytes: LogOptions().sizeBytesMax, readOnly: false, creating: false)
        guard var meta = try LogMeta.read(environment.read()) else {
            throw StorageError(.notALog, path: folder, detail: "the file has no record about a log")
        }
        meta.epoch = .random()
        var transaction = try environment.write()
        try meta.write(&transaction)
        try transaction.commit()
    }

    private static func writeNote(
        _ outcome: Outcome, of path: String, to target: String, now: Timestamp
    ) throws(StorageError) {
        let text = """
            AgentHub backup
            made \(now)
            epoch \(outcome.epoch)
            offsets \(outcome.start) to \(outcome.head), the last not included
            restore it with: agenthub log restore \(target) DIRECTORY

            """
        try StorageError.wrapping(path: target) { () throws(SystemError) in
            let file = try FileDescriptor.open("\(target)/\(LogDirectory.backupNote)", .createNew)
            try text.withBytes { (bytes) throws(SystemError) in try file.write(bytes, at: 0) }
            try file.sync()
            try Directory.sync(target)
        }
    }

    /// Gives the copy its name: from here on it is there, whatever happens.
    private static func finish(_ target: String) throws(StorageError) {
        let folder = "\(target)/\(LogDirectory.unfinishedCopy)"
        try StorageError.wrapping(path: target) { () throws(SystemError) in
            try FileDescriptor.open("\(folder)/\(Environment.fileName)", .read).sync()
            try Directory.rename("\(folder)/\(Environment.fileName)", to: "\(target)/\(Environment.fileName)")
            try Directory.sync(target)
            try Directory.sync("\(target)/..")
        }
        try LogDirectory.removeUnfinished(target)
    }
}
