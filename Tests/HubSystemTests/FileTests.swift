import Glibc
import HubBytes
import HubSystem
import Testing

/// Files and directories.
@Suite struct FileTests {
    private let folder: String

    init() {
        var template = Array("/tmp/agenthub-system-XXXXXX".utf8CString)
        folder = mkdtemp(&template).map { String(cString: $0) } ?? ""
    }

    /// Runs a test and removes what it left.
    private func cleaning(_ body: (_ path: String) throws -> Void) throws {
        defer {
            for name in (try? Directory.entries(folder)) ?? [] {
                if unlink("\(folder)/\(name)") != 0 { rmdir("\(folder)/\(name)") }
            }
            rmdir(folder)
        }
        try body("\(folder)/file")
    }

    private func failure(_ body: () throws -> Void) -> SystemError? {
        do { try body() } catch { return error as? SystemError }
        return nil
    }

    private func write(_ text: String, _ path: String) throws {
        let file = try FileDescriptor.open(path, .readWriteCreating)
        try text.withBytes { (bytes) throws in try file.write(bytes, at: 0) }
    }

    private func text(_ path: String) throws -> String {
        let file = try FileDescriptor.open(path, .read)
        return String(decoding: try file.read(file.size(), at: 0), as: UTF8.self)
    }

    // MARK: Files

    @Test func `A mode makes a file or insists on one`() throws {
        try cleaning { path in
            for mode in [FileDescriptor.Mode.read, .readWrite] {
                let error = failure { _ = try FileDescriptor.open(path, mode) }
                #expect(error?.code == SystemError.noEntry)
            }
            do { _ = try FileDescriptor.open(path, .createNew) }
            let taken = failure { _ = try FileDescriptor.open(path, .createNew) }
            #expect(taken?.code == SystemError.exists)
            try write("kept", path)
            do { _ = try FileDescriptor.open(path, .readWriteCreating) }
            #expect(try text(path) == "kept")
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func `A file opened for reading cannot be written`() throws {
        try cleaning { path in
            try write("text", path)
            let file = try FileDescriptor.open(path, .read)
            let error = failure { try "x".withBytes { (bytes) throws in try file.write(bytes, at: 0) } }
            #expect(error?.code == EBADF && error?.operation == "write")
        }
    }

    @Test func `What is written at a place is read there, and reading ends with the file`() throws {
        try cleaning { path in
            let file = try FileDescriptor.open(path, .readWriteCreating)
            let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            try bytes.withBytes { (bytes) throws in try file.write(bytes, at: 5) }
            #expect(try file.size() == 100_005)
            #expect(try file.read(100_000, at: 5) == bytes)
            #expect(try file.read(8, at: 0) == [0, 0, 0, 0, 0, 0, 7, 14])
            #expect(try file.read(100, at: 100_000) == Array(bytes.suffix(5)))
            #expect(try file.read(10, at: 200_000).isEmpty)
            try [UInt8]().withBytes { (none) throws in try file.write(none, at: 1 << 30) }
            #expect(try file.size() == 100_005)
            try file.sync()
        }
    }

    @Test func `Room that is allocated extends a file and leaves its content`() throws {
        try cleaning { path in
            try write("text", path)
            let file = try FileDescriptor.open(path, .readWrite)
            try file.allocate(from: 0, length: 1 << 20)
            #expect(try file.size() == 1 << 20)
            #expect(try file.allocatedSize() >= 1 << 20)
            #expect(try file.read(5, at: 0) == Array("text".utf8) + [0])
            let error = failure { try file.allocate(from: 0, length: 0) }
            #expect(error == SystemError(code: SystemError.invalid, operation: "fallocate"))
        }
    }

    @Test func `A hole takes no room on disk`() throws {
        try cleaning { path in
            let file = try FileDescriptor.open(path, .readWriteCreating)
            try [1].withBytes { (byte) throws in try file.write(byte, at: 8 << 20) }
            #expect(try file.size() == 8 << 20 | 1)
            #expect(try file.allocatedSize() < 1 << 20)
        }
    }

    @Test func `Only one holder has the exclusive lock, and it goes with the descriptor`() throws {
        try cleaning { path in
            let second = try FileDescriptor.open(path, .readWriteCreating)
            do {
                let first = try FileDescriptor.open(path, .readWrite)
                let answers = try [first.lockExclusively(), second.lockExclusively(), second.lockShared()]
                #expect(answers == [true, false, false])
            }
            let third = try FileDescriptor.open(path, .read)
            let answers = try [second.lockShared(), third.lockShared(), third.lockExclusively()]
            #expect(answers == [true, true, false])
        }
    }

    @Test func `Children do not inherit files`() throws {
        try cleaning { path in
            let file = try FileDescriptor.open(path, .readWriteCreating)
            #expect(fcntl(file.number, F_GETFD) & FD_CLOEXEC != 0)
            let other = open(path, O_RDONLY)
            FileDescriptor.closeOnExec(other)
            #expect(fcntl(other, F_GETFD) & FD_CLOEXEC != 0)
            close(other)
        }
    }

    // MARK: Directories

    @Test func `Directories are made, listed in order and removed`() throws {
        try cleaning { path in
            let inner = "\(folder)/inner"
            #expect(!Directory.exists(inner))
            try Directory.create(inner)
            try Directory.create(inner)
            var status = stat()
            #expect(stat(inner, &status) == 0 && status.st_mode & 0o777 == 0o700)
            #expect(try Directory.entries(inner).isEmpty)
            for name in ["b", "a", "\u{e9}", ".hidden"] { try write("", "\(inner)/\(name)") }
            #expect(try Directory.entries(inner) == [".hidden", "a", "b", "\u{e9}"])
            #expect(failure { try Directory.remove(inner) }?.code == ENOTEMPTY)
            for name in try Directory.entries(inner) { try Directory.removeFile("\(inner)/\(name)") }
            try Directory.sync(inner)
            try Directory.remove(inner)
            #expect(!Directory.exists(inner))
        }
    }

    @Test func `A renamed file replaces the one of that name`() throws {
        try cleaning { path in
            try write("old", path)
            try write("new", "\(path)-2")
            try Directory.rename("\(path)-2", to: path)
            #expect(try text(path) == "new" && !Directory.exists("\(path)-2"))
        }
    }

    @Test func `There is room on a file system, and none where nothing is`() throws {
        try cleaning { path in
            let free = try Directory.freeBytes(folder)
            #expect(free > 0)
            #expect(failure { _ = try Directory.freeBytes(path) }?.code == SystemError.noEntry)
        }
    }

    // MARK: Errors

    @Test func `Errors say what was done to which file, and why it failed`() throws {
        try cleaning { path in
            let sentences = [
                (failure { _ = try FileDescriptor.open(path, .read) }, "open \(path)"),
                (failure { _ = try Directory.entries(path) }, "open directory \(path)"),
                (failure { try Directory.removeFile(path) }, "remove \(path)"),
                (failure { try Directory.remove(path) }, "remove directory \(path)"),
                (failure { try Directory.rename(path, to: "\(path)-2") }, "rename \(path) to \(path)-2"),
                (failure { try Directory.create("\(path)/inner") }, "mkdir \(path)/inner"),
                (failure { _ = try Directory.freeBytes(path) }, "statvfs \(path)"),
            ]
            for (found, operation) in sentences {
                #expect(found?.description == "\(operation): No such file or directory")
            }
        }
        #expect(SystemError(code: ENOSPC, operation: "write").description == "write: No space left on device")
        #expect(SystemError.reason(of: 9999).contains("9999"))
    }
}
