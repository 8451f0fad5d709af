import CLinux
import Glibc

/// An open file, closed when its owner lets go of it.
package struct FileDescriptor: ~Copyable, Sendable {
    /// The system's number for it.
    package let number: Int32

    /// Takes over a descriptor that nobody else will close.
    package init(owning number: Int32) {
        precondition(number >= 0)
        self.number = number
    }

    deinit { _ = Glibc.close(number) }

    /// How a file is opened.
    package enum Mode: Sendable {
        /// To be read.
        case read
        /// To be read and written; it must exist.
        case readWrite
        /// To be read and written; made if missing, readable by its owner alone.
        case readWriteCreating
        /// To be written from scratch; must not exist, readable by its owner alone.
        case createNew
        /// To be written at its end, wherever that is then; made if missing, readable by its owner alone.
        case append
    }

    /// Opens a file.
    package static func open(_ path: String, _ mode: Mode) throws(SystemError) -> FileDescriptor {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .readWriteCreating: O_RDWR | O_CREAT
            case .createNew: O_RDWR | O_CREAT | O_EXCL
            case .append: O_WRONLY | O_CREAT | O_APPEND
            }
        // Safety: the path is lent to the call as a terminated string.
        let number = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw .last("open \(path)") }
        return FileDescriptor(owning: number)
    }

    /// Bytes in the file.
    package func size() throws(SystemError) -> Int {
        var status = stat()
        // Safety: `status` outlives the call.
        guard unsafe fstat(number, &status) == 0 else { throw .last("fstat") }
        return status.st_size
    }

    /// Which file this is, by whatever name it was opened.
    package struct Identity: Hashable, Sendable {
        private let device: UInt64
        private let inode: UInt64

        fileprivate init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
        }
    }

    /// Which file this is.
    package func identity() throws(SystemError) -> Identity {
        var status = stat()
        // Safety: `status` outlives the call.
        guard unsafe fstat(number, &status) == 0 else { throw .last("fstat") }
        return Identity(status)
    }

    /// Who may do what with the file, in the nine bits that `chmod` takes.
    package func permissions() throws(SystemError) -> UInt32 {
        var status = stat()
        // Safety: `status` outlives the call.
        guard unsafe fstat(number, &status) == 0 else { throw .last("fstat") }
        return UInt32(status.st_mode) & 0o777
    }

    /// Bytes that the file occupies on disk, holes not counted.
    package func allocatedSize() throws(SystemError) -> Int {
        var status = stat()
        // Safety: `status` outlives the call.
        guard unsafe fstat(number, &status) == 0 else { throw .last("fstat") }
        return status.st_blocks * 512
    }

    /// Makes sure that `length` bytes from `start` have room on disk, extending the file if need be.
    package func allocate(from start: Int, length: Int) throws(SystemError) {
        let code = clinux_allocate(number, Int64(start), Int64(length))
        guard code == 0 else { throw SystemError(code: code, operation: "fallocate") }
    }

    /// Waits until everything written is on disk.
    package func sync() throws(SystemError) {
        guard fsync(number) == 0 else { throw .last("fsync") }
    }

    /// Waits until everything written is on disk that is needed to read it back.
    package func dataSync() throws(SystemError) {
        guard fdatasync(number) == 0 else { throw .last("fdatasync") }
    }

    /// Writes all of `bytes` at a position.
    package func write(_ bytes: RawSpan, at position: Int) throws(SystemError) {
        var done = 0
        while done < bytes.byteCount {
            // Safety: the span is alive during the call and at least as long as said.
            let count = unsafe bytes.extracting(done..<bytes.byteCount).withUnsafeBytes {
                unsafe pwrite(number, $0.baseAddress, $0.count, position + done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last("write")
            }
            done += count
        }
    }

    /// Writes all of `bytes` where the file stands: at its end, if it was opened so.
    package func append(_ bytes: RawSpan) throws(SystemError) {
        var done = 0
        while done < bytes.byteCount {
            // Safety: the span is alive during the call and at least as long as said.
            let count = unsafe bytes.extracting(done..<bytes.byteCount).withUnsafeBytes {
                unsafe Glibc.write(number, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last("write")
            }
            done += count
        }
    }

    /// Reads up to `count` bytes at a position; fewer at the end of the file.
    package func read(_ count: Int, at position: Int) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        // Safety: the closure says how much of the buffer it has filled, and no more than `count`.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = unsafe pread(
                    number, buffer.baseAddress?.advanced(by: filled), count - filled, position + filled)
                if got < 0 {
                    if errno == EINTR { continue }
                    failure = .last("read")
                    return
                }
                if got == 0 { return }
                filled += got
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Keeps a descriptor that somebody else opened from being inherited by child processes.
    package static func closeOnExec(_ number: Int32) { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }

    /// Takes the lock that only one holder can have; false if another has it. It goes with the descriptor, and
    /// so with the process, however that ends.
    package func lockExclusively() throws(SystemError) -> Bool {
        let answer = clinux_lock_exclusively(number)
        guard answer >= 0 else { throw SystemError(code: -answer, operation: "flock") }
        return answer == 1
    }

    /// Takes a lock that several can have at once, but none beside the exclusive one; false if somebody has that.
    package func lockShared() throws(SystemError) -> Bool {
        let answer = clinux_lock_shared(number)
        guard answer >= 0 else { throw SystemError(code: -answer, operation: "flock") }
        return answer == 1
    }
}
