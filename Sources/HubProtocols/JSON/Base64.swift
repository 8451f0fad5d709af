import HubBytes

/// Bytes as text of 64 characters, with padding (RFC 4648, section 4).
enum Base64 {
    static func append(_ bytes: RawSpan, to buffer: inout ByteBuffer) {
        buffer.write(upTo: (bytes.byteCount + 2) / 3 * 4) { writer in
            var position = 0
            while position &+ 3 <= bytes.byteCount {
                let group =
                    UInt32(bytes.load(position, as: UInt8.self)) << 16
                    | UInt32(bytes.load(position &+ 1, as: UInt8.self)) << 8
                    | UInt32(bytes.load(position &+ 2, as: UInt8.self))
                writer.put(character(group >> 18))
                writer.put(character(group >> 12 & 63))
                writer.put(character(group >> 6 & 63))
                writer.put(character(group & 63))
                position &+= 3
            }
            guard position < bytes.byteCount else { return }
            let isPair = bytes.byteCount - position == 2
            let group =
                UInt32(bytes.load(position, as: UInt8.self)) << 16
                | (isPair ? UInt32(bytes.load(position + 1, as: UInt8.self)) << 8 : 0)
            writer.put(character(group >> 18))
            writer.put(character(group >> 12 & 63))
            writer.put(isPair ? character(group >> 6 & 63) : UInt8(ascii: "="))
            writer.put(UInt8(ascii: "="))
        }
    }

    private static func character(_ value: UInt32) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + UInt8(value)
        case 26..<52: UInt8(ascii: "a") + UInt8(value - 26)
        case 52..<62: UInt8(ascii: "0") + UInt8(value - 52)
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }
}
