import HubBytes

/// Text in quotes.
extension JSONReader {
    @_lifetime(self: copy self)
    mutating func readString() throws(JSONTextError) -> String {
        let opening = position
        let quote = byte
        position &+= 1
        let start = position
        // Most texts have no escapes, and are taken out as they are.
        skipPlain(quote)
        if byte == quote {
            defer { position &+= 1 }
            return bytes.extracting(start..<position).text
        }
        var text = ByteBuffer(capacity: 64)
        text.append(bytes.extracting(start..<position))
        while byte != quote || isAtEnd {
            guard !isAtEnd else { throw error("this text has no closing quote", at: opening) }
            try readPiece(quote, &text)
        }
        position &+= 1
        return text.bytes.text
    }

    /// Goes on to something that is not plain. Eight bytes a step in double quotes, which is what programs write.
    @_lifetime(self: copy self)
    private mutating func skipPlain(_ quote: UInt8) {
        if quote == UInt8(ascii: "\"") { position = PlainText.end(bytes, from: position) }
    }

    /// Reads a character, and in double quotes the plain ones behind it.
    @_lifetime(self: copy self)
    private mutating func readPiece(_ quote: UInt8, _ text: inout ByteBuffer) throws(JSONTextError) {
        let start = position
        switch byte {
        case UInt8(ascii: "\\"):
            try readEscape(&text)
            return
        case 0x0a, 0x0d:
            throw error(
                "a line ends inside the text; write \\n for it" + (isRelaxed ? ", or \\ before the end" : ""))
        case 0..<0x20 where !isRelaxed:
            throw error("a control character inside text must be escaped")
        default:
            let length = UTF8Sequence.length(bytes, at: position)
            guard length > 0 else { throw error("this is not UTF-8") }
            position &+= length
            skipPlain(quote)
        }
        text.append(bytes.extracting(start..<position))
    }

    @_lifetime(self: copy self)
    private mutating func readEscape(_ text: inout ByteBuffer) throws(JSONTextError) {
        let start = position
        position &+= 1
        let mark = byte
        position &+= 1
        switch mark {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(mark)
        case UInt8(ascii: "b"): text.append(0x08 as UInt8)
        case UInt8(ascii: "f"): text.append(0x0c as UInt8)
        case UInt8(ascii: "n"): text.append(0x0a as UInt8)
        case UInt8(ascii: "r"): text.append(0x0d as UInt8)
        case UInt8(ascii: "t"): text.append(0x09 as UInt8)
        case UInt8(ascii: "u"): text.append(utf8: String(try readUnit(from: start)))
        default:
            guard isRelaxed, position <= bytes.byteCount else {
                throw error("there is no such escape; a backslash itself is written \\\\", at: start)
            }
            try readRelaxedEscape(mark, from: start, &text)
        }
    }

    /// Reads what only JSON5 has behind a backslash.
    @_lifetime(self: copy self)
    private mutating func readRelaxedEscape(
        _ mark: UInt8, from start: Int, _ text: inout ByteBuffer
    ) throws(JSONTextError) {
        switch mark {
        case UInt8(ascii: "v"): text.append(0x0b as UInt8)
        case UInt8(ascii: "x"):
            let value = try readHexDigits(2, from: start)
            text.append(utf8: String(Unicode.Scalar(UInt8(truncatingIfNeeded: value))))
        case UInt8(ascii: "0"):
            guard !("0"..."9").contains(Unicode.Scalar(byte)) else {
                throw error("no digit may follow \\0", at: start)
            }
            text.append(0 as UInt8)
        case UInt8(ascii: "1")...UInt8(ascii: "9"):
            throw error("there is no such escape; a backslash itself is written \\\\", at: start)
        case 0x0d:
            if byte == 0x0a { position &+= 1 }
        case 0x0a: return
        default:
            // Any other character means itself; the two line ends of Unicode mean nothing, as the others.
            position &-= 1
            let scalar = try scalar()
            position &+= UTF8Sequence.length(bytes, at: position)
            if scalar != "\u{2028}", scalar != "\u{2029}" { text.append(utf8: String(scalar)) }
        }
    }

    /// Reads the digits behind `\u`, and a second such escape if the first is half of a pair.
    @_lifetime(self: copy self)
    mutating func readUnit(from start: Int) throws(JSONTextError) -> Unicode.Scalar {
        let first = try readHexDigits(4, from: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        let lone = error("half of a pair of surrogates stands alone", at: start)
        guard first < 0xdc00, byte == UInt8(ascii: "\\"), byte(ahead: 1) == UInt8(ascii: "u") else {
            throw lone
        }
        position &+= 2
        let second = try readHexDigits(4, from: start)
        guard second & 0xfc00 == 0xdc00 else { throw lone }
        guard let scalar = Unicode.Scalar(0x10000 + (first & 0x3ff) << 10 + second & 0x3ff) else {
            throw lone
        }
        return scalar
    }

    @_lifetime(self: copy self)
    private mutating func readHexDigits(_ count: Int, from start: Int) throws(JSONTextError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = Self.hexDigit(byte) else {
                throw error("this escape has \(count) hexadecimal digits", at: start)
            }
            value = value << 4 | UInt32(digit)
            position &+= 1
        }
        return value
    }

    static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }
}
