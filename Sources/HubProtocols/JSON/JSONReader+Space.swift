import HubBytes

/// What stands between values, and names without quotes.
extension JSONReader {
    /// Goes to the next thing that is neither space nor comment.
    @_lifetime(self: copy self)
    mutating func skipSpace() throws(JSONTextError) {
        while !isAtEnd {
            switch byte {
            case 0x20, 0x09, 0x0a, 0x0d: position &+= 1
            case UInt8(ascii: "/"):
                guard isRelaxed else { throw error("JSON has no comments") }
                try skipComment()
            case 0x0b, 0x0c:
                guard isRelaxed else { return }
                position &+= 1
            case 0x80...:
                guard isRelaxed, try isSpace(scalar()) else { return }
                position &+= UTF8Sequence.length(bytes, at: position)
            default: return
            }
        }
    }

    @_lifetime(self: copy self)
    private mutating func skipComment() throws(JSONTextError) {
        let start = position
        switch byte(ahead: 1) {
        case UInt8(ascii: "/"):
            position &+= 2
            while !isAtEnd, !(try isLineEnd()) { try skipCharacter() }
        case UInt8(ascii: "*"):
            position &+= 2
            while !(byte == UInt8(ascii: "*") && byte(ahead: 1) == UInt8(ascii: "/")) {
                guard !isAtEnd else { throw error("this comment has no */ at its end", at: start) }
                try skipCharacter()
            }
            position &+= 2
        default: throw error("a comment begins with // or /*", at: start)
        }
    }

    private func isLineEnd() throws(JSONTextError) -> Bool {
        switch byte {
        case 0x0a, 0x0d: return true
        case 0xe2:
            let scalar = try scalar()
            return scalar == "\u{2028}" || scalar == "\u{2029}"
        default: return false
        }
    }

    @_lifetime(self: copy self)
    private mutating func skipCharacter() throws(JSONTextError) {
        let length = UTF8Sequence.length(bytes, at: position)
        guard length > 0 else { throw error("this is not UTF-8") }
        position &+= length
    }

    /// The character at the position, which is not the end.
    func scalar() throws(JSONTextError) -> Unicode.Scalar {
        let length = UTF8Sequence.length(bytes, at: position)
        guard length > 0 else { throw error("this is not UTF-8") }
        // Of a sequence that was checked, the first byte gives what is left behind its mark, each other byte six bits.
        var value = UInt32(byte)
        if length > 1 { value &= 0x7f >> UInt32(length) }
        var index = 1
        while index < length {
            value = value << 6 | UInt32(byte(ahead: index) & 0x3f)
            index &+= 1
        }
        guard let scalar = Unicode.Scalar(value) else { throw error("this is not UTF-8") }
        return scalar
    }

    private func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\u{a0}", "\u{2028}", "\u{2029}", "\u{feff}": true
        default: scalar.properties.generalCategory == .spaceSeparator
        }
    }

    // MARK: Names without quotes

    /// Reads a name as ECMAScript has identifiers.
    @_lifetime(self: copy self)
    mutating func readIdentifier() throws(JSONTextError) -> String {
        var name = String.UnicodeScalarView()
        while !isAtEnd {
            let start = position
            let scalar: Unicode.Scalar
            if byte == UInt8(ascii: "\\") {
                guard byte(ahead: 1) == UInt8(ascii: "u") else { throw expected("a name") }
                position &+= 2
                scalar = try readUnit(from: start)
            } else {
                scalar = try self.scalar()
            }
            let belongs = name.isEmpty ? Self.beginsName(scalar) : Self.continuesName(scalar)
            if position > start {
                guard belongs else { throw error("this character cannot stand in a name", at: start) }
            } else {
                guard belongs else { break }
                position &+= UTF8Sequence.length(bytes, at: position)
            }
            name.append(scalar)
        }
        guard !name.isEmpty else { throw expected("a name") }
        return String(name)
    }

    private static func beginsName(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return isWordByte(UInt8(scalar.value)) && !("0"..."9").contains(scalar)
        }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .letterNumber:
            true
        default: false
        }
    }

    private static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return isWordByte(UInt8(scalar.value)) }
        if scalar == "\u{200c}" || scalar == "\u{200d}" || beginsName(scalar) { return true }
        return switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .decimalNumber, .connectorPunctuation: true
        default: false
        }
    }
}
