package import HubBytes

/// Writes the fields of a message, which all come before its content.
package protocol HTTPFieldWriting: ~Copyable {
    /// Whether the fields have ended.
    var hasContent: Bool { get }
}

extension HTTPFieldWriting where Self: ~Copyable {
    /// Writes a field whose name and value came from somewhere else.
    package mutating func field(
        _ name: RawSpan, _ value: RawSpan, to buffer: inout ByteBuffer
    ) throws(HTTPFieldFault) {
        precondition(!hasContent, "fields come before the content")
        try HTTPFieldText.append(name, value, to: &buffer)
    }

    /// Writes a field whose value came from somewhere else.
    package mutating func field(
        _ name: StaticString, _ value: RawSpan, to buffer: inout ByteBuffer
    ) throws(HTTPFieldFault) {
        precondition(!hasContent, "fields come before the content")
        try HTTPFieldText.append(name, value, to: &buffer)
    }

    /// Writes a field that is part of the program.
    package mutating func field(_ name: StaticString, _ value: StaticString, to buffer: inout ByteBuffer) {
        precondition(!hasContent, "fields come before the content")
        HTTPFieldText.append(name, value, to: &buffer)
    }

    /// Writes a field whose value is a number.
    package mutating func field(_ name: StaticString, _ value: UInt64, to buffer: inout ByteBuffer) {
        precondition(!hasContent, "fields come before the content")
        HTTPFieldText.append(name, value, to: &buffer)
    }
}
