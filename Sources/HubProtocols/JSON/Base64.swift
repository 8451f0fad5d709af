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

    /// Appends the bytes that text of this form means; false if it has another form.
    static func decode(_ text: RawSpan, to buffer: inout ByteBuffer) -> Bool {
        guard text.byteCount % 4 == 0 else { return false }
        var position = 0
        while position < text.byteCount {
            let isLast = position &+ 4 == text.byteCount
            var group: UInt32 = 0
            var padding = 0
            for index in 0..<4 {
                let byte = text.load(position &+ index, as: UInt8.self)
                if isLast, index >= 2, byte == UInt8(ascii: "=") {
                    padding &+= 1
                    group <<= 6
                    continue
                }
                guard padding == 0, let value = value(of: byte) else { return false }
                group = group << 6 | value
            }
            buffer.append(UInt8(truncatingIfNeeded: group >> 16))
            if padding < 2 { buffer.append(UInt8(truncatingIfNeeded: group >> 8)) }
            if padding < 1 { buffer.append(UInt8(truncatingIfNeeded: group)) }
            position &+= 4
        }
        return true
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character &- UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character &- UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character &- UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
