package import HubBytes

/// Writes one request of ours behind whatever a buffer holds. Host, and the fields that say where the content ends,
/// come by themselves.
package struct HTTPRequestWriter: HTTPFieldWriting, ~Copyable {
    private let method: HTTPMethod
    private let start: Int
    private var content: HTTPContentWriter?

    /// Begins a request to a URL; the last of its connection, if that is wanted.
    package init(_ method: HTTPMethod, _ url: HTTPURL, closes: Bool = false, to buffer: inout ByteBuffer) {
        self.init(method, url, buffer: &buffer)
        if closes { HTTPFieldText.append("Connection", "close", to: &buffer) }
    }

    /// Begins a request to a URL for changing to another protocol.
    package init(upgrading url: HTTPURL, to protocolName: StaticString, buffer: inout ByteBuffer) {
        self.init(.get, url, buffer: &buffer)
        HTTPFieldText.append("Connection", "Upgrade", to: &buffer)
        HTTPFieldText.append("Upgrade", protocolName, to: &buffer)
    }

    private init(_ method: HTTPMethod, _ url: HTTPURL, buffer: inout ByteBuffer) {
        precondition(method != .other && method != .connect)
        self.method = method
        start = buffer.count
        buffer.append(method.name)
        buffer.append(" ")
        buffer.append(utf8: url.target)
        buffer.append(" HTTP/1.1\r\nHost: ")
        buffer.append(utf8: url.authority)
        buffer.append("\r\n")
    }

    /// Whether the fields have ended.
    package var hasContent: Bool { content != nil }

    /// Takes back all that was written of this request.
    package mutating func takeBack(from buffer: inout ByteBuffer) { buffer.truncate(to: start) }

    /// Ends the request with content that is there as a whole.
    package mutating func end(_ bytes: RawSpan, to buffer: inout ByteBuffer) {
        precondition(content == nil)
        HTTPFieldText.append("Content-Length", UInt64(bytes.byteCount), to: &buffer)
        buffer.append("\r\n")
        buffer.append(bytes)
        content = .fixed(0)
    }

    /// Ends the request without content. Methods that usually have some say that it is none (RFC 9110, section 8.6).
    package mutating func end(in buffer: inout ByteBuffer) {
        precondition(content == nil)
        if [.post, .put, .patch].contains(method) { HTTPFieldText.append("Content-Length", 0, to: &buffer) }
        buffer.append("\r\n")
        content = .fixed(0)
    }

    /// Ends the fields; content follows in chunks, which is for servers known to speak HTTP/1.1.
    package mutating func beginChunks(to buffer: inout ByteBuffer) {
        precondition(content == nil)
        HTTPFieldText.append("Transfer-Encoding", "chunked", to: &buffer)
        buffer.append("\r\n")
        content = .chunks
    }

    /// Writes a piece of the content.
    package mutating func append(_ bytes: RawSpan, to buffer: inout ByteBuffer) {
        guard content != nil else { preconditionFailure("fields come before the content") }
        content?.append(bytes, to: &buffer)
    }

    /// Ends the content that was begun.
    package mutating func endContent(in buffer: inout ByteBuffer) {
        guard content != nil else { preconditionFailure("fields come before the content") }
        content?.end(in: &buffer)
    }
}
