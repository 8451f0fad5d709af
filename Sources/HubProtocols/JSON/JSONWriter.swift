import HubBytes

/// Writes JSON text, value by value, into memory that is reused. Commas come by themselves, text is escaped, and
/// bytes that are not UTF-8 become replacement characters, so that what comes out is always valid.
package struct JSONWriter: ~Copyable {
    private var buffer: ByteBuffer
    /// Open objects and arrays.
    private var depth = 0
    /// A bit for each open object or array that has a value already.
    private var filled: UInt128 = 0
    /// Whether a key was written whose value is to come.
    private var isAfterKey = false

    /// Objects and arrays that may be open at once.
    package static let depthMax = 128

    /// An empty text.
    package init(capacity: Int = 4096) { buffer = ByteBuffer(capacity: capacity) }

    /// The text so far.
    package var bytes: RawSpan {
        @_lifetime(borrow self) get { buffer.bytes }
    }

    /// Bytes so far.
    package var count: Int { buffer.count }

    /// Forgets the text and keeps the memory; every object and array must be closed.
    package mutating func removeAll() {
        precondition(depth == 0)
        buffer.removeAll()
        filled = 0
    }

    // MARK: Structure

    private mutating func beginValue() {
        if isAfterKey {
            isAfterKey = false
            return
        }
        // On the top level values stand one after the other, as lines do.
        guard depth > 0 else { return }
        let bit = UInt128(1) << UInt128(depth &- 1)
        if filled & bit != 0 { buffer.append(UInt8(ascii: ",")) }
        filled |= bit
    }

    private mutating func open(_ mark: UInt8) {
        precondition(depth < Self.depthMax, "too many open objects and arrays")
        beginValue()
        buffer.append(mark)
        filled &= ~(1 << UInt128(depth))
        depth += 1
    }

    private mutating func close(_ mark: UInt8) {
        precondition(depth > 0 && !isAfterKey)
        depth -= 1
        buffer.append(mark)
    }

    /// Begins an object.
    package mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// Ends an object.
    package mutating func endObject() { close(UInt8(ascii: "}")) }

    /// Begins an array.
    package mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// Ends an array.
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Ends a line between two values of the top level.
    package mutating func newline() {
        precondition(depth == 0)
        buffer.append(UInt8(ascii: "\n"))
    }

    /// Writes a key that needs no escaping; its value comes next.
    package mutating func key(_ name: StaticString) {
        precondition(!isAfterKey)
        beginValue()
        buffer.append(UInt8(ascii: "\""))
        buffer.append(name)
        buffer.append("\":")
        isAfterKey = true
    }

    /// Writes any key; its value comes next.
    package mutating func key(text name: String) {
        precondition(!isAfterKey)
        string(name)
        buffer.append(UInt8(ascii: ":"))
        isAfterKey = true
    }

    // MARK: Values

    /// Writes `null`.
    package mutating func null() {
        beginValue()
        buffer.append("null")
    }

    /// Writes `true` or `false`.
    package mutating func bool(_ value: Bool) {
        beginValue()
        buffer.append(value ? "true" as StaticString : "false")
    }

    /// Writes an integer. Those beyond 2⁵³ are written in full; not every reader takes them in full.
    package mutating func number(_ value: some FixedWidthInteger) {
        beginValue()
        if value < 0 { buffer.append(UInt8(ascii: "-")) }
        if let magnitude = UInt64(exactly: value.magnitude) {
            buffer.append(decimal: magnitude)
        } else {
            buffer.append(utf8: String(value.magnitude))
        }
    }

    /// Writes a number, in the fewest digits that mean it and no other; infinities and NaN, which JSON does not
    /// have, as `null`.
    package mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        beginValue()
        buffer.append(utf8: value.description)
    }

    /// Writes text.
    package mutating func string(_ text: String) {
        beginValue()
        text.withBytes { append(escaped: $0) }
    }

    /// Writes text from its UTF-8; bytes that are not UTF-8 become replacement characters.
    package mutating func string(_ bytes: RawSpan) {
        beginValue()
        append(escaped: bytes)
    }

    /// Writes bytes as text in base64.
    package mutating func base64(_ bytes: RawSpan) {
        beginValue()
        buffer.append(UInt8(ascii: "\""))
        Base64.append(bytes, to: &buffer)
        buffer.append(UInt8(ascii: "\""))
    }

    /// Writes a value that is JSON already, as the caller has checked. Line ends between its parts become spaces,
    /// so that it stays on one line.
    package mutating func embed(_ json: RawSpan) {
        beginValue()
        var start = 0
        var position = 0
        while position < json.byteCount {
            let byte = json.load(position, as: UInt8.self)
            // In valid JSON these stand between values only: inside strings they must be escaped.
            if byte == 0x0a || byte == 0x0d {
                buffer.append(json.extracting(start..<position))
                buffer.append(UInt8(ascii: " "))
                start = position &+ 1
            }
            position &+= 1
        }
        buffer.append(json.extracting(start..<json.byteCount))
    }

    private mutating func append(escaped bytes: RawSpan) {
        buffer.append(UInt8(ascii: "\""))
        JSONText.append(escaping: bytes, to: &buffer)
        buffer.append(UInt8(ascii: "\""))
    }
}
