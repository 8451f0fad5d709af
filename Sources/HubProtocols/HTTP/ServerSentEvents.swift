package import HubBytes

/// Events in a stream of text, as the HTML standard has them for browsers: fields in lines, an empty line behind
/// each event.
package enum ServerSentEvents {
    /// Appends an event. Whoever connects again hands back the last `id` that it saw. The data may have any number of
    /// lines; name and id must be one.
    package static func append(
        name: StaticString?, id: RawSpan?, data: RawSpan, to buffer: inout ByteBuffer
    ) throws(HTTPFieldFault) {
        if let id {
            guard HTTPFieldText.isValue(id) else { throw .badValue }
            buffer.append("id: ")
            buffer.append(id)
            buffer.append("\n")
        }
        if let name {
            buffer.append("event: ")
            buffer.append(name)
            buffer.append("\n")
        }
        appendLines(data, to: &buffer)
        buffer.append("\n")
    }

    /// Appends data as lines. CR, LF and both together end a line for the reader, so each of them begins a new one
    /// here, and comes out as LF.
    private static func appendLines(_ data: RawSpan, to buffer: inout ByteBuffer) {
        var start = 0
        while true {
            var end = start
            while end < data.byteCount, !isLineEnd(data.load(end, as: UInt8.self)) { end &+= 1 }
            buffer.append("data: ")
            buffer.append(data.extracting(start..<end))
            buffer.append("\n")
            guard end < data.byteCount else { return }
            let isPair =
                data.load(end, as: UInt8.self) == 0x0d && end + 1 < data.byteCount
                && data.load(end + 1, as: UInt8.self) == 0x0a
            start = end + (isPair ? 2 : 1)
        }
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d }

    /// Appends a line that every reader skips: a sign of life for proxies that close what is silent.
    package static func appendComment(to buffer: inout ByteBuffer) { buffer.append(":\n\n") }

    /// Appends how long a client should wait before it connects again.
    package static func appendRetry(milliseconds: UInt64, to buffer: inout ByteBuffer) {
        buffer.append("retry: ")
        buffer.append(decimal: milliseconds)
        buffer.append("\n\n")
    }
}
