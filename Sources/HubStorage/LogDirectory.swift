import HubBytes
import HubModel
import HubSystem

/// The directory of a log: ours, somebody else's, or to be made. Writing needs its lock.
enum LogDirectory {
    /// Locked by the process that writes.
    private static let lockName = "agenthub.lock"
    /// A folder for a log that is being made.
    static let unfinishedLog = "unfinished.log"
    /// In a backup's directory: says what it is a backup of, and that nobody is to write to it.
    static let backupNote = "agenthub.backup"
    /// A folder for a copy that is not complete yet.
    static let unfinishedCopy = "unfinished.copy"

    /// Finds a log for reading.
    static func find(_ path: String) throws(StorageError) {
        guard Directory.exists(path) else { throw StorageError(.notFound, path: path) }
        let entries = try entries(path)
        if !entries.contains(Environment.fileName) {
            if entries.contains(unfinishedCopy) {
                throw StorageError(
                    .notFound, path: path, detail: "only a copy that was not finished is there")
            }
            throw StorageError(entries.isEmpty ? .notFound : .notALog, path: path)
        }
    }

    /// Whether a log or a backup is here by its name: then a file that is none is a loss, and not somebody else's.
    static func isKnown(_ path: String) -> Bool {
        let isThere = Directory.exists("\(path)/\(Environment.fileName)")
        return isThere && [lockName, backupNote].contains { Directory.exists("\(path)/\($0)") }
    }

    /// Runs something that finds out whether a log is in the file, and calls it damage if there was one once.
    static func insisting<Result>(
        _ path: String, isKnown: Bool, _ body: () throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        do throws(StorageError) {
            return try body()
        } catch {
            guard error.kind == .notALog, isKnown else { throw error }
            throw StorageError(.damaged(nil), path: path, detail: error.detail)
        }
    }

    /// Whether a process has the log open for writing.
    static func isBeingWritten(_ path: String) throws(StorageError) -> Bool {
        guard Directory.exists("\(path)/\(lockName)") else { return false }
        return try StorageError.wrapping(path: path) { () throws(SystemError) in
            try !FileDescriptor.open("\(path)/\(lockName)", .read).lockShared()
        }
    }

    /// Makes sure of a directory that a log or a backup can be copied to, and takes the lock of the one who
    /// writes. What an interrupted copy left is removed.
    static func claimForCopy(_ path: String) throws(StorageError) -> FileDescriptor {
        try StorageError.wrapping(path: path) { () throws(SystemError) in try Directory.create(path) }
        var ours: Set = [lockName, unfinishedCopy, "lost+found"]
        let found = try entries(path)
        // A note without a file: the backup was cut short just before its end.
        if !found.contains(Environment.fileName) { ours.insert(backupNote) }
        if found.contains(lockName), try isBeingWritten(path) { throw StorageError(.locked, path: path) }
        if let other = found.first(where: { !ours.contains($0) }) {
            throw StorageError(.notEmpty, path: path, detail: "found \(other)")
        }
        let lock = try takeLock(path)
        if found.contains(unfinishedCopy) { try removeUnfinished(path) }
        if found.contains(backupNote) {
            try StorageError.wrapping(path: path) { () throws(SystemError) in
                try Directory.removeFile("\(path)/\(backupNote)")
            }
        }
        return lock
    }

    /// Removes the folder of an incomplete copy.
    static func removeUnfinished(_ path: String) throws(StorageError) {
        try remove(folder: "\(path)/\(unfinishedCopy)", path)
    }

    /// Makes sure of a directory that a log can be in, and takes the lock of the one who writes. One that has neighbours
    /// in it is known to be meant.
    static func claim(_ path: String, neighbours: [String] = []) throws(StorageError) -> FileDescriptor {
        try StorageError.wrapping(path: path) { () throws(SystemError) in try Directory.create(path) }
        let ours: Set = [Environment.fileName, "lock.mdb", lockName, unfinishedLog]
        let found = try entries(path)
        if found.contains(backupNote) { throw StorageError(.backup, path: path) }
        let strangers = found.filter { !ours.contains($0) && $0 != "lost+found" }
        // A log's directory may get other files later, a backup's notes say; one without a log must be empty.
        if !strangers.isEmpty, !found.contains(where: neighbours.contains),
            !Directory.exists("\(path)/\(Environment.fileName)")
        {
            throw StorageError(.notALog, path: path, detail: "found \(strangers[0])")
        }
        return try takeLock(path)
    }

    private static func takeLock(_ path: String) throws(StorageError) -> FileDescriptor {
        let lock = try StorageError.wrapping(path: path) { () throws(SystemError) in
            try FileDescriptor.open("\(path)/\(lockName)", .readWriteCreating)
        }
        let isOurs = try StorageError.wrapping(path: path) { () throws(SystemError) in
            try lock.lockExclusively()
        }
        guard isOurs else { throw StorageError(.locked, path: path) }
        return lock
    }

    /// Makes an empty log: in a folder beside, then moved into place, so that a file of the log's name is always a
    /// whole log, whenever the power goes.
    static func makeLog(_ path: String, now: Timestamp) throws(StorageError) {
        let folder = "\(path)/\(unfinishedLog)"
        if Directory.exists(folder) { try remove(folder: folder, path) }
        try StorageError.wrapping(path: path) { () throws(SystemError) in try Directory.create(folder) }
        try fill(folder, now)
        try StorageError.wrapping(path: path) { () throws(SystemError) in
            try FileDescriptor.open("\(folder)/\(Environment.fileName)", .readWrite).sync()
            try Directory.rename(
                "\(folder)/\(Environment.fileName)", to: "\(path)/\(Environment.fileName)")
            try Directory.sync(path)
        }
        try remove(folder: folder, path)
    }

    private static let newMapBytes = 1 << 20

    private static func fill(_ folder: String, _ now: Timestamp) throws(StorageError) {
        let environment = try Environment(
            path: folder, mapBytes: newMapBytes, readOnly: false, creating: true)
        var transaction = try environment.write()
        try LogMeta(epoch: .random(), created: now).write(&transaction)
        try transaction.commit()
    }

    private static func remove(folder: String, _ path: String) throws(StorageError) {
        try StorageError.wrapping(path: path) { () throws(SystemError) in
            for name in try Directory.entries(folder) { try Directory.removeFile("\(folder)/\(name)") }
            try Directory.remove(folder)
        }
    }

    private static func entries(_ path: String) throws(StorageError) -> [String] {
        try StorageError.wrapping(path: path) { () throws(SystemError) in try Directory.entries(path) }
    }
}
