import HubBytes
import HubProtocols
import SocketPeer

/// An answer as a test compares it.
struct HTTPAnswer: Equatable, CustomStringConvertible {
    var status: Int
    var content: String
    var fields: [String] = []

    var description: String { "\(status) \(content)" }
    func value(_ name: String) -> String? {
        let start = name.lowercased() + ": "
        return fields.first { $0.lowercased().hasPrefix(start) }.map {
            String($0.dropFirst(start.utf8.count))
        }
    }
}

extension Peer {
    /// Receives up to and with the next empty line.
    func head() -> [String] {
        var text: [UInt8] = []
        while !text.suffix(4).elementsEqual([13, 10, 13, 10]) {
            let byte = receive(1)
            guard !byte.isEmpty else { return [] }
            text += byte
        }
        return String(decoding: text.dropLast(4), as: UTF8.self).split(separator: "\r\n").map(String.init)
    }

    /// The next answer, to HEAD if that is what was asked; nil if the connection ends instead.
    func answer(toHead: Bool = false) -> HTTPAnswer? {
        let lines = head()
        guard let first = lines.first?.split(separator: " "), first.count > 1, let status = Int(first[1])
        else {
            return nil
        }
        var answer = HTTPAnswer(status: status, content: "", fields: Array(lines.dropFirst()))
        if !toHead, let length = answer.value("Content-Length").flatMap(Int.init) {
            answer.content = text(length)
        }
        return answer
    }

    /// The next chunk of a stream; empty at its end.
    func chunk() -> String {
        let size = Int(String(decoding: receive(10).prefix(8), as: UTF8.self), radix: 16) ?? -1
        guard size > 0 else { return "" }
        let content = text(size)
        _ = receive(2)
        return content
    }

    func get(_ path: String, _ fields: String...) -> Bool {
        let lines = fields.map { $0 + "\r\n" }.joined()
        return send("GET \(path) HTTP/1.1\r\nHost: hub\r\n\(lines)\r\n")
    }

    // MARK: WebSocket

    /// Asks for a WebSocket; the head of the answer.
    func upgrade(_ path: String = "/", _ fields: String...) -> [String] {
        let lines = fields.map { $0 + "\r\n" }.joined()
        let sent = send(
            "GET \(path) HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(lines)\r\n")
        return sent ? head() : []
    }

    static func frame(_ opcode: FrameOpcode, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        var buffer = ByteBuffer(capacity: payload.count + 16)
        payload.withBytes {
            FrameWriter.frame(opcode, $0, isFinal: isFinal, maskKey: 0x1234_5678, to: &buffer)
        }
        return buffer.bytes.array
    }

    func send(_ opcode: FrameOpcode, _ text: String = "", isFinal: Bool = true) -> Bool {
        send(Self.frame(opcode, Array(text.utf8), isFinal: isFinal))
    }

    /// The next frame of the server; nil if the connection ends instead.
    func frame() -> (opcode: UInt8, payload: [UInt8])? {
        let start = receive(2)
        guard start.count == 2 else { return nil }
        var size = Int(start[1])
        if size == 126 { size = receive(2).reduce(0) { $0 << 8 | Int($1) } }
        if size == 127 { size = receive(8).reduce(0) { $0 << 8 | Int($1) } }
        return (start[0] & 0x0f, receive(size))
    }

    /// The text of the next frame, if it is text.
    func message() -> String? {
        guard let frame = frame(), frame.opcode == 1 else { return nil }
        return String(decoding: frame.payload, as: UTF8.self)
    }

    /// The code of the next frame, if it is a close frame.
    func closeCode() -> Int? {
        guard let frame = frame(), frame.opcode == 8, frame.payload.count >= 2 else { return nil }
        return Int(frame.payload[0]) << 8 | Int(frame.payload[1])
    }
}
