import HubBytes

/// A host and a port, as a Host field and a URL have them.
package struct HTTPAuthority: Equatable, Sendable {
    /// The host; of an IPv6 address what stands between its brackets.
    package let host: HTTPSlice
    /// Whether the host is an IPv6 address.
    package let isIPv6: Bool
    /// The port, if one is named.
    package let port: UInt16?

    /// The longest name that the domain name system has.
    package static let hostBytesMax = 253

    /// Reads `host`, `host:port`, `[address]` or `[address]:port` from a part of the bytes; nil if it is none of them.
    ///
    /// RFC 3986, section 3.2, also has user names, which RFC 9110, section 4.2.4, takes for a mistake, and hosts with
    /// percent signs and punctuation, which no resolver knows: here a name has letters, digits, `-`, `.` and `_`.
    init?(_ bytes: RawSpan, _ range: Range<Int>) {
        var position = range.lowerBound
        let isBracketed =
            position < range.upperBound && bytes.load(position, as: UInt8.self) == UInt8(ascii: "[")
        if isBracketed {
            position += 1
            let start = position
            while position < range.upperBound, bytes.load(position, as: UInt8.self) != UInt8(ascii: "]") {
                position += 1
            }
            guard position < range.upperBound, IPv6Literal.isValid(bytes, start..<position) else {
                return nil
            }
            host = HTTPSlice(start..<position)
            position += 1
        } else {
            let start = position
            while position < range.upperBound, Self.isName(bytes.load(position, as: UInt8.self)) {
                position += 1
            }
            guard position > start, position - start <= Self.hostBytesMax else { return nil }
            host = HTTPSlice(start..<position)
        }
        isIPv6 = isBracketed
        guard position < range.upperBound else {
            port = nil
            return
        }
        guard bytes.load(position, as: UInt8.self) == UInt8(ascii: ":") else { return nil }
        let digits = bytes.extracting(position + 1..<range.upperBound)
        // A colon with nothing behind it stands for the usual port (RFC 3986, section 6.2.3).
        guard digits.byteCount > 0 else {
            port = nil
            return
        }
        guard digits.byteCount <= 5, let number = HTTPText.decimal(digits), number > 0 else { return nil }
        guard let number = UInt16(exactly: number) else { return nil }
        port = number
    }

    /// Whether this names the machine itself, in one of the usual ways. A web page can have its own name lead here,
    /// but it cannot have the browser send another name than its own.
    func isLoopback(in bytes: RawSpan) -> Bool {
        let name = host.of(bytes)
        if isIPv6 { return HTTPText.equals(name, "::1") }
        if IPv4Literal.isValid(name, 0..<name.byteCount) {
            return HTTPText.equals(name.extracting(0..<4), "127.")
        }
        let suffix: StaticString = ".localhost"
        let start = name.byteCount - suffix.utf8CodeUnitCount
        return HTTPText.equals(name, anyCase: "localhost")
            || (start > 0 && HTTPText.equals(name.extracting(start..<name.byteCount), anyCase: suffix))
    }

    private static func isName(_ byte: UInt8) -> Bool {
        HTTPText.isLetter(byte) || HTTPText.isDigit(byte) || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
}

/// IPv6 addresses as text (RFC 4291, section 2.2), without zones, which mean something on one machine only.
enum IPv6Literal {
    /// Eight groups of up to four hexadecimal digits; `::` once for one or more groups of zeros; the last two groups
    /// may be an IPv4 address.
    static func isValid(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        var position = range.lowerBound
        var groups = 0
        var isShortened = false
        if startsWithColons(bytes, position..<range.upperBound) {
            isShortened = true
            position += 2
        }
        while position < range.upperBound {
            let start = position
            while position < range.upperBound, position - start < 4,
                HTTPText.hexValue(bytes.load(position, as: UInt8.self)) != nil
            { position += 1 }
            guard position > start else { return false }
            if position < range.upperBound, bytes.load(position, as: UInt8.self) == UInt8(ascii: ".") {
                guard IPv4Literal.isValid(bytes, start..<range.upperBound) else { return false }
                groups += 2
                break
            }
            groups += 1
            guard position < range.upperBound else { break }
            if startsWithColons(bytes, position..<range.upperBound) {
                if isShortened { return false }
                isShortened = true
                position += 2
            } else {
                // A colon must have a group behind it.
                guard bytes.load(position, as: UInt8.self) == UInt8(ascii: ":"),
                    position + 1 < range.upperBound
                else { return false }
                position += 1
            }
            if groups > 8 { return false }
        }
        return isShortened ? groups < 8 : groups == 8
    }

    private static func startsWithColons(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        range.count >= 2 && bytes.load(range.lowerBound, as: UInt16.self) == 0x3a3a
    }
}

/// IPv4 addresses as text: four numbers below 256, without leading zeros, which some read as octal.
enum IPv4Literal {
    static func isValid(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        var position = range.lowerBound
        for index in 0..<4 {
            if index > 0 {
                guard position < range.upperBound, bytes.load(position, as: UInt8.self) == UInt8(ascii: ".")
                else { return false }
                position += 1
            }
            let start = position
            while position < range.upperBound, HTTPText.isDigit(bytes.load(position, as: UInt8.self)) {
                position += 1
            }
            let digits = bytes.extracting(start..<position)
            guard digits.byteCount <= 3, let number = HTTPText.decimal(digits), number < 256 else {
                return false
            }
            if digits.byteCount > 1, digits.load(0, as: UInt8.self) == UInt8(ascii: "0") { return false }
        }
        return position == range.upperBound
    }
}
