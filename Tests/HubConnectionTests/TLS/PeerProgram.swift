import Foundation
import Glibc
import HubBytes
import HubConnection

/// Another program at the far end of a loopback connection: `openssl` or Python.
final class PeerProgram {
    private static let spawning = NSLock()
    private var process: pid_t = 0
    private var exitCode: Int32?
    private var input: Int32 = -1
    private let folder: URL

    /// Starts a program with files beside it, by their names.
    init(_ words: [String], files: [String: [UInt8]] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, bytes) in files { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
        // One at a time: a program must not inherit the other's pipe, whose end it would then never see.
        Self.spawning.lock()
        defer { Self.spawning.unlock() }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { Glibc.close(ends[0]) }
        input = ends[1]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        // A file rather than a pipe: a full pipe would stop the program.
        let output = folder.appendingPathComponent("output").path
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // The threads that run tests block signals, and the program shall not.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        // Whatever goes wrong here, nothing runs for longer than that.
        let all = ["env", "-C", folder.path, "timeout", "100"] + words
        var arguments: [UnsafeMutablePointer<CChar>?] = all.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        guard posix_spawn(&process, "/usr/bin/env", &actions, &attributes, &arguments, environ) == 0 else {
            throw POSIXError(.ENOEXEC)
        }
    }

    /// Writes a line to the program.
    func type(_ line: String) { _ = Glibc.write(input, line + "\n", line.utf8.count + 1) }

    /// What the program has written so far.
    var text: String { String(decoding: file("output"), as: UTF8.self) }

    /// A file that the program has written.
    func file(_ name: String) -> [UInt8] {
        [UInt8]((try? Data(contentsOf: folder.appendingPathComponent(name))) ?? Data())
    }

    /// Waits until the program has written something; false if it never does.
    func waits(for wanted: String) -> Bool {
        for _ in 0..<500 where !text.contains(wanted) {
            if hasEnded() { break }
            usleep(20_000)
        }
        return text.contains(wanted)
    }

    /// Waits for the program's end and answers its exit code.
    @discardableResult
    func finish() -> Int32 {
        if input >= 0 { Glibc.close(input) }
        input = -1
        while !hasEnded() { usleep(5000) }
        return exitCode ?? -1
    }

    /// Ends the program, whatever it does.
    func stop() {
        if !hasEnded() { kill(process, SIGTERM) }
        finish()
    }

    private func hasEnded() -> Bool {
        guard exitCode == nil else { return true }
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return false }
        exitCode = status & 0x7f == 0 ? status >> 8 & 0xff : -1
        return true
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: folder)
    }
}

/// A port on the loopback interface that somebody may connect to.
final class LoopbackPort {
    private let socket: Int32
    let number: UInt16

    init() throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(socket, generic, size) == 0 && listen(socket, 16) == 0
                    && getsockname(socket, generic, &size) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        self.socket = socket
        number = UInt16(bigEndian: address.sin_port)
    }

    deinit { Glibc.close(socket) }

    /// The next connection; nil if none comes.
    func accept() -> LoopbackConnection? {
        var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 5000) == 1 else { return nil }
        return LoopbackConnection(Glibc.accept(socket, nil, nil))
    }

    /// A connection to a port, which may take a moment to be there.
    static func connect(to port: UInt16) -> LoopbackConnection? {
        for _ in 0..<200 {
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            address.sin_port = port.bigEndian
            let code = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if code == 0 { return LoopbackConnection(socket) }
            Glibc.close(socket)
            usleep(20_000)
        }
        return nil
    }
}

/// A connection with a session on it, moved on by hand.
final class LoopbackConnection {
    private let socket: Int32
    private var received: [UInt8] = []
    private(set) var failure: TLSFailure?
    private(set) var hasEnded = false

    init(_ socket: Int32) {
        self.socket = socket
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    }

    deinit { Glibc.close(socket) }

    /// What the peer said.
    var text: String { String(decoding: received, as: UTF8.self) }

    func start(_ session: inout TLSSession) throws {
        var output = ByteBuffer()
        try session.start(sending: &output)
        send(output)
    }

    func write(_ text: String, _ session: inout TLSSession) throws {
        var output = ByteBuffer()
        try text.withBytes { try session.write($0, sending: &output) }
        send(output)
    }

    func close(_ session: inout TLSSession) {
        var output = ByteBuffer()
        session.close(sending: &output)
        send(output)
    }

    /// The peer hears that no more bytes come.
    func hangUp() { shutdown(socket, Int32(SHUT_WR)) }

    /// Moves bytes until something holds or the connection is over; false if it never does.
    @discardableResult
    func pump(_ session: inout TLSSession, until isDone: (borrowing TLSSession, String) -> Bool) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 16_384)
        while !isDone(session, text) {
            if failure != nil || hasEnded { return false }
            var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 5000) == 1 else { return false }
            let count = recv(socket, &bytes, bytes.count, 0)
            take(Array(bytes.prefix(max(0, count))), &session)
        }
        return true
    }

    private func take(_ bytes: [UInt8], _ session: inout TLSSession) {
        var output = ByteBuffer()
        var plaintext = ByteBuffer()
        do throws(TLSFailure) {
            if bytes.isEmpty {
                hasEnded = true
                try session.endOfInput()
            } else {
                try bytes.withBytes { bytes throws(TLSFailure) in
                    try session.receive(bytes, into: &plaintext, sending: &output)
                }
            }
        } catch {
            failure = error
        }
        received += plaintext.bytes.array
        send(output)
    }

    private func send(_ output: borrowing ByteBuffer) {
        let bytes = output.bytes.array
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }
}
