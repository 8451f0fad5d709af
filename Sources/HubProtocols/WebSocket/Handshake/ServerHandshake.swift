package import HubBytes

/// Checks a request for a WebSocket, field by field as the HTTP parser has them, and makes the answer.
package struct ServerHandshake: ~Copyable {
    private var isUpgrade = false
    private var isConnection = false
    private var key: ByteBuffer?
    private var isKeyRepeated = false
    private var version: Bool?
    private var subprotocols: [String] = []
    private var extensions: [WebSocketExtension] = []
    private var origin: String?
    private var refusal: HandshakeRefusal?

    /// Bytes of one field's value that are looked at; more is refused.
    package static let fieldBytesMax = 4096
    /// Subprotocols that may be offered.
    package static let subprotocolsMax = 64

    /// What a server accepts.
    package struct Settings: Sendable {
        /// The subprotocols that it speaks.
        package var subprotocols: [String] = []
        /// The origins whose pages may connect; nil for all. Programs, which send no origin, always may: this protects
        /// people whose browsers run foreign pages.
        package var origins: Set<String>?
        /// What it agrees to for compressed messages; nil for none.
        package var deflate: DeflateSettings?

        /// Every origin, no subprotocol, no compression.
        package init() {}
    }

    /// What was agreed on.
    package struct Acceptance: Equatable, Sendable {
        /// The answer to the client's key.
        package let acceptKey: String
        /// The client's favourite among the subprotocols that both speak.
        package let subprotocol: String?
        /// How messages may be compressed.
        package let agreement: DeflateAgreement?
        let extensions: String?

        /// Appends the whole head of the answer.
        package func append(to output: inout ByteBuffer) {
            output.append("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
            output.append("Sec-WebSocket-Accept: ")
            output.append(utf8: acceptKey)
            if let subprotocol {
                output.append("\r\nSec-WebSocket-Protocol: ")
                output.append(utf8: subprotocol)
            }
            if let extensions {
                output.append("\r\nSec-WebSocket-Extensions: ")
                output.append(utf8: extensions)
            }
            output.append("\r\n\r\n")
        }
    }

    /// Begins with the request line.
    package init(method: RawSpan, minorVersion: Int) {
        let isGet = "GET".withBytes { method.equals($0) }
        if !isGet { refusal = .methodNotAllowed } else if minorVersion < 1 { refusal = .versionOfHTTP }
    }

    /// Takes one field of the request; those that have nothing to do with the handshake are left alone.
    package mutating func take(name: RawSpan, value: RawSpan) {
        let value = Self.trimmed(value)
        if HeaderText.equals(name, ignoringCase: "upgrade") {
            if HeaderText.hasMember(value, "websocket") { isUpgrade = true }
        } else if HeaderText.equals(name, ignoringCase: "connection") {
            if HeaderText.hasMember(value, "upgrade") { isConnection = true }
        } else if HeaderText.equals(name, ignoringCase: "origin") {
            // A request has one origin; with two of them nobody can say whose it is.
            take(origin: origin == nil ? value.text : "")
        } else if name.byteCount > 14,
            HeaderText.equals(name.extracting(first: 14), ignoringCase: "sec-websocket-")
        {
            takeOwn(name.extracting(droppingFirst: 14), value)
        }
    }

    private mutating func take(origin: String) { self.origin = origin }

    /// Takes a field whose name begins with `Sec-WebSocket-`.
    private mutating func takeOwn(_ name: RawSpan, _ value: RawSpan) {
        guard value.byteCount <= Self.fieldBytesMax else { return refuse(.fieldTooLong) }
        if HeaderText.equals(name, ignoringCase: "key") {
            isKeyRepeated = key != nil
            var copy = ByteBuffer(capacity: AcceptKey.keyBytes)
            copy.append(value.extracting(first: AcceptKey.keyBytes + 1))
            key = consume copy
        } else if HeaderText.equals(name, ignoringCase: "version") {
            version = version == nil && HeaderText.equals(value, ignoringCase: "13")
        } else if HeaderText.equals(name, ignoringCase: "protocol") {
            takeSubprotocols(value)
        } else if HeaderText.equals(name, ignoringCase: "extensions") {
            guard let list = WebSocketExtension.parse(value),
                extensions.count + list.count <= WebSocketExtension.offersMax
            else { return refuse(.extensionsInvalid) }
            extensions += list
        }
    }

    private mutating func takeSubprotocols(_ value: RawSpan) {
        var list = subprotocols
        var isValid = true
        HeaderText.forEachMember(value) { member in
            let name = member.text
            isValid = HeaderText.isToken(name) && !list.contains(name) && list.count < Self.subprotocolsMax
            list.append(name)
            return isValid
        }
        if !isValid { return refuse(.subprotocolsInvalid) }
        subprotocols = list
    }

    private mutating func refuse(_ reason: HandshakeRefusal) {
        if refusal == nil { refusal = reason }
    }

    /// Whether the request asks for a WebSocket at all, so that it is to be answered by `finish` and not as a page.
    package var isWanted: Bool { isUpgrade }

    /// The verdict, once all fields are taken.
    package consuming func finish(_ settings: Settings) throws(HandshakeRefusal) -> Acceptance {
        // That it is no handshake says more than what would be wrong with one.
        guard isUpgrade else { throw .upgradeMissing }
        if let refusal { throw refusal }
        guard isConnection else { throw .connectionMissing }
        guard version == true else { throw .versionUnsupported }
        guard let key, !isKeyRepeated, AcceptKey.isKey(key.bytes) else { throw .keyInvalid }
        if let origin, let allowed = settings.origins, !allowed.contains(origin) { throw .originForbidden }
        var accept = ByteBuffer(capacity: 64)
        AcceptKey.append(answering: key.bytes, to: &accept)
        let compression = settings.deflate?.choose(from: extensions)
        return Acceptance(
            acceptKey: accept.bytes.text,
            subprotocol: subprotocols.first { settings.subprotocols.contains($0) },
            agreement: compression?.agreement, extensions: compression?.answer)
    }

    @_lifetime(copy value)
    private static func trimmed(_ value: RawSpan) -> RawSpan {
        let (start, end) = HeaderText.trimmed(value, 0, value.byteCount)
        return value.extracting(start..<end)
    }
}
