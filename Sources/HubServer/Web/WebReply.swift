import HubBytes
package import HubProtocols

/// An answer that is being written: fields first, then it is handed back with its content or as a stream.
package struct WebReply: ~Copyable {
    let token: WebToken
    var writer: HTTPResponseWriter
    var buffer: ByteBuffer

    /// Writes a field whose value came from somewhere else.
    package mutating func field(_ name: StaticString, _ value: RawSpan) throws(HTTPFieldFault) {
        try writer.field(name, value, to: &buffer)
    }

    /// Writes a field that is part of the program.
    package mutating func field(_ name: StaticString, _ value: StaticString) {
        writer.field(name, value, to: &buffer)
    }

    /// Writes a field whose value is a number.
    package mutating func field(_ name: StaticString, _ value: UInt64) {
        writer.field(name, value, to: &buffer)
    }

    /// Has the connection end behind this answer.
    package mutating func closeConnection() { writer.closeConnection() }
}
