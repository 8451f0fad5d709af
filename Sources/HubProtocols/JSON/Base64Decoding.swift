import HubBytes

/// Reads text of 64 characters back into bytes (RFC 4648). Strict: one text for each content and one content for each
/// text, since what is signed as text must not have a second form.
package enum Base64Decoding {
    /// Which characters stand for 62 and 63, and whether the end is filled up.
    package enum Alphabet: Sendable {
        /// `+` and `/`, filled up with `=` to a multiple of four.
        case standard
        /// `-` and `_`, and nothing at the end: as in web tokens.
        case url
    }

    /// The bytes; nil if the text is no base64 of this kind.
    package static func bytes(_ text: RawSpan, _ alphabet: Alphabet) -> [UInt8]? {
        var count = text.byteCount
        if alphabet == .standard {
            guard count % 4 == 0 else { return nil }
            var filling = 0
            while filling < 2, count > 0, text.load(count - 1, as: UInt8.self) == UInt8(ascii: "=") {
                count -= 1
                filling += 1
            }
        }
        guard count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count / 4 * 3 + 2)
        var group: UInt32 = 0
        var held: UInt32 = 0
        var position = 0
        while position < count {
            guard let value = value(of: text.load(position, as: UInt8.self), alphabet) else { return nil }
            group = group << 6 | value
            held += 6
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> held))
                group &= (1 << held) - 1
            }
            position += 1
        }
        // Bits that are left over are zero, or the same bytes would have several texts.
        return group == 0 ? bytes : nil
    }

    private static func value(of character: UInt8, _ alphabet: Alphabet) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): alphabet == .standard ? 62 : nil
        case UInt8(ascii: "/"): alphabet == .standard ? 63 : nil
        case UInt8(ascii: "-"): alphabet == .url ? 62 : nil
        case UInt8(ascii: "_"): alphabet == .url ? 63 : nil
        default: nil
        }
    }
}

/// Writes bytes as text of 64 characters for web tokens: `-` and `_`, and nothing at the end.
package enum Base64URL {
    /// The text of some bytes.
    package static func text(_ bytes: RawSpan) -> String {
        var buffer = ByteBuffer(capacity: bytes.byteCount / 3 * 4 + 8)
        Base64.append(bytes, to: &buffer)
        var characters = buffer.bytes.array
        while characters.last == UInt8(ascii: "=") { characters.removeLast() }
        for index in characters.indices {
            if characters[index] == UInt8(ascii: "+") { characters[index] = UInt8(ascii: "-") }
            if characters[index] == UInt8(ascii: "/") { characters[index] = UInt8(ascii: "_") }
        }
        return String(decoding: characters, as: UTF8.self)
    }
}
