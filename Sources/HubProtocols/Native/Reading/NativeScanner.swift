import HubBytes

/// A field's value: where it lies in the text, and what it is.
struct NativeValue: BitwiseCopyable {
    enum Kind: UInt8 {
        case plainText, escapedText, number, yes, no, null, object, array
    }

    let packed: UInt64

    /// The longest text that is taken: what remains of 64 bits for a place.
    static let textBytesMax = 1 << 28

    /// A value as it was packed.
    @inline(__always)
    init(packed: UInt64) { self.packed = packed }

    /// A value of a kind between two places; of text, what lies between the quotes.
    @inline(__always)
    init(_ kind: Kind, _ start: Int, _ end: Int) {
        packed = UInt64(start) << 32 | UInt64(end &- start) << 4 | UInt64(kind.rawValue)
    }

    @inline(__always) var kind: Kind { Kind(rawValue: UInt8(truncatingIfNeeded: packed & 15)) ?? .null }
    @inline(__always) var start: Int { Int(packed >> 32) }
    @inline(__always) var count: Int { Int(packed >> 4 & 0xfff_ffff) }
    @inline(__always) var end: Int { start &+ count }
    @inline(__always) var isText: Bool { packed & 15 <= 1 }
}

/// Goes through an object once, checks all of it, and notes where the values of known keys lie.
struct NativeScanner: ~Copyable, ~Escapable {
    var json: JSONValidator
    /// A bit for each key that was met, and for each that has a value: null is none, but for `data`.
    private var met: UInt128 = 0
    private var given: UInt128 = 0
    /// The first known key that was met twice.
    private(set) var repeated: NativeKey?
    private var values = WordArray(count: NativeKey.allCases.count)

    @_lifetime(copy text)
    init(_ text: RawSpan, at position: Int = 0) {
        json = JSONValidator(text, Self.depthMax, false)
        json.position = position
    }

    /// How deep objects and arrays may be nested in a value of the frame.
    static let depthMax = 64

    /// Whether a key has a value. A subscript, since the compiler takes a method for a copy of what cannot be copied.
    subscript(has key: NativeKey) -> Bool { given >> UInt128(key.rawValue) & 1 == 1 }

    /// The value of a key; nil if there is none.
    subscript(key: NativeKey) -> NativeValue? {
        given >> UInt128(key.rawValue) & 1 == 1 ? NativeValue(packed: values[Int(key.rawValue)]) : nil
    }

    /// Forgets what was found.
    @_lifetime(self: copy self)
    mutating func forget() {
        met = 0
        given = 0
        repeated = nil
    }

    /// Reads the object that begins here, and goes behind it.
    @_lifetime(self: copy self)
    mutating func readObject() throws(JSONFault) {
        forget()
        json.position &+= 1
        json.skipSpace()
        if json.byte == UInt8(ascii: "}") {
            json.position &+= 1
            return
        }
        while true {
            let key = try readKey()
            let value = try readValue()
            note(key, value)
            json.skipSpace()
            if json.byte == UInt8(ascii: ",") {
                json.position &+= 1
                json.skipSpace()
                continue
            }
            guard json.byte == UInt8(ascii: "}") else { throw json.fault(.commaExpected) }
            json.position &+= 1
            return
        }
    }

    @inline(__always) @_lifetime(self: copy self)
    private mutating func note(_ number: UInt8, _ value: NativeValue) {
        guard number != WordTable.unknown else { return }
        let bit = UInt128(1) << UInt128(number)
        if met & bit != 0, repeated == nil { repeated = NativeKey(rawValue: number) }
        met |= bit
        if value.kind != .null || number == NativeKey.data.rawValue { given |= bit }
        values[Int(number)] = value.packed
    }

    /// Reads a key and its colon; the key's number.
    @_lifetime(self: copy self)
    private mutating func readKey() throws(JSONFault) -> UInt8 {
        guard json.byte == UInt8(ascii: "\"") else { throw json.fault(.keyExpected) }
        let text = try readText()
        let number =
            text.kind == .plainText
            ? NativeKey.table.number(of: json.bytes, text.start, text.end) : unescaped(text)
        json.skipSpace()
        guard json.byte == UInt8(ascii: ":") else { throw json.fault(.colonExpected) }
        json.position &+= 1
        json.skipSpace()
        return number
    }

    /// The number of a key that is written with escapes, and means the same as without.
    private func unescaped(_ text: NativeValue) -> UInt8 {
        var plain = ByteBuffer(capacity: 64)
        JSONText.append(json.bytes.extracting(text.start..<text.end), to: &plain)
        return NativeKey.table.number(of: plain.bytes, 0, plain.count)
    }

    /// Goes behind the value that begins here, which is checked.
    @_lifetime(self: copy self)
    mutating func readValue() throws(JSONFault) -> NativeValue {
        let start = json.position
        let kind: NativeValue.Kind
        switch json.byte {
        case UInt8(ascii: "\""): return try readText()
        case UInt8(ascii: "{"):
            try json.value()
            kind = .object
        case UInt8(ascii: "["):
            try json.value()
            kind = .array
        case UInt8(ascii: "t"):
            try json.literal("true")
            kind = .yes
        case UInt8(ascii: "f"):
            try json.literal("false")
            kind = .no
        case UInt8(ascii: "n"):
            try json.literal("null")
            kind = .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try json.number()
            kind = .number
        default: throw json.fault(.valueExpected)
        }
        return NativeValue(kind, start, json.position)
    }

    @inline(__always) @_lifetime(self: copy self)
    private mutating func readText() throws(JSONFault) -> NativeValue {
        let start = json.position &+ 1
        let end = PlainText.end(json.bytes, from: start)
        if end < json.bytes.byteCount, json.bytes.load(end, as: UInt8.self) == UInt8(ascii: "\"") {
            json.position = end &+ 1
            return NativeValue(.plainText, start, end)
        }
        return try readSpecialText(start)
    }

    /// Text with escapes or with more than ASCII.
    @inline(never) @_lifetime(self: copy self)
    private mutating func readSpecialText(_ start: Int) throws(JSONFault) -> NativeValue {
        json.hasMetEscape = false
        try json.string()
        return NativeValue(json.hasMetEscape ? .escapedText : .plainText, start, json.position &- 1)
    }
}
