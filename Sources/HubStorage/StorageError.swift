package import HubModel
package import HubSystem

/// Why the log could not do something, with a sentence that says what to do about it.
package struct StorageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What happened.
    package enum Kind: Equatable, Sendable {
        /// There is no log at the path.
        case notFound
        /// The path holds something else: files that are not ours.
        case notALog
        /// A newer program wrote the log.
        case newerFormat(found: Int, supported: Int)
        /// Another process writes to the log.
        case locked
        /// The process may not read or write the files.
        case noPermission
        /// The file system is mounted read-only, or the log was opened for reading.
        case readOnly
        /// No room on the disk; writes can go on when there is.
        case diskFull
        /// The log has reached its configured size; writes can go on when retention has made room.
        case sizeLimit
        /// The disk reported an error.
        case inputOutput
        /// The disk did not confirm a write. What the kernel still holds is unknown: only a restart is safe.
        case syncFailed
        /// Bytes of the log are not what was written.
        case damaged(Range<Offset>?)
        /// The file is shorter than the log in it.
        case truncated
        /// The block breaks the log's rules; a bug of the caller's.
        case refused
        /// Too many readers at once.
        case tooManyReaders
        /// The log was closed.
        case closed
        /// A directory that must be empty or absent is not.
        case notEmpty
        /// The directory holds a backup, which is for restoring and not for writing to.
        case backup
        /// Anything else, by LMDB's or the system's number.
        case other(Int32)
    }

    /// What happened.
    package let kind: Kind
    /// The log's directory, or the file concerned.
    package let path: String
    /// What exactly was found, for the curious.
    package let detail: String

    /// An error of a kind at a path.
    package init(_ kind: Kind, path: String, detail: String = "") {
        self.kind = kind
        self.path = path
        self.detail = detail
    }

    /// A failed system call, put in the log's terms.
    package init(_ error: SystemError, path: String) {
        self.init(Self.kind(ofSystemCode: error.code), path: path, detail: error.description)
    }

    /// Runs something that calls the system, and puts its failure in the log's terms.
    static func wrapping<Result: ~Copyable>(
        path: String, _ body: () throws(SystemError) -> Result
    ) throws(StorageError) -> Result {
        do throws(SystemError) {
            return try body()
        } catch {
            throw StorageError(error, path: path)
        }
    }

    static func kind(ofSystemCode code: Int32) -> Kind {
        switch code {
        case SystemError.noEntry: .notFound
        case SystemError.noAccess, SystemError.notPermitted: .noPermission
        case SystemError.readOnlyFileSystem: .readOnly
        case SystemError.noSpace, SystemError.quotaExceeded, SystemError.fileTooLarge: .diskFull
        case SystemError.inputOutput: .inputOutput
        case SystemError.notADirectory: .notALog
        default: .other(code)
        }
    }

    /// Whether the log takes writes again by itself once the cause is gone.
    package var isTransient: Bool {
        switch kind {
        case .diskFull, .sizeLimit, .tooManyReaders: true
        default: false
        }
    }

    /// What happened and what to do.
    package var description: String {
        detail.isEmpty ? sentence : "\(sentence) (\(detail))"
    }

    private var sentence: String {
        switch kind {
        case .notFound:
            "there is no log in \(path): check the path, or start the hub to make one"
        case .notALog:
            "\(path) holds files that are not an AgentHub log: choose an empty directory or the log's own"
        case .newerFormat(let found, let supported):
            "the log in \(path) has format \(found) and this program reads up to \(supported): "
                + "use the newer program that wrote it"
        case .locked:
            "another process is writing to the log in \(path): stop it first, or choose another directory"
        case .noPermission:
            "the files in \(path) may not be read or written by this user: run as their owner or change it"
        case .readOnly:
            "the log in \(path) can only be read: remount the file system for writing, or choose another directory"
        case .diskFull:
            "no room on the disk that holds \(path): free some; writes go on by themselves, nothing is lost"
        case .sizeLimit:
            "the log in \(path) has reached its size limit: raise the limit or shorten retention"
        case .inputOutput:
            "the disk that holds \(path) reports errors: check it, and restore a backup if data is gone"
        case .syncFailed:
            "the disk that holds \(path) did not confirm a write: writes are stopped; check the disk and restart"
        case .damaged(let range):
            "the log in \(path) is damaged\(Self.range(range)): restore a backup, or run a check to see how much"
        case .truncated:
            "the log file in \(path) is shorter than it must be: restore a backup"
        case .refused:
            "the log in \(path) refused a block that breaks its rules"
        case .tooManyReaders:
            "too many readers of the log in \(path) at once: try again"
        case .closed:
            "the log in \(path) is closed"
        case .notEmpty:
            "\(path) is not empty: choose a directory that is, or that does not exist yet"
        case .backup:
            "\(path) holds a backup: restore it into another directory with agenthub log restore"
        case .other(let code):
            "the log in \(path) failed with error \(code)"
        }
    }

    private static func range(_ range: Range<Offset>?) -> String {
        guard let range else { return "" }
        return " at offsets \(range.lowerBound) to \(range.upperBound.rawValue - 1)"
    }
}
