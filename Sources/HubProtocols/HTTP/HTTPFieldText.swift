import HubBytes

/// Why a field was not written.
package enum HTTPFieldFault: String, Error, Equatable, Sendable, CaseIterable {
    case badName = "a field's name has letters, digits and a few marks only"
    case badValue = "a field's value must not have line ends, NUL or other control characters"
    case ownName = "this field is written by whoever knows where the content ends"
}

/// Writes fields, and refuses what would become more than one of them. Values come from agents too: one line end in
/// them, and the rest would be read as a field, or as a message, that we never meant to send.
enum HTTPFieldText {
    static func append(
        _ name: RawSpan, _ value: RawSpan, to buffer: inout ByteBuffer
    ) throws(HTTPFieldFault) {
        guard HTTPText.isToken(name) else { throw .badName }
        guard !isOwn(name) else { throw .ownName }
        guard isValue(value) else { throw .badValue }
        buffer.append(name)
        appendValue(value, to: &buffer)
    }

    /// Appends a field whose name is part of the program, and so known to be right.
    static func append(
        _ name: StaticString, _ value: RawSpan, to buffer: inout ByteBuffer
    ) throws(HTTPFieldFault) {
        guard isValue(value) else { throw .badValue }
        buffer.append(name)
        appendValue(value, to: &buffer)
    }

    private static func appendValue(_ value: RawSpan, to buffer: inout ByteBuffer) {
        buffer.append(": ")
        buffer.append(value)
        buffer.append("\r\n")
    }

    /// Appends a field that is part of the program as a whole.
    static func append(_ name: StaticString, _ value: StaticString, to buffer: inout ByteBuffer) {
        buffer.append(name)
        buffer.append(": ")
        buffer.append(value)
        buffer.append("\r\n")
    }

    static func append(_ name: StaticString, _ value: UInt64, to buffer: inout ByteBuffer) {
        buffer.append(name)
        buffer.append(": ")
        buffer.append(decimal: value)
        buffer.append("\r\n")
    }

    static func isValue(_ value: RawSpan) -> Bool {
        var position = HTTPLine.firstControl(value, from: 0)
        while position < value.byteCount {
            guard value.load(position, as: UInt8.self) == 0x09 else { return false }
            position = HTTPLine.firstControl(value, from: position + 1)
        }
        return true
    }

    /// Fields that the writers write themselves: a second one could contradict them.
    private static func isOwn(_ name: RawSpan) -> Bool {
        switch name.byteCount {
        case 4: HTTPText.equals(name, anyCase: "host") || HTTPText.equals(name, anyCase: "date")
        case 7: HTTPText.equals(name, anyCase: "upgrade")
        case 10: HTTPText.equals(name, anyCase: "connection")
        case 14: HTTPText.equals(name, anyCase: "content-length")
        case 17: HTTPText.equals(name, anyCase: "transfer-encoding")
        default: false
        }
    }
}
