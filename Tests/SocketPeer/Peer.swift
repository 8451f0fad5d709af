import Glibc
import HubBytes
package import HubSystem

/// The other side of a connection under test: a plain socket that waits.
package final class Peer {
    private var socket: StreamSocket?
    private var failure: Int32 = 0

    package init(_ address: SocketAddress, waits: Bool = true) throws(SystemError) {
        socket = try StreamSocket.connect(to: address)
        if waits { _ = wait(Int16(POLLOUT)) }
    }

    package var descriptor: Int32 { socket?.descriptor ?? -1 }

    private func wait(_ events: Int16, milliseconds: Int32 = 30_000) -> Bool {
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        return poll(&entry, 1, milliseconds) == 1
    }

    /// Sends all of `bytes`, waiting for room; false if that could not be done.
    package func send(_ bytes: [UInt8]) -> Bool {
        var done = 0
        while done < bytes.count {
            let transfer = bytes.withBytes { bytes in socket?.send(bytes.extracting(done..<bytes.byteCount)) }
            switch transfer {
            case .bytes(let count): done += count
            case .later: guard wait(Int16(POLLOUT)) else { return false }
            default: return false
            }
        }
        return true
    }

    package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends what there is room for now, and says how many bytes those are.
    package func sendNow(_ bytes: [UInt8]) -> Int {
        let transfer = bytes.withBytes { socket?.send($0) }
        if case .bytes(let count) = transfer { return count }
        return 0
    }

    /// Receives exactly `count` bytes, or fewer at the end.
    package func receive(_ count: Int) -> [UInt8] {
        var buffer = ByteBuffer(capacity: count)
        while buffer.count < count {
            switch socket?.receive(into: &buffer, upTo: count - buffer.count) {
            case .bytes: continue
            case .later: guard wait(Int16(POLLIN)) else { return buffer.bytes.array }
            default: return buffer.bytes.array
            }
        }
        return buffer.bytes.array
    }

    package func text(_ count: Int) -> String { String(decoding: receive(count), as: UTF8.self) }

    /// How the other side ended, once everything before was received.
    package enum Ending: Equatable {
        case end
        case failed
        case none
    }

    package func ending() -> Ending {
        var buffer = ByteBuffer(capacity: 4096)
        while true {
            buffer.removeAll()
            switch socket?.receive(into: &buffer, upTo: 4096) {
            case .bytes: continue
            case .end: return .end
            case .later: guard wait(Int16(POLLIN)) else { return .none }
            default: return .failed
            }
        }
    }

    package func shrinkBuffers() { socket?.setBufferSizes(send: 4096, receive: 4096) }
    package func finish() { socket?.finishSending() }
    package func leave() { socket = nil }
    package func reset() {
        socket?.resetOnClose()
        socket = nil
    }
}
