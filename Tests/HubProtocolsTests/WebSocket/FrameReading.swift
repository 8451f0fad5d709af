import HubBytes
import Testing

@testable import HubProtocols

/// What a reader said, with the bytes.
enum Seen: Equatable, CustomStringConvertible {
    case text([UInt8])
    case binary([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(UInt16, [UInt8])
    case failure(FrameFault)

    static func text(_ text: String) -> Seen { .text(Array(text.utf8)) }

    var description: String {
        switch self {
        case .text(let bytes): "text of \(bytes.count) bytes \(bytes.prefix(20))"
        case .binary(let bytes): "binary of \(bytes.count) bytes \(bytes.prefix(20))"
        case .ping(let bytes): "ping \(bytes.prefix(20))"
        case .pong(let bytes): "pong \(bytes.prefix(20))"
        case .close(let code, let reason): "close \(code) \(reason.prefix(20))"
        case .failure(let fault): "failure: \(fault)"
        }
    }
}

/// Frames byte by byte, written without the code under test.
struct TestFrame {
    var opcode: UInt8
    var payload: [UInt8] = []
    var isFinal = true
    var reserved: UInt8 = 0
    var mask: [UInt8]? = [0x11, 0xa2, 0x33, 0xc4]
    /// Bytes of the length: 0, 2 or 8; nil for as few as possible.
    var lengthBytes: Int?

    static func text(_ text: String) -> TestFrame { TestFrame(opcode: 1, payload: Array(text.utf8)) }

    /// The same from a server.
    var plain: TestFrame {
        var frame = self
        frame.mask = nil
        return frame
    }

    var bytes: [UInt8] {
        var bytes = [opcode | reserved << 4 | (isFinal ? 0x80 : 0)]
        let flag: UInt8 = mask == nil ? 0 : 0x80
        let count = payload.count
        switch lengthBytes ?? (count < 126 ? 0 : count < 65536 ? 2 : 8) {
        case 0: bytes.append(flag | UInt8(count))
        case 2: bytes += [flag | 126, UInt8(count >> 8), UInt8(count & 0xff)]
        default: bytes += [flag | 127] + (0..<8).map { UInt8(count >> (56 - 8 * $0) & 0xff) }
        }
        guard let mask else { return bytes + payload }
        bytes += mask
        for (index, byte) in payload.enumerated() { bytes.append(byte ^ mask[index % 4]) }
        return bytes
    }
}

extension [TestFrame] {
    var bytes: [UInt8] { flatMap(\.bytes) }
}

/// Feeds a stream to a reader in pieces, as a connection does: what was not taken is there again with the next piece.
struct ReadingRun {
    var role = WebSocketRole.server
    var messageBytesMax = 1 << 20
    var compression: DeflateWindow?
    /// The most that was left in the receive buffer when more was needed.
    private(set) var leftoverMax = 0

    mutating func events(_ stream: [UInt8], cutAt cuts: [Int] = []) -> [Seen] {
        var reader = FrameReader(role: role, messageBytesMax: messageBytesMax, compression: compression)
        var seen: [Seen] = []
        var input = ByteBuffer()
        var start = 0
        for end in cuts + [stream.count] {
            stream.withBytes { input.append($0.extracting(start..<end)) }
            start = end
            var position = 0
            drain(&reader, &input, &position, &seen)
            var rest = ByteBuffer()
            rest.append(input.bytes.extracting(position..<input.count))
            leftoverMax = max(leftoverMax, rest.count)
            input = rest
        }
        return seen
    }

    private func drain(
        _ reader: inout FrameReader, _ input: inout ByteBuffer, _ position: inout Int, _ seen: inout [Seen]
    ) {
        while true {
            let event = reader.next(&input, at: &position)
            func copy(_ payload: FramePayload) -> [UInt8] { reader.bytes(of: payload, in: input).array }
            switch event {
            case .message(.text, let payload): seen.append(.text(copy(payload)))
            case .message(.binary, let payload): seen.append(.binary(copy(payload)))
            case .ping(let payload): seen.append(.ping(copy(payload)))
            case .pong(let payload): seen.append(.pong(copy(payload)))
            case .close(let code, let reason): seen.append(.close(code.rawValue, copy(reason)))
            case .failure(let fault): seen.append(.failure(fault))
            case .needs(let missing):
                #expect(missing > 0)
                return
            case .ended:
                #expect(position == input.count)
                return
            }
        }
    }
}

/// What a server's reader says of frames from a client.
func serverReads(_ frames: [TestFrame], messageBytesMax: Int = 1 << 20) -> [Seen] {
    var run = ReadingRun(messageBytesMax: messageBytesMax)
    return run.events(frames.bytes)
}
