import HubBytes
import HubModel
import HubSystem

/// The directory of a log: ours, somebody else's, or to be made. Writing needs its lock.
enum LogDirectory {
    /// Locked by the process that writes. Says what the directory is, once a log is in it.
    private static let lockName = "agenthub.lock"
    private static let marker = "AgentHub log\n"

    /// Finds a log for reading.
    static func find(_ path: String) throws(StorageError) {
        guard Directory.exists(path) else { throw StorageError(.notFound, path: path) }
        let entries = try entries(path)
        if !entries.contains(Environment.fileName) {
            throw StorageError(entries.isEmpty ? .notFound : .notALog, path: path)
        }
    }

    /// Makes sure of a directory that a log can be in, and takes the lock of the one who writes.
    static func claim(_ path: String) throws(StorageError) -> FileDescriptor {
        try StorageError.wrapping(path: path) { () throws(SystemError) in try Directory.create(path) }
        let ours: Set = [Environment.fileName, "lock.mdb", lockName]
        let strangers = try entries(path).filter { !ours.contains($0) && $0 != "lost+found" }
        // A log's directory may get other files later, a backup's notes say; one without a log must be empty.
        if !strangers.isEmpty, !Directory.exists("\(path)/\(Environment.fileName)") {
            throw StorageError(.notALog, path: path, detail: "found \(strangers[0])")
        }
        let lock = try StorageError.wrapping(path: path) { () throws(SystemError) in
            try FileDescriptor.open("\(path)/\(lockName)", .readWriteCreating)
        }
        let isOurs = try StorageError.wrapping(path: path) { () throws(SystemError) in
            try lock.lockExclusively()
        }
        guard isOurs else { throw StorageError(.locked, path: path) }
        return lock
    }

    /// Removes a file that LMDB had begun to make when the power went: it has at most the two pages that LMDB
    /// writes first, without ever having been synced.
    static func clearUnfinished(_ path: String) throws(StorageError) {
        let name = "\(path)/\(Environment.fileName)"
        guard Directory.exists(name) else { return }
        try StorageError.wrapping(path: path) { () throws(SystemError) in
            let file = try FileDescriptor.open(name, .read)
            guard try file.size() <= firstPagesBytes else { return }
            let bytes = try file.read(firstPagesBytes, at: 0)
            let isBlank = bytes.allSatisfy { $0 == 0 }
            let pages = stride(from: 0, to: bytes.count, by: firstPagesBytes / 2)
            let isLMDB = pages.contains { bytes.dropFirst($0 + 16).starts(with: magic) }
            guard isBlank || isLMDB else { return }
            try Directory.removeFile(name)
        }
    }

    private static let firstPagesBytes = 8192
    /// LMDB's own mark, at byte 16 of its first two pages.
    private static let magic: [UInt8] = [0xde, 0xc0, 0xef, 0xbe]

    /// Whether a log was made here once: then a missing or empty file is a loss, not a beginning.
    static func isMarked(_ lock: borrowing FileDescriptor, path: String) throws(StorageError) -> Bool {
        do throws(SystemError) { return try !lock.read(1, at: 0).isEmpty } catch {
            throw StorageError(error, path: path)
        }
    }

    /// Notes that there is a log now, and makes sure that its files outlive a power cut.
    static func mark(_ lock: borrowing FileDescriptor, path: String) throws(StorageError) {
        do throws(SystemError) {
            try marker.withBytes { (bytes) throws(SystemError) in try lock.write(bytes, at: 0) }
            try lock.sync()
            try Directory.sync(path)
        } catch {
            throw StorageError(error, path: path)
        }
    }

    private static func entries(_ path: String) throws(StorageError) -> [String] {
        try StorageError.wrapping(path: path) { () throws(SystemError) in try Directory.entries(path) }
    }
}
