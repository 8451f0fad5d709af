package import HubBytes

/// Bytes as three characters each: a percent sign and two hexadecimal digits (RFC 3986, section 2.1).
package enum PercentEncoding {
    /// The value of the two digits at the beginning; nil if they are not there.
    static func value(_ digits: RawSpan) -> UInt8? {
        guard digits.byteCount >= 2, let high = HTTPText.hexValue(digits.load(0, as: UInt8.self)),
            let low = HTTPText.hexValue(digits.load(1, as: UInt8.self))
        else { return nil }
        return high << 4 | low
    }

    /// Appends what the text stands for. In a query a plus sign stands for a space, as forms have it; in a path for
    /// itself. Percent signs of which a request's target has no wrong ones may stand for themselves elsewhere.
    package static func decode(_ text: RawSpan, plusIsSpace: Bool, to buffer: inout ByteBuffer) {
        var position = 0
        while let byte = next(text, &position, plusIsSpace) { buffer.append(byte) }
    }

    /// Whether the text stands for a word.
    package static func equals(_ text: RawSpan, _ word: StaticString, plusIsSpace: Bool) -> Bool {
        var position = 0
        var index = 0
        while let byte = next(text, &position, plusIsSpace) {
            guard index < word.utf8CodeUnitCount else { return false }
            // Safety: the index is below the number of code units, which live for ever.
            guard unsafe byte == word.utf8Start[index] else { return false }
            index += 1
        }
        return index == word.utf8CodeUnitCount
    }

    private static func next(_ text: RawSpan, _ position: inout Int, _ plusIsSpace: Bool) -> UInt8? {
        guard position < text.byteCount else { return nil }
        let byte = text.load(position, as: UInt8.self)
        position += 1
        if byte == UInt8(ascii: "+"), plusIsSpace { return 0x20 }
        guard byte == UInt8(ascii: "%"), let value = value(text.extracting(position..<text.byteCount)) else {
            return byte
        }
        position += 2
        return value
    }

    /// Appends bytes so that they can stand anywhere in a path or query: letters, digits, `-._~` as they are, all else
    /// encoded.
    package static func encode(_ bytes: RawSpan, to buffer: inout ByteBuffer) {
        var position = 0
        while position < bytes.byteCount {
            let byte = bytes.load(position, as: UInt8.self)
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                buffer.append(byte)
            case _ where HTTPText.isLetter(byte) || HTTPText.isDigit(byte): buffer.append(byte)
            default:
                buffer.append(UInt8(ascii: "%"))
                buffer.append(digit(byte >> 4))
                buffer.append(digit(byte & 15))
            }
            position += 1
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
