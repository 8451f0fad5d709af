import HubBytes

/// What the values of header fields are made of (RFC 9110, section 5.6).
enum HeaderText {
    /// Whether a byte may be part of a token.
    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case 0x21, 0x23...0x27, 0x2a, 0x2b, 0x2d, 0x2e, 0x5e, 0x5f, 0x60, 0x7c, 0x7e: true
        default: false
        }
    }

    /// Whether text is one token.
    static func isToken(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(isTokenByte) }

    /// Whether bytes are a name, apart from the case of ASCII letters. The name is given in small letters.
    static func equals(_ bytes: RawSpan, ignoringCase name: StaticString) -> Bool {
        guard bytes.byteCount == name.utf8CodeUnitCount else { return false }
        return name.withBytes { wanted in
            var position = 0
            while position < bytes.byteCount {
                let byte = bytes.load(position, as: UInt8.self)
                let isCapital = byte &- UInt8(ascii: "A") < 26
                guard (isCapital ? byte | 0x20 : byte) == wanted.load(position, as: UInt8.self) else {
                    return false
                }
                position += 1
            }
            return true
        }
    }

    /// A part without the spaces and tabs around it.
    static func trimmed(_ bytes: RawSpan, _ start: Int, _ end: Int) -> (start: Int, end: Int) {
        var (start, end) = (start, end)
        while start < end, isSpace(bytes.load(start, as: UInt8.self)) { start += 1 }
        while end > start, isSpace(bytes.load(end - 1, as: UInt8.self)) { end -= 1 }
        return (start, end)
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Lends the members of a list between commas to `body`, empty ones left out, until it returns false.
    static func forEachMember(_ bytes: RawSpan, _ body: (RawSpan) -> Bool) {
        var start = 0
        while start <= bytes.byteCount {
            var end = start
            while end < bytes.byteCount, bytes.load(end, as: UInt8.self) != UInt8(ascii: ",") { end += 1 }
            let member = trimmed(bytes, start, end)
            if member.start < member.end, !body(bytes.extracting(member.start..<member.end)) { return }
            start = end + 1
        }
    }

    /// Whether a list has a member, apart from the case of ASCII letters.
    static func hasMember(_ bytes: RawSpan, _ name: StaticString) -> Bool {
        var isFound = false
        forEachMember(bytes) { member in
            isFound = equals(member, ignoringCase: name)
            return !isFound
        }
        return isFound
    }
}
