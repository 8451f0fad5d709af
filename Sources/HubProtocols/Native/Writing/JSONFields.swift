import HubBytes
import HubModel

/// Fields of a frame, appended one by one. A name is given with its comma, quotes and colon, as it stands in the text.
extension ByteBuffer {
    /// A text between quotes, escaped where it must be.
    mutating func append(quoted text: RawSpan) {
        append(UInt8(ascii: "\""))
        if PlainText.end(text, from: 0) == text.byteCount {
            append(text)
        } else {
            JSONText.append(escaping: text, to: &self)
        }
        append(UInt8(ascii: "\""))
    }

    /// A text between quotes.
    mutating func append(quoted text: String) { text.withBytes { append(quoted: $0) } }

    /// A field with a text.
    @inline(__always)
    mutating func field(_ name: StaticString, _ text: RawSpan) {
        append(name)
        append(quoted: text)
    }

    /// A field with a text, if there is one.
    @inline(__always)
    mutating func field(_ name: StaticString, ifAny text: RawSpan) {
        if !text.isEmpty { field(name, text) }
    }

    /// A field with a text, if there is one.
    mutating func field(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        append(name)
        append(quoted: text)
    }

    /// A field with a number.
    @inline(__always)
    mutating func field(_ name: StaticString, _ number: UInt64) {
        append(name)
        append(decimal: number)
    }

    /// A field with a number, if there is one.
    mutating func field(_ name: StaticString, number: (some FixedWidthInteger)?) {
        if let number { field(name, UInt64(clamping: number)) }
    }

    /// A field with a moment.
    mutating func field(_ name: StaticString, _ time: Timestamp) {
        append(name)
        append(UInt8(ascii: "\""))
        append(time)
        append(UInt8(ascii: "\""))
    }

    /// A field that says yes, or is not there.
    @inline(__always)
    mutating func flag(_ field: StaticString, _ isSet: Bool) {
        if isSet { append(field) }
    }

    /// A list of texts.
    mutating func field(_ name: StaticString, _ texts: [String]) {
        append(name)
        append(UInt8(ascii: "["))
        for (index, text) in texts.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            append(quoted: text)
        }
        append(UInt8(ascii: "]"))
    }
}
