package import HubBytes

/// What stands between the quotes of a JSON string, and what it means.
package enum JSONText {
    // MARK: Meaning

    /// Appends what it means as UTF-8, escapes resolved. The text is what lies between the quotes and was checked before.
    package static func append(_ text: RawSpan, to buffer: inout ByteBuffer) {
        var position = 0
        while position < text.byteCount {
            var end = position
            while end < text.byteCount, text.load(end, as: UInt8.self) != UInt8(ascii: "\\") { end &+= 1 }
            buffer.append(text.extracting(position..<end))
            guard end &+ 1 < text.byteCount else { return }
            position = appendEscape(text, at: end, to: &buffer)
        }
    }

    /// Appends what an escape stands for; where it ends.
    private static func appendEscape(_ text: RawSpan, at start: Int, to buffer: inout ByteBuffer) -> Int {
        let mark = text.load(start &+ 1, as: UInt8.self)
        switch mark {
        case UInt8(ascii: "b"): buffer.append(UInt8(8))
        case UInt8(ascii: "f"): buffer.append(UInt8(12))
        case UInt8(ascii: "n"): buffer.append(UInt8(10))
        case UInt8(ascii: "r"): buffer.append(UInt8(13))
        case UInt8(ascii: "t"): buffer.append(UInt8(9))
        case UInt8(ascii: "u"):
            let first = unit(text, at: start &+ 2)
            guard first & 0xfc00 == 0xd800 else {
                append(scalar: first, to: &buffer)
                return start &+ 6
            }
            let second = unit(text, at: start &+ 8)
            append(scalar: 0x10000 &+ (first & 0x3ff) << 10 &+ (second & 0x3ff), to: &buffer)
            return start &+ 12
        default: buffer.append(mark)
        }
        return start &+ 2
    }

    private static func unit(_ text: RawSpan, at position: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<4 {
            let byte = text.load(position &+ index, as: UInt8.self)
            let digit = byte <= UInt8(ascii: "9") ? byte &- UInt8(ascii: "0") : (byte | 0x20) &- 87
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private static func append(scalar: UInt32, to buffer: inout ByteBuffer) {
        for byte in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{fffd}") ?? UTF8.encodedReplacementCharacter {
            buffer.append(byte)
        }
    }

    // MARK: Writing

    /// Appends what means the bytes. Those that are not UTF-8 become replacement characters.
    static func append(escaping bytes: RawSpan, to buffer: inout ByteBuffer) {
        var position = 0
        while position < bytes.byteCount {
            let end = PlainText.end(bytes, from: position)
            buffer.append(bytes.extracting(position..<end))
            guard end < bytes.byteCount else { break }
            position = end &+ appendSpecial(bytes, at: end, to: &buffer)
        }
    }

    /// Writes what is not plain; how many bytes it took.
    private static func appendSpecial(
        _ bytes: RawSpan, at position: Int, to buffer: inout ByteBuffer
    ) -> Int {
        let byte = bytes.load(position, as: UInt8.self)
        guard byte < 0x80 else {
            let length = UTF8Sequence.length(bytes, at: position)
            guard length > 0 else {
                buffer.append("\u{fffd}")
                return 1
            }
            buffer.append(bytes.extracting(position..<position &+ length))
            return length
        }
        switch byte {
        case 0x22: buffer.append("\\\"")
        case 0x5c: buffer.append("\\\\")
        case 0x0a: buffer.append("\\n")
        case 0x0d: buffer.append("\\r")
        case 0x09: buffer.append("\\t")
        default:
            buffer.append("\\u00")
            buffer.append(digit(byte >> 4))
            buffer.append(digit(byte & 15))
        }
        return 1
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ value &- 10
    }
}
