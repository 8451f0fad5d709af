import CLinux
import Glibc

/// A socket that waits for others to connect.
package struct ListeningSocket: ~Copyable, Sendable {
    private let file: FileDescriptor
    /// Where it listens; with the port that the system chose, if it was asked to.
    package let address: SocketAddress

    /// Listens. With `sharesPort`, others may listen at the same address, and the system deals connections out.
    ///
    /// A Unix socket that a hub left behind is replaced; one that somebody still listens at is not.
    package init(_ address: SocketAddress, backlog: Int = 4096, sharesPort: Bool = false) throws(SystemError)
    {
        if case .unix(let path) = address { try Self.removeAbandoned(path, address) }
        var raw = address.raw
        // Safety: the address outlives the call.
        let number = unsafe clinux_listen(&raw, Int32(clamping: backlog), sharesPort ? 1 : 0)
        guard number >= 0 else { throw SystemError(code: -number, operation: "listen at \(address)") }
        // Complete before the first property is set: what throws later could not be taken back.
        let owned = FileDescriptor(owning: number)
        let local = try StreamSocket.localAddress(number)
        file = owned
        self.address = local
    }

    deinit {
        if case .unix(let path) = address { try? Directory.removeFile(path) }
    }

    private static func removeAbandoned(_ path: String, _ address: SocketAddress) throws(SystemError) {
        guard Directory.exists(path), isSocket(path) else { return }
        do {
            _ = try StreamSocket.connect(to: address)
        } catch {
            if error.code == ECONNREFUSED { try Directory.removeFile(path) }
        }
    }

    private static func isSocket(_ path: String) -> Bool {
        var status = stat()
        // Safety: `status` outlives the call.
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// The descriptor to watch.
    package var descriptor: Int32 { file.number }

    /// What came of accepting without waiting.
    package enum Acceptance: ~Copyable {
        /// A connection, from a peer at that address.
        case connection(StreamSocket, peer: SocketAddress)
        /// Nobody waits.
        case none
        /// One was there and has gone; there may be more.
        case gone
        /// The process, or the system, has no descriptor left.
        case noDescriptors
        /// Something else that the system ran out of, or that broke.
        case failed(code: Int32)
    }

    /// Takes the next connection that waits.
    package func accept() -> Acceptance {
        var raw = clinux_address()
        // Safety: the address outlives the call.
        let number = unsafe clinux_accept(file.number, &raw)
        if number >= 0 {
            let socket = StreamSocket(owning: number)
            guard let peer = SocketAddress(raw) else { return .gone }
            return .connection(socket, peer: peer)
        }
        return switch -number {
        case EAGAIN: .none
        case EMFILE, ENFILE: .noDescriptors
        // What the network did to a connection before it was accepted is told here, and concerns that one only.
        case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH:
            .gone
        case let code: .failed(code: code)
        }
    }
}

/// A descriptor kept for the moment when there is no other: given up, it lets one connection be accepted, so that it
/// can be closed. The peer is told, and the queue of those that wait does not stay full of the same ones.
package struct SpareDescriptor: ~Copyable {
    private var file: FileDescriptor?

    /// Takes a descriptor, if there is one.
    package init() { file = Self.open() }

    private static func open() -> FileDescriptor? { try? FileDescriptor.open("/dev/null", .read) }

    /// Whether there is one to give up.
    package var isKept: Bool { file != nil }

    /// Gives the descriptor up; says whether there was one.
    package mutating func giveUp() -> Bool {
        let wasKept = file != nil
        file = nil
        return wasKept
    }

    /// Tries to take one, if it was lost; says whether there is one now.
    package mutating func retake() -> Bool {
        if file == nil { file = Self.open() }
        return file != nil
    }
}
