import HubBytes

/// Reads JSON text, or JSON5, into values. Whatever the bytes are, it ends, within the bounds of its rules, with a value or
/// with the first thing that is wrong.
package struct JSONReader: ~Escapable {
    let bytes: RawSpan
    let rules: JSONRules
    var position = 0
    private var depth = 0
    private var values = 0
    private let notesPositions: Bool
    private var path = JSONPath()
    private var positions: [JSONPath: Int] = [:]

    /// Reads a text.
    package static func value(
        _ text: RawSpan, _ rules: JSONRules = .strict
    ) throws(JSONTextError) -> JSONValue {
        var reader = JSONReader(text, rules, notesPositions: false)
        return try reader.readAll()
    }

    /// Reads a text and notes where everything stands.
    package static func document(
        _ text: RawSpan, _ rules: JSONRules = .json5
    ) throws(JSONTextError) -> JSONDocument {
        var reader = JSONReader(text, rules, notesPositions: true)
        let value = try reader.readAll()
        return JSONDocument(value: value, text: text.array, positions: reader.positions)
    }

    @_lifetime(copy bytes)
    private init(_ bytes: RawSpan, _ rules: JSONRules, notesPositions: Bool) {
        precondition(rules.depthMax >= 0 && rules.depthMax <= JSONWriter.depthMax)
        self.bytes = bytes
        self.rules = rules
        self.notesPositions = notesPositions
    }

    /// Whether this is JSON5.
    var isRelaxed: Bool { rules.dialect == .json5 }

    /// The byte at the position; 0, which means nothing in JSON, at the end.
    var byte: UInt8 { byte(ahead: 0) }

    func byte(ahead distance: Int) -> UInt8 {
        position &+ distance < bytes.byteCount ? bytes.load(position &+ distance, as: UInt8.self) : 0
    }

    var isAtEnd: Bool { position >= bytes.byteCount }

    // MARK: Errors

    func error(_ message: String, at place: Int? = nil) -> JSONTextError {
        JSONTextError(place: TextPlace(ofByte: place ?? position, in: bytes), message: message)
    }

    /// What was expected, and what is there instead.
    func expected(_ what: String) -> JSONTextError {
        guard !isAtEnd else { return error("expected \(what), but the text ends here") }
        let length = UTF8Sequence.length(bytes, at: position)
        guard length > 0 else { return error("this is not UTF-8") }
        if byte < 0x20 || byte == 0x7f {
            return error("expected \(what), found a control character")
        }
        return error("expected \(what), found \(bytes.extracting(position..<position &+ length).text)")
    }

    // MARK: Structure

    @_lifetime(self: copy self)
    private mutating func readAll() throws(JSONTextError) -> JSONValue {
        guard bytes.byteCount <= rules.bytesMax else {
            throw error(
                "the text has \(bytes.byteCount) bytes; at most \(rules.bytesMax) are read", at: 0)
        }
        try skipSpace()
        let value = try readValue()
        try skipSpace()
        guard isAtEnd else { throw expected("the end of the text behind its one value") }
        return value
    }

    @_lifetime(self: copy self)
    private mutating func readValue() throws(JSONTextError) -> JSONValue {
        values &+= 1
        guard values <= rules.valuesMax else {
            throw error("this is more than \(rules.valuesMax) values; more are not read")
        }
        if notesPositions, positions[path] == nil { positions[path] = position }
        switch byte {
        case UInt8(ascii: "{"): return .object(try readObject())
        case UInt8(ascii: "["): return .array(try readArray())
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "'"):
            guard isRelaxed else { throw error("text stands in double quotes") }
            return .string(try readString())
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "."):
            return try readNumber()
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            return try readWord()
        default: throw expected("a value")
        }
    }

    @_lifetime(self: copy self)
    private mutating func enter() throws(JSONTextError) {
        guard depth < rules.depthMax else {
            throw error("nested deeper than \(rules.depthMax) levels")
        }
        depth &+= 1
        position &+= 1
        try skipSpace()
    }

    @_lifetime(self: copy self)
    private mutating func readArray() throws(JSONTextError) -> [JSONValue] {
        try enter()
        var values: [JSONValue] = []
        while byte != UInt8(ascii: "]") {
            if notesPositions { path.steps.append(.index(values.count)) }
            values.append(try readValue())
            if notesPositions { path.steps.removeLast() }
            guard try goOn(to: UInt8(ascii: "]"), "a comma or ]") else { break }
        }
        position &+= 1
        depth &-= 1
        return values
    }

    @_lifetime(self: copy self)
    private mutating func readObject() throws(JSONTextError) -> JSONObject {
        try enter()
        var object = JSONObject()
        while byte != UInt8(ascii: "}") {
            let start = position
            let name = try readName()
            if !rules.allowsDuplicateNames, object[name] != nil {
                throw error("\(name) is there twice in one object", at: start)
            }
            try skipSpace()
            guard byte == UInt8(ascii: ":") else { throw expected("a colon behind the name \(name)") }
            position &+= 1
            try skipSpace()
            if notesPositions {
                path.steps.append(.name(name))
                positions[path] = start
            }
            object[name] = try readValue()
            if notesPositions { path.steps.removeLast() }
            guard try goOn(to: UInt8(ascii: "}"), "a comma or }") else { break }
        }
        position &+= 1
        depth &-= 1
        return object
    }

    /// Goes on behind a member to the next one, or to the closing mark; says whether there may be another.
    @_lifetime(self: copy self)
    private mutating func goOn(to end: UInt8, _ what: String) throws(JSONTextError) -> Bool {
        try skipSpace()
        if byte == end { return false }
        guard byte == UInt8(ascii: ",") else { throw expected(what) }
        let comma = position
        position &+= 1
        try skipSpace()
        if byte == end, !isRelaxed { throw error("no comma may stand behind the last value", at: comma) }
        return true
    }

    @_lifetime(self: copy self)
    private mutating func readName() throws(JSONTextError) -> String {
        if byte == UInt8(ascii: "\"") { return try readString() }
        guard isRelaxed else { throw expected("a name in double quotes") }
        if byte == UInt8(ascii: "'") { return try readString() }
        return try readIdentifier()
    }

    /// Reads `true`, `false` or `null`, and in JSON5 the numbers that are words.
    @_lifetime(self: copy self)
    private mutating func readWord() throws(JSONTextError) -> JSONValue {
        let start = position
        while Self.isWordByte(byte) { position &+= 1 }
        let word = bytes.extracting(start..<min(position, start &+ 40)).text
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "Infinity" where isRelaxed: return .double(.infinity)
        case "NaN" where isRelaxed: return .double(.nan)
        default:
            throw error(
                "\(word) is no value; text stands in quotes, and true, false and null are written so",
                at: start)
        }
    }

    static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"):
            true
        default: false
        }
    }
}
