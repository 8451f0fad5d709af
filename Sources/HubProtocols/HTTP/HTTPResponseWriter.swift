package import HubBytes

/// What a request settles about its answer.
package struct HTTPReplyTerms: Equatable, Sendable {
    /// Whether the answer has no content, only what its fields say about it.
    package var isToHead: Bool
    /// Whether the client speaks HTTP/1.0, which has no chunks.
    package var isOldVersion: Bool
    /// Whether the connection goes on behind the answer; a server that wants to close it says no here.
    package var keepsAlive: Bool

    /// What a request that was read settles.
    package init(_ head: HTTPRequestHead) {
        isToHead = head.method == .head
        isOldVersion = head.isOldVersion
        keepsAlive = head.keepsAlive
    }

    fileprivate init(isToHead: Bool, isOldVersion: Bool, keepsAlive: Bool) {
        self.isToHead = isToHead
        self.isOldVersion = isOldVersion
        self.keepsAlive = keepsAlive
    }

    /// For a request that was refused: an answer that anyone understands, and the end.
    package static let refused = HTTPReplyTerms(isToHead: false, isOldVersion: false, keepsAlive: false)
}

/// Writes one answer behind whatever a buffer holds: the status, fields, and content in the form that the client
/// takes. Fields that say where the content ends, and whether the connection goes on, come by themselves.
package struct HTTPResponseWriter: HTTPFieldWriting, ~Copyable {
    private let terms: HTTPReplyTerms
    private let status: HTTPStatus
    private let start: Int
    private var content: HTTPContentWriter?
    /// Whether the connection goes on behind this answer; settled once the content has begun.
    package private(set) var keepsAlive: Bool

    /// Begins an answer.
    package init(
        _ status: HTTPStatus, _ terms: HTTPReplyTerms, date: HTTPDate?, to buffer: inout ByteBuffer
    ) {
        precondition(!status.isInterim, "what comes before the answer is written by others")
        self.status = status
        self.terms = terms
        start = buffer.count
        keepsAlive = terms.keepsAlive
        Self.appendStatusLine(status, to: &buffer)
        if let date {
            buffer.append("Date: ")
            date.text.withBytes { buffer.append($0) }
            buffer.append("\r\n")
        }
    }

    /// Begins the answer to a request to change protocols. Fields that the new protocol asks for follow, then `end`,
    /// and then its own bytes.
    package init(switchingTo protocolName: StaticString, to buffer: inout ByteBuffer) {
        status = .switchingProtocols
        terms = HTTPReplyTerms(isToHead: false, isOldVersion: false, keepsAlive: true)
        start = buffer.count
        keepsAlive = true
        Self.appendStatusLine(status, to: &buffer)
        HTTPFieldText.append("Connection", "Upgrade", to: &buffer)
        HTTPFieldText.append("Upgrade", protocolName, to: &buffer)
    }

    private static func appendStatusLine(_ status: HTTPStatus, to buffer: inout ByteBuffer) {
        buffer.append("HTTP/1.1 ")
        buffer.append(decimal: UInt64(status.code))
        buffer.append(" ")
        buffer.append(status.reason)
        buffer.append("\r\n")
    }

    /// Whether the fields have ended.
    package var hasContent: Bool { content != nil }

    /// Has the connection end behind this answer.
    package mutating func closeConnection() {
        precondition(content == nil, "what becomes of the connection is said before the content")
        keepsAlive = false
    }

    /// Takes back all that was written of this answer, to give another one instead.
    package mutating func takeBack(from buffer: inout ByteBuffer) { buffer.truncate(to: start) }

    // MARK: Content

    /// Ends the answer with content that is there as a whole.
    package mutating func end(_ bytes: RawSpan, to buffer: inout ByteBuffer) {
        beginContent(byteCount: UInt64(bytes.byteCount), to: &buffer)
        append(bytes, to: &buffer)
        endContent(in: &buffer)
    }

    /// Ends the answer without content.
    package mutating func end(in buffer: inout ByteBuffer) {
        beginContent(byteCount: 0, to: &buffer)
        endContent(in: &buffer)
    }

    /// Ends the fields; content of so many bytes follows.
    package mutating func beginContent(byteCount: UInt64, to buffer: inout ByteBuffer) {
        precondition(content == nil)
        content = terms.isToHead ? .dropped : .fixed(byteCount)
        if status.excludesContent {
            precondition(byteCount == 0, "an answer of this status has no content")
        } else {
            HTTPFieldText.append("Content-Length", byteCount, to: &buffer)
        }
        endFields(in: &buffer)
    }

    /// Ends the fields; content follows whose length nobody knows yet. It comes in chunks, or for HTTP/1.0 ends with
    /// the connection.
    package mutating func beginContent(to buffer: inout ByteBuffer) {
        precondition(content == nil)
        precondition(!status.excludesContent, "an answer of this status has no content")
        if terms.isOldVersion {
            content = terms.isToHead ? .dropped : .untilClose
            keepsAlive = false
        } else {
            content = terms.isToHead ? .dropped : .chunks
            HTTPFieldText.append("Transfer-Encoding", "chunked", to: &buffer)
        }
        endFields(in: &buffer)
    }

    private func endFields(in buffer: inout ByteBuffer) {
        if !keepsAlive {
            HTTPFieldText.append("Connection", "close", to: &buffer)
        } else if terms.isOldVersion {
            HTTPFieldText.append("Connection", "keep-alive", to: &buffer)
        }
        buffer.append("\r\n")
    }

    /// Writes a piece of the content.
    package mutating func append(_ bytes: RawSpan, to buffer: inout ByteBuffer) {
        guard content != nil else { preconditionFailure("fields come before the content") }
        content?.append(bytes, to: &buffer)
    }

    /// Writes what `body` appends as a piece of the content, where it will lie.
    package mutating func append(to buffer: inout ByteBuffer, _ body: (inout ByteBuffer) -> Void) {
        guard content != nil else { preconditionFailure("fields come before the content") }
        content?.append(to: &buffer, body)
    }

    /// Ends the content; as much as was announced must have been written.
    package mutating func endContent(in buffer: inout ByteBuffer) {
        guard content != nil else { preconditionFailure("fields come before the content") }
        content?.end(in: &buffer)
    }
}

extension HTTPResponseWriter {
    /// Tells a client that waits for it to send the content.
    package static func appendContinue(to buffer: inout ByteBuffer) {
        buffer.append("HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// Answers a request that was refused, with the sentence that says why. The connection must be closed behind it.
    package static func appendRefusal(_ fault: HTTPFault, date: HTTPDate?, to buffer: inout ByteBuffer) {
        appendLast(fault.status, fault.rawValue, date: date, to: &buffer)
    }

    /// Answers with a status and a sentence, whatever was asked, and says that the connection ends: for a request that
    /// took too long, or a hub that is full or going down.
    package static func appendLast(
        _ status: HTTPStatus, _ sentence: String, date: HTTPDate?, to buffer: inout ByteBuffer
    ) {
        var writer = HTTPResponseWriter(status, .refused, date: date, to: &buffer)
        writer.field("Content-Type", "text/plain; charset=utf-8", to: &buffer)
        (sentence + "\n").withBytes { writer.end($0, to: &buffer) }
    }
}
