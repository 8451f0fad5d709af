import HubBytes

/// Where a message's content ends.
package enum HTTPFraming: Equatable, Sendable {
    /// It has so many bytes; none is the same as no content.
    case length(UInt64)
    /// It comes in chunks that say their own sizes.
    case chunked
    /// It ends with the connection; responses only.
    case untilClose

    /// Whether there is content, as far as the head can tell.
    package var hasContent: Bool { self != .length(0) }
}

/// What the fields seen so far say about the length of the content and the life of the connection. Both sides read
/// these the same way; two readers that do not are how requests get smuggled.
struct HTTPFramingNotes {
    private(set) var contentLength: UInt64?
    /// Codings named so far, in all Transfer-Encoding fields together.
    private var codings = 0
    private var chunkedCodings = 0
    private var isChunkedLast = false
    private var hasTransferEncoding = false
    private(set) var saysClose = false
    private(set) var saysKeepAlive = false
    private(set) var saysUpgrade = false

    /// Takes note of a field if it is one of these.
    mutating func note(_ name: RawSpan, _ value: RawSpan) throws(HTTPFault) {
        switch name.byteCount {
        case 10 where HTTPText.equals(name, anyCase: "connection"): noteConnection(value)
        case 14 where HTTPText.equals(name, anyCase: "content-length"): try noteLength(value)
        case 17 where HTTPText.equals(name, anyCase: "transfer-encoding"): noteCodings(value)
        default: break
        }
    }

    private mutating func noteConnection(_ value: RawSpan) {
        HTTPText.forEachElement(of: value) { element in
            if HTTPText.equals(element, anyCase: "close") { saysClose = true }
            if HTTPText.equals(element, anyCase: "keep-alive") { saysKeepAlive = true }
            if HTTPText.equals(element, anyCase: "upgrade") { saysUpgrade = true }
        }
    }

    /// RFC 9110, section 8.6: digits. A list of equal numbers, or the field repeated with one number, may be taken or
    /// refused; nobody who means well sends either.
    private mutating func noteLength(_ value: RawSpan) throws(HTTPFault) {
        guard contentLength == nil else { throw .repeatedContentLength }
        guard let length = HTTPText.decimal(value) else { throw .badContentLength }
        contentLength = length
    }

    private mutating func noteCodings(_ value: RawSpan) {
        hasTransferEncoding = true
        HTTPText.forEachElement(of: value) { element in
            codings += 1
            isChunkedLast = HTTPText.equals(element, anyCase: "chunked")
            if isChunkedLast { chunkedCodings += 1 }
        }
    }

    /// What the fields say together; nil if nothing.
    ///
    /// RFC 9112, section 6.3, lets Transfer-Encoding win over Content-Length; section 6.1 allows to refuse the pair,
    /// which is what it is for an attacker only. There too: no coding in HTTP/1.0, chunked at most once and last.
    func framing(isOldVersion: Bool, contentBytesMax: UInt64) throws(HTTPFault) -> HTTPFraming? {
        if hasTransferEncoding {
            if contentLength != nil { throw .contentLengthWithCoding }
            if isOldVersion { throw .codingInOldVersion }
            guard isChunkedLast, chunkedCodings == 1 else { throw .chunkedNotLast }
            guard codings == 1 else { throw .codingNotSupported }
            return .chunked
        }
        guard let contentLength else { return nil }
        if contentLength > contentBytesMax { throw .contentTooLarge }
        return .length(contentLength)
    }

    /// Whether the connection goes on after this message and its answer (RFC 9112, section 9.3).
    func keepsAlive(isOldVersion: Bool) -> Bool {
        !saysClose && (!isOldVersion || saysKeepAlive)
    }
}
