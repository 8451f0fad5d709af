import HubBytes

/// What the head of a request says. Places are counted from the first byte of the head.
package struct HTTPRequestHead: Sendable {
    /// What is asked for.
    package internal(set) var method: HTTPMethod
    /// Whether the request is of HTTP/1.0.
    package internal(set) var isOldVersion: Bool
    /// In which form the target was given.
    package var targetForm: HTTPTargetForm { target.form }
    /// For whom the request is: of a target that is a whole URL its host, else the Host field, if it names any.
    package internal(set) var authority: HTTPAuthority?
    /// Where the content ends.
    package internal(set) var framing = HTTPFraming.length(0)
    /// Whether the client lets the connection go on behind the answer.
    package internal(set) var keepsAlive = false
    /// Whether the client waits to be told before it sends the content.
    package internal(set) var expectsContinue = false
    /// Whether the client asks to go on with WebSocket; whether it does so rightly, other fields tell.
    package internal(set) var wantsWebSocket = false
    /// Bytes of the head, up to and with the empty line.
    package internal(set) var byteCount = 0

    var methodName: HTTPSlice
    var target: HTTPTarget

    /// Reads the first line: RFC 9112, section 3.
    init(_ bytes: RawSpan, line: Range<Int>) throws(HTTPFault) {
        let methodEnd = Self.end(of: bytes, line, at: 0x20)
        let targetEnd = Self.end(of: bytes, min(methodEnd + 1, line.upperBound)..<line.upperBound, at: 0x20)
        guard targetEnd < line.upperBound, methodEnd > line.lowerBound, targetEnd > methodEnd + 1 else {
            throw .badRequestLine
        }
        let name = bytes.extracting(line.lowerBound..<methodEnd)
        guard HTTPText.isToken(name) else { throw .badRequestLine }
        isOldVersion = try Self.isOld(bytes.extracting(targetEnd + 1..<line.upperBound))
        guard name.byteCount <= HTTPLimits.methodBytesMax else { throw .methodTooLong }
        method = HTTPMethod(name)
        if method == .connect { throw .connectNotOffered }
        methodName = HTTPSlice(line.lowerBound..<methodEnd)
        target = try HTTPTarget(bytes, methodEnd + 1..<targetEnd, method)
    }

    private static func end(of bytes: RawSpan, _ range: Range<Int>, at mark: UInt8) -> Int {
        var position = range.lowerBound
        while position < range.upperBound, bytes.load(position, as: UInt8.self) != mark { position &+= 1 }
        return position
    }

    /// Reads a version. A later 1.x is spoken to as 1.1 (RFC 9110, section 2.5); another major version is another
    /// protocol, HTTP/2 without TLS among them, which begins like a request of that version.
    private static func isOld(_ version: RawSpan) throws(HTTPFault) -> Bool {
        // A second space would end up in here.
        guard version.byteCount == 8, HTTPText.equals(version.extracting(0..<5), "HTTP/"),
            HTTPText.isDigit(version.load(5, as: UInt8.self)),
            version.load(6, as: UInt8.self) == UInt8(ascii: "."),
            HTTPText.isDigit(version.load(7, as: UInt8.self))
        else { throw .badVersion }
        guard version.load(5, as: UInt8.self) == UInt8(ascii: "1") else { throw .versionNotSupported }
        return version.load(7, as: UInt8.self) == UInt8(ascii: "0")
    }
}

/// A request's head together with the bytes that it was read from.
package struct HTTPRequestView: ~Escapable {
    /// What it says.
    package let head: HTTPRequestHead
    private let bytes: RawSpan
    private let fieldPlaces: [HTTPField]

    @_lifetime(copy bytes)
    init(_ head: HTTPRequestHead, _ fields: [HTTPField], _ bytes: RawSpan) {
        self.head = head
        self.bytes = bytes
        fieldPlaces = fields
    }

    /// The method as it was written, for those that are not known.
    package var methodName: RawSpan { @_lifetime(copy self) get { head.methodName.of(bytes) } }

    /// The path, still encoded; it begins with a slash, or is `*` if the request is about the server.
    package var path: RawSpan { @_lifetime(copy self) get { head.target.path.of(bytes) } }

    /// The query, still encoded and without its question mark; empty if there is none.
    package var query: RawSpan {
        @_lifetime(copy self) get { (head.target.query ?? .empty).of(bytes) }
    }

    /// The host that the request is for, if it names one.
    package var host: RawSpan? {
        @_lifetime(copy self) get {
            guard let authority = head.authority else { return nil }
            return authority.host.of(bytes)
        }
    }

    /// Whether the request is for this machine by a name that only its own programs use: `localhost` or a loopback
    /// address. A hub that asks for no credentials takes no other, or any web page could have its own name lead here.
    package var isForLoopback: Bool { head.authority?.isLoopback(in: bytes) ?? false }

    /// The fields.
    package var fields: HTTPFields { @_lifetime(copy self) get { HTTPFields(bytes, fieldPlaces) } }
}
