import HubBytes

/// Numbers.
extension JSONReader {
    @_lifetime(self: copy self)
    mutating func readNumber() throws(JSONTextError) -> JSONValue {
        let start = position
        let isNegative = byte == UInt8(ascii: "-")
        if byte == UInt8(ascii: "+"), !isRelaxed { throw error("a number has no plus sign") }
        if isNegative || byte == UInt8(ascii: "+") { position &+= 1 }
        if isRelaxed {
            if byte == UInt8(ascii: "0"), byte(ahead: 1) | 0x20 == UInt8(ascii: "x") {
                return try readHexadecimal(isNegative, from: start)
            }
            if byte == UInt8(ascii: "I") || byte == UInt8(ascii: "N") {
                return try readSignedWord(isNegative, from: start)
            }
        }
        let hasWhole = try readWhole(from: start)
        var isWhole = true
        if byte == UInt8(ascii: ".") {
            isWhole = false
            try readFraction(hasWhole)
        } else if !hasWhole {
            throw expected("a digit")
        }
        if byte | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            position &+= 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position &+= 1 }
            guard skipDigits() > 0 else { throw expected("a digit of the exponent") }
        }
        guard !Self.isWordByte(byte) else { throw expected("the end of the number") }
        return try number(start..<position, isWhole)
    }

    /// Reads the digits before the point; says whether there are any.
    @_lifetime(self: copy self)
    private mutating func readWhole(from start: Int) throws(JSONTextError) -> Bool {
        let first = byte
        let count = skipDigits()
        if first == UInt8(ascii: "0"), count > 1 {
            throw error("a number has no zeros in front", at: start)
        }
        return count > 0
    }

    @_lifetime(self: copy self)
    private mutating func readFraction(_ hasWhole: Bool) throws(JSONTextError) {
        guard hasWhole || isRelaxed else { throw error("a digit stands before the point") }
        position &+= 1
        let count = skipDigits()
        if count == 0, !(isRelaxed && hasWhole) { throw expected("a digit behind the point") }
    }

    @_lifetime(self: copy self)
    private mutating func skipDigits() -> Int {
        let start = position
        while byte &- UInt8(ascii: "0") < 10 { position &+= 1 }
        return position &- start
    }

    private func number(_ range: Range<Int>, _ isWhole: Bool) throws(JSONTextError) -> JSONValue {
        let text = bytes.extracting(range).text
        if isWhole, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            throw error("this number is too large to be kept", at: range.lowerBound)
        }
        return .double(value)
    }

    @_lifetime(self: copy self)
    private mutating func readHexadecimal(
        _ isNegative: Bool, from start: Int
    ) throws(JSONTextError) -> JSONValue {
        position &+= 2
        var value: Int64 = 0
        var count = 0
        while let digit = Self.hexDigit(byte) {
            let (shifted, overflows) = value.multipliedReportingOverflow(by: 16)
            guard !overflows else {
                throw error("a hexadecimal number has at most 63 bits", at: start)
            }
            value = shifted | Int64(digit)
            position &+= 1
            count &+= 1
        }
        guard count > 0 else { throw expected("a hexadecimal digit") }
        guard !Self.isWordByte(byte) else { throw expected("the end of the number") }
        return .integer(isNegative ? -value : value)
    }

    @_lifetime(self: copy self)
    private mutating func readSignedWord(
        _ isNegative: Bool, from start: Int
    ) throws(JSONTextError) -> JSONValue {
        let wordStart = position
        while Self.isWordByte(byte) { position &+= 1 }
        switch bytes.extracting(wordStart..<min(position, wordStart &+ 40)).text {
        case "Infinity": return .double(isNegative ? -.infinity : .infinity)
        case "NaN": return .double(.nan)
        default: throw error("this is no number", at: start)
        }
    }
}
