import HubBytes

/// Why bytes are not JSON, and where.
package struct JSONFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package enum Reason: String, Sendable, CaseIterable {
        /// The bytes end inside a value.
        case incomplete = "the text ends too early"
        /// Something else than a value stands where one must be.
        case valueExpected = "a value was expected"
        /// Something else than a string stands where a key must be.
        case keyExpected = "a key in quotes was expected"
        /// The colon behind a key is missing.
        case colonExpected = "a colon was expected"
        /// What follows a value in an object or array is neither a comma nor its end.
        case commaExpected = "a comma or the end of the object or array was expected"
        /// `true`, `false` or `null` is misspelled.
        case badLiteral = "this is not true, false or null"
        /// A number has a form that JSON does not allow.
        case badNumber = "this is not a number"
        /// A string has a backslash with nothing sensible behind it.
        case badEscape = "this escape does not exist"
        /// A string has half of a pair of surrogates.
        case loneSurrogate = "half of a surrogate pair"
        /// A string has a control character that is not escaped.
        case controlCharacter = "a control character must be escaped"
        /// A string is not UTF-8.
        case badUTF8 = "this is not UTF-8"
        /// Objects and arrays are nested deeper than allowed.
        case tooDeep = "nested too deeply"
        /// Something follows the value.
        case trailing = "something follows the value"
    }

    /// What is wrong.
    package let reason: Reason
    /// The byte where it is, counted from 0.
    package let position: Int

    /// A fault at a place.
    package init(reason: Reason, position: Int) {
        self.reason = reason
        self.position = position
    }

    /// What is wrong, and where.
    package var description: String { "\(reason.rawValue) at byte \(position)" }
}

