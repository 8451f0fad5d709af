import CLinux
import Glibc
package import HubBytes

/// What came of reading from a socket, or writing to it, without waiting.
package enum Transfer: Hashable, Sendable {
    /// So many bytes went over; at least one.
    case bytes(Int)
    /// None now; the socket will be ready later.
    case later
    /// The other side sends no more.
    case end
    /// The connection is gone.
    case failed(code: Int32)
}

/// One end of a connection, non-blocking.
package struct StreamSocket: ~Copyable, Sendable {
    private let file: FileDescriptor

    init(owning number: Int32) { file = FileDescriptor(owning: number) }

    /// Begins to connect. The socket is ready for output when that is over, and `connectError` says how it went.
    package static func connect(to address: SocketAddress) throws(SystemError) -> StreamSocket {
        var raw = address.raw
        // Safety: the address outlives the call.
        let number = unsafe clinux_connect(&raw)
        guard number >= 0 else { throw SystemError(code: -number, operation: "connect to \(address)") }
        return StreamSocket(owning: number)
    }

    /// The descriptor to watch.
    package var descriptor: Int32 { file.number }

    /// What became of the connecting: 0, or the error's number.
    package var connectError: Int32 { clinux_socket_error(file.number) }

    /// Appends what has arrived, up to `size` bytes.
    package func receive(into buffer: inout ByteBuffer, upTo size: Int) -> Transfer {
        var code: Int32 = 0
        // Safety: the call fills at most the room that it is lent, and says how much of it.
        let count = unsafe buffer.fill(upTo: size) { room in
            var got: Int
            repeat {
                unsafe got = Glibc.recv(file.number, room.baseAddress, room.count, 0)
            } while got < 0 && errno == EINTR
            if got < 0 { code = errno }
            return got
        }
        if count > 0 { return .bytes(count) }
        if count == 0 { return .end }
        return code == EAGAIN ? .later : .failed(code: code)
    }

    /// Sends as many of the listed bytes as there is room for, with one call.
    package func send(_ pieces: borrowing GatherList) -> Transfer {
        precondition(pieces.byteCount > 0)
        var sent: Int64
        // Safety: the list's memory is kept by whoever filled it.
        repeat {
            unsafe sent = pieces.withEntries { unsafe clinux_send_gathered(file.number, $0, $1) }
        } while sent == Int64(-EINTR)
        return Self.transfer(sent)
    }

    /// Sends as many of the bytes as there is room for.
    package func send(_ bytes: RawSpan) -> Transfer {
        precondition(bytes.byteCount > 0)
        // Safety: the bytes are only read while the span is alive.
        let sent = unsafe bytes.withUnsafeBytes { piece -> Int64 in
            let start = unsafe UnsafeMutableRawPointer(mutating: piece.baseAddress)
            var entry = unsafe iovec(iov_base: start, iov_len: piece.count)
            var sent: Int64
            repeat { unsafe sent = clinux_send_gathered(file.number, &entry, 1) } while sent == Int64(-EINTR)
            return sent
        }
        return Self.transfer(sent)
    }

    private static func transfer(_ sent: Int64) -> Transfer {
        if sent > 0 { return .bytes(Int(sent)) }
        return sent == Int64(-EAGAIN) || sent == 0 ? .later : .failed(code: Int32(-sent))
    }

    /// Bytes that were sent and that the other side has not taken: they wait in the system, or are on their way.
    package var untakenBytes: Int { Int(clinux_untaken(file.number)) }

    /// Tells the other side that no more will be sent; receiving goes on.
    package func finishSending() { _ = shutdown(file.number, Int32(SHUT_WR)) }

    /// From now on, closing resets the connection: the other side sees a failure and not an ordinary end, and the
    /// system keeps nothing of it.
    package func resetOnClose() { clinux_reset_on_close(file.number) }

    /// Sets the sizes of the system's buffers, which otherwise grow by themselves; 0 leaves one as it is.
    package func setBufferSizes(send: Int, receive: Int) {
        clinux_buffer_sizes(file.number, Int32(clamping: send), Int32(clamping: receive))
    }

    /// The socket's own address.
    package func localAddress() throws(SystemError) -> SocketAddress { try Self.localAddress(file.number) }

    static func localAddress(_ number: Int32) throws(SystemError) -> SocketAddress {
        var raw = clinux_address()
        // Safety: the address outlives the call.
        let code = unsafe clinux_local_address(number, &raw)
        guard code == 0 else { throw SystemError(code: -code, operation: "getsockname") }
        guard let address = SocketAddress(raw) else {
            throw SystemError(code: EAFNOSUPPORT, operation: "getsockname")
        }
        return address
    }
}
