import CLinux
import Glibc
package import HubBytes

/// A socket for single datagrams (UDP), non-blocking.
package struct DatagramSocket: ~Copyable, Sendable {
    private let file: FileDescriptor
    /// Where it receives; with the port that the system chose, if it was asked to.
    package let address: SocketAddress

    /// A socket at an address of a network.
    package init(_ address: SocketAddress) throws(SystemError) {
        var raw = address.raw
        // Safety: the address outlives the call.
        let number = unsafe clinux_datagram_socket(&raw)
        guard number >= 0 else { throw SystemError(code: -number, operation: "datagrams at \(address)") }
        // Complete before the first property is set: what throws later could not be taken back.
        let owned = FileDescriptor(owning: number)
        let local = try StreamSocket.localAddress(number)
        file = owned
        self.address = local
    }

    /// The descriptor to watch.
    package var descriptor: Int32 { file.number }

    /// What came of receiving without waiting.
    package enum Reception: Hashable, Sendable {
        /// The buffer has one datagram, which may be empty.
        case datagram(from: SocketAddress)
        /// One was longer than the buffer allows, and is lost.
        case tooLong
        /// None is there.
        case none
        /// An earlier datagram could not be delivered, or the like; there may be more.
        case failed(code: Int32)
    }

    /// Puts the next datagram into `buffer`, in place of what it had.
    package func receive(into buffer: inout ByteBuffer, sizeMax: Int) -> Reception {
        buffer.removeAll()
        var raw = clinux_address()
        var length: Int64 = 0
        // Safety: the call fills at most the room that it is lent; a longer datagram is cut, and its length told.
        _ = unsafe buffer.fill(upTo: sizeMax) { room in
            guard let start = room.baseAddress else { return 0 }
            repeat {
                unsafe length = clinux_receive_datagram(file.number, start, UInt64(room.count), &raw)
            } while length == Int64(-EINTR)
            return Int(min(length, Int64(room.count)))
        }
        if length == Int64(-EAGAIN) { return .none }
        if length < 0 { return .failed(code: Int32(-length)) }
        guard length <= sizeMax, let from = SocketAddress(raw) else {
            buffer.removeAll()
            return .tooLong
        }
        return .datagram(from: from)
    }

    /// Sends one datagram; 0, or the number of the error. Nobody says whether it arrives.
    package func send(_ bytes: RawSpan, to address: SocketAddress) -> Int32 {
        var raw = address.raw
        // Safety: the bytes are only read while the span is alive; the address outlives the call.
        let code = unsafe bytes.withUnsafeBytes {
            unsafe clinux_send_datagram(file.number, $0.baseAddress, UInt64($0.count), &raw)
        }
        return -code
    }
}
