import HubBytes

/// The alphabets of HTTP's grammar, as tests of single bytes.
enum HTTPText {
    /// A bit for each byte below 64 that a token may have: `!#$%&'*+-.` and digits.
    private static let lowTokens: UInt64 = 0x03ff_6cfa_0000_0000
    /// The same for 64 to 127: letters and `^_` with the backquote, `|~`.
    private static let highTokens: UInt64 = 0x57ff_ffff_c7ff_fffe

    /// Whether a byte may be part of a method or a field's name (RFC 9110, section 5.6.2).
    static func isToken(_ byte: UInt8) -> Bool {
        let set = byte < 64 ? lowTokens : highTokens
        return byte < 128 && set >> UInt64(byte & 63) & 1 == 1
    }

    /// Whether all bytes may be part of a token, and there is one at least.
    static func isToken(_ bytes: RawSpan) -> Bool {
        var position = 0
        while position < bytes.byteCount {
            guard isToken(bytes.load(position, as: UInt8.self)) else { return false }
            position &+= 1
        }
        return position > 0
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

    /// Space and tab: all the white space that there is inside a line.
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// The value of a hexadecimal digit; nil if it is none.
    static func hexValue(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte &- UInt8(ascii: "0") }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter &+ 10 : nil
    }

    /// Whether the bytes are a word, in capitals or small letters. The word is given in small letters.
    static func equals(_ bytes: RawSpan, anyCase word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.byteCount == count else { return false }
        var index = 0
        while index < count {
            // Safety: the index is below the number of code units, which live for ever.
            let wanted = unsafe word.utf8Start[index]
            let byte = bytes.load(index, as: UInt8.self)
            guard byte == wanted || (isLetter(wanted) && byte | 0x20 == wanted) else { return false }
            index &+= 1
        }
        return true
    }

    /// Whether the bytes are a word, letter by letter.
    static func equals(_ bytes: RawSpan, _ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.byteCount == count else { return false }
        var index = 0
        while index < count {
            // Safety: the index is below the number of code units, which live for ever.
            guard unsafe bytes.load(index, as: UInt8.self) == word.utf8Start[index] else { return false }
            index &+= 1
        }
        return true
    }

    /// The range without blanks at its two ends.
    static func trimmed(_ bytes: RawSpan, _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isBlank(bytes.load(start, as: UInt8.self)) { start &+= 1 }
        while end > start, isBlank(bytes.load(end &- 1, as: UInt8.self)) { end &-= 1 }
        return start..<end
    }

    /// Calls `body` for each element between commas, without the blanks around it. Empty elements do not count
    /// (RFC 9110, section 5.6.1).
    static func forEachElement(of list: RawSpan, _ body: (RawSpan) -> Void) {
        var start = 0
        while start < list.byteCount {
            var end = start
            while end < list.byteCount, list.load(end, as: UInt8.self) != UInt8(ascii: ",") { end &+= 1 }
            let element = trimmed(list, start..<end)
            if !element.isEmpty { body(list.extracting(element)) }
            start = end &+ 1
        }
    }

    /// A number of digits and nothing else. The largest there is stands for all that are larger: limits come long
    /// before.
    static func decimal(_ bytes: RawSpan) -> UInt64? {
        var value: UInt64 = 0
        var position = 0
        while position < bytes.byteCount {
            let byte = bytes.load(position, as: UInt8.self)
            guard isDigit(byte) else { return nil }
            let (tenfold, isOver) = value.multipliedReportingOverflow(by: 10)
            let (sum, isOverToo) = tenfold.addingReportingOverflow(UInt64(byte &- UInt8(ascii: "0")))
            value = isOver || isOverToo ? .max : sum
            position &+= 1
        }
        return position > 0 ? value : nil
    }
}
