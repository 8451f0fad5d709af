import HubBytes

/// Which end of the connection somebody is: it decides who masks, and who closes first.
package enum WebSocketRole: Sendable {
    /// The end that accepted the connection: reads masked frames, writes plain ones.
    case server
    /// The end that made the connection: reads plain frames, writes masked ones.
    case client
}

/// What a message is made of.
package enum WebSocketMessageKind: UInt8, Sendable {
    /// UTF-8, checked.
    case text = 1
    /// Bytes of any kind.
    case binary = 2
}

/// What a frame is for (RFC 6455, section 5.2).
package enum FrameOpcode: UInt8, Sendable {
    /// The next fragment of a message.
    case continuation = 0
    /// A text message, or its first fragment.
    case text = 1
    /// A binary message, or its first fragment.
    case binary = 2
    /// The last frame that this side sends.
    case close = 8
    /// A question whether the peer is there.
    case ping = 9
    /// The answer to a ping.
    case pong = 10

    /// Whether the frame is about the connection and not part of a message.
    package var isControl: Bool { rawValue >= 8 }
}

/// What stands before a frame's payload.
struct FrameHeader {
    let opcode: FrameOpcode
    let isFinal: Bool
    /// The first reserved bit: the message that begins here is compressed.
    let isCompressed: Bool
    /// The mask, its first byte the lowest; 0 if there is none.
    let key: UInt32
    /// Bytes of the header itself.
    let size: Int
    /// Bytes of payload.
    let payloadSize: Int

    /// The largest payload of a ping, pong or close frame.
    static let controlPayloadMax = 125

    /// What the first bytes of a frame are.
    enum Parse {
        case header(FrameHeader)
        /// So many bytes are missing before more can be said.
        case incomplete(Int)
        case fault(FrameFault)
    }

    /// Reads the header at a position. What is wrong in the first two bytes is told without waiting for others.
    @inline(__always)
    static func parse(_ bytes: RawSpan, at position: Int, role: WebSocketRole) -> Parse {
        let available = bytes.byteCount &- position
        guard available >= 2 else { return .incomplete(2 &- available) }
        let start = bytes.load(position, as: UInt16.self)
        guard let opcode = FrameOpcode(rawValue: UInt8(truncatingIfNeeded: start & 0x0f)) else {
            return .fault(.reservedOpcode)
        }
        guard start & 0x30 == 0 else { return .fault(.reservedBits) }
        let isMasked = start & 0x8000 != 0
        guard isMasked == (role == .server) else {
            return .fault(isMasked ? .maskUnexpected : .maskMissing)
        }
        let isFinal = start & 0x80 != 0
        let short = Int(truncatingIfNeeded: start &>> 8 & 0x7f)
        if opcode.isControl {
            guard isFinal else { return .fault(.fragmentedControl) }
            guard short <= controlPayloadMax else { return .fault(.longControl) }
        }
        let lengthEnd = short < 126 ? 2 : short == 126 ? 4 : 10
        let size = isMasked ? lengthEnd &+ 4 : lengthEnd
        guard available >= size else { return .incomplete(size &- available) }
        var length = short
        if short == 126 {
            length = Int(bytes.load(position &+ 2, as: UInt16.self).byteSwapped)
            guard length >= 126 else { return .fault(.lengthNotMinimal) }
        } else if short == 127 {
            let long = bytes.load(position &+ 2, as: UInt64.self).byteSwapped
            guard long <= UInt64(Int.max) else { return .fault(.lengthTooLarge) }
            guard long > 0xffff else { return .fault(.lengthNotMinimal) }
            length = Int(truncatingIfNeeded: long)
        }
        return .header(
            FrameHeader(
                opcode: opcode, isFinal: isFinal, isCompressed: start & 0x40 != 0,
                key: isMasked ? bytes.load(position &+ lengthEnd, as: UInt32.self) : 0, size: size,
                payloadSize: length))
    }
}
