import Glibc

/// A system call that failed: which, on what, and why.
package struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The error's number, as in `errno`.
    package let code: Int32
    /// What was being done, as `open /data/log`.
    package let operation: String

    /// A failure with a known number.
    package init(code: Int32, operation: String) {
        self.code = code
        self.operation = operation
    }

    /// The failure that the last system call of this thread left behind.
    static func last(_ operation: @autoclosure () -> String) -> SystemError {
        SystemError(code: errno, operation: operation())
    }

    /// What the system says of the error's number.
    package var reason: String { Self.reason(of: code) }

    /// What the system says of an error's number.
    package static func reason(of code: Int32) -> String {
        // Safety: strerror answers with a static or thread-local string, copied at once.
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    /// Operation and reason.
    package var description: String { "\(operation): \(reason)" }

    /// No such file or directory.
    package static let noEntry = ENOENT
    /// Not allowed.
    package static let noAccess = EACCES
    /// Not allowed, whoever asks.
    package static let notPermitted = EPERM
    /// The disk is full.
    package static let noSpace = ENOSPC
    /// The quota is used up.
    package static let quotaExceeded = EDQUOT
    /// The disk failed.
    package static let inputOutput = EIO
    /// The file system is read-only.
    package static let readOnlyFileSystem = EROFS
    /// There is something of that name already.
    package static let exists = EEXIST
    /// It is no directory.
    package static let notADirectory = ENOTDIR
    /// The file would be larger than allowed.
    package static let fileTooLarge = EFBIG
    /// The file system cannot do that.
    package static let notSupported = EOPNOTSUPP
    /// Nobody reads the pipe any more.
    package static let brokenPipe = EPIPE
    /// The argument makes no sense to the system.
    package static let invalid = EINVAL
    /// Nobody listens there.
    package static let connectionRefused = ECONNREFUSED
    /// The other side broke the connection off.
    package static let connectionReset = ECONNRESET
    /// Not done, since it is not wanted any more.
    package static let canceled = ECANCELED
    /// The address is taken.
    package static let addressInUse = EADDRINUSE
    /// The process has no descriptor left.
    package static let noDescriptors = EMFILE
    /// It took too long.
    package static let timedOut = ETIMEDOUT
    /// The other side broke the rules.
    package static let protocolError = EPROTO
}