/// Checks that bytes are one JSON value as RFC 8259 has it: total, in one pass, without recursion or allocation,
/// whatever the bytes are.
///
/// Stricter than the grammar in one point: half of a surrogate pair, which `\ud800` alone would be, is refused
/// unless allowed, because no Unicode text can hold it and readers disagree on what to make of it.
package struct JSONValidator: ~Escapable {
    let bytes: RawSpan
    private let depthMax: Int
    private let allowsLoneSurrogates: Bool
    /// The byte that is looked at next.
    var position = 0
    /// Whether a string had an escape since this was last set to false.
    var hasMetEscape = false
    private var depth = 0
    /// A bit for each level, set for an object.
    private var objects: UInt128 = 0

    /// The deepest nesting that can be allowed.
    package static let deepest = 128

    /// Why the bytes are not one JSON value; nil if they are.
    package static func fault(
        in bytes: RawSpan, depthMax: Int = 64, allowingLoneSurrogates: Bool = false
    ) -> JSONFault? {
        precondition(depthMax >= 0 && depthMax <= deepest)
        var validator = JSONValidator(bytes, depthMax, allowingLoneSurrogates)
        do throws(JSONFault) {
            try validator.validate()
            return nil
        } catch {
            return error
        }
    }

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, _ depthMax: Int, _ allowsLoneSurrogates: Bool) {
        self.bytes = bytes
        self.depthMax = depthMax
        self.allowsLoneSurrogates = allowsLoneSurrogates
    }

    func fault(_ reason: JSONFault.Reason) -> JSONFault {
        JSONFault(reason: position < bytes.byteCount ? reason : .incomplete, position: position)
    }

    /// The byte at the position; 0, which JSON has nowhere, at the end.
    var byte: UInt8 { position < bytes.byteCount ? bytes.load(position, as: UInt8.self) : 0 }

    @inline(__always) @_lifetime(self: copy self)
    mutating func skipSpace() {
        // Most texts are written without any.
        if byte <= 0x20 { skipSpaces() }
    }

    @_lifetime(self: copy self)
    private mutating func skipSpaces() {
        while true {
            switch byte {
            case 0x20, 0x09, 0x0a, 0x0d: position &+= 1
            default: return
            }
        }
    }

    // MARK: Structure

    @_lifetime(self: copy self)
    private mutating func validate() throws(JSONFault) {
        skipSpace()
        try value()
        skipSpace()
        if position < bytes.byteCount { throw fault(.trailing) }
    }

    /// Goes behind the value that begins here.
    @_lifetime(self: copy self)
    mutating func value() throws(JSONFault) {
        repeat {
            if try beginValue() { try endValues() }
        } while depth > 0
    }

    /// Reads a value, or the beginning of one that has others inside; says whether the value is complete.
    @_lifetime(self: copy self)
    private mutating func beginValue() throws(JSONFault) -> Bool {
        switch byte {
        case UInt8(ascii: "{"): return try open(isObject: true)
        case UInt8(ascii: "["): return try open(isObject: false)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw fault(.valueExpected)
        }
        return true
    }

    /// Enters an object or array and goes to its first value; says whether it is empty, and so complete.
    @_lifetime(self: copy self)
    private mutating func open(isObject: Bool) throws(JSONFault) -> Bool {
        guard depth < depthMax else { throw fault(.tooDeep) }
        position &+= 1
        skipSpace()
        if byte == UInt8(ascii: isObject ? "}" : "]") {
            position &+= 1
            return true
        }
        let bit = UInt128(1) << UInt128(depth)
        objects = isObject ? objects | bit : objects & ~bit
        depth &+= 1
        if isObject { try key() }
        return false
    }

    /// Goes on behind a complete value: to the next one, or out of whatever ends here.
    @_lifetime(self: copy self)
    private mutating func endValues() throws(JSONFault) {
        while depth > 0 {
            skipSpace()
            let isObject = objects >> UInt128(depth &- 1) & 1 == 1
            if byte == UInt8(ascii: ",") {
                position &+= 1
                skipSpace()
                if isObject { try key() }
                return
            }
            guard byte == UInt8(ascii: isObject ? "}" : "]") else { throw fault(.commaExpected) }
            position &+= 1
            depth &-= 1
        }
    }

    /// Reads a key and its colon.
    @_lifetime(self: copy self)
    private mutating func key() throws(JSONFault) {
        guard byte == UInt8(ascii: "\"") else { throw fault(.keyExpected) }
        try string()
        skipSpace()
        guard byte == UInt8(ascii: ":") else { throw fault(.colonExpected) }
        position &+= 1
        skipSpace()
    }

    // MARK: Values

    @_lifetime(self: copy self)
    mutating func literal(_ word: StaticString) throws(JSONFault) {
        let start = position
        var index = 0
        while index < word.utf8CodeUnitCount {
            // Safety: the index is below the number of code units, which live for ever.
            let wanted = unsafe word.utf8Start[index]
            guard byte == wanted else {
                let isCut = position >= bytes.byteCount
                throw JSONFault(
                    reason: isCut ? .incomplete : .badLiteral, position: isCut ? position : start)
            }
            position &+= 1
            index &+= 1
        }
    }

    @_lifetime(self: copy self)
    mutating func number() throws(JSONFault) {
        if byte == UInt8(ascii: "-") { position &+= 1 }
        if byte == UInt8(ascii: "0") {
            position &+= 1
            if Self.isDigit(byte) { throw fault(.badNumber) }
        } else {
            try digits()
        }
        if byte == UInt8(ascii: ".") {
            position &+= 1
            try digits()
        }
        if byte | 0x20 == UInt8(ascii: "e") {
            position &+= 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position &+= 1 }
            try digits()
        }
    }

    /// Reads one digit or more.
    @_lifetime(self: copy self)
    private mutating func digits() throws(JSONFault) {
        guard Self.isDigit(byte) else { throw fault(.badNumber) }
        repeat { position &+= 1 } while Self.isDigit(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    // MARK: Strings

    @_lifetime(self: copy self)
    mutating func string() throws(JSONFault) {
        position &+= 1
        while true {
            position = PlainText.end(bytes, from: position)
            guard position < bytes.byteCount else { throw fault(.incomplete) }
            switch byte {
            case UInt8(ascii: "\""):
                position &+= 1
                return
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20: throw fault(.controlCharacter)
            default:
                let length = UTF8Sequence.length(bytes, at: position)
                guard length > 0 else { throw fault(.badUTF8) }
                position &+= length
            }
        }
    }

    @_lifetime(self: copy self)
    private mutating func escape() throws(JSONFault) {
        let start = position
        hasMetEscape = true
        position &+= 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position &+= 1
        case UInt8(ascii: "u"):
            position &+= 1
            let unit = try fourDigits()
            if unit & 0xf800 == 0xd800, !allowsLoneSurrogates { try pair(unit, start: start) }
        default: throw fault(.badEscape)
        }
    }

    /// Reads the second half of a pair of surrogates.
    @_lifetime(self: copy self)
    private mutating func pair(_ first: UInt16, start: Int) throws(JSONFault) {
        let lone = JSONFault(reason: .loneSurrogate, position: start)
        guard first < 0xdc00 else { throw lone }
        if position >= bytes.byteCount { throw fault(.incomplete) }
        guard byte == UInt8(ascii: "\\") else { throw lone }
        position &+= 1
        if position >= bytes.byteCount { throw fault(.incomplete) }
        guard byte == UInt8(ascii: "u") else { throw lone }
        position &+= 1
        guard try fourDigits() & 0xfc00 == 0xdc00 else { throw lone }
    }

    @_lifetime(self: copy self)
    private mutating func fourDigits() throws(JSONFault) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            let digit: UInt8 =
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
                case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
                case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- UInt8(ascii: "A") &+ 10
                default: throw fault(.badEscape)
                }
            value = value << 4 | UInt16(digit)
            position &+= 1
        }
        return value
    }
}
