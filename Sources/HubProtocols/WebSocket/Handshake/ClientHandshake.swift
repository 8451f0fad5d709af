package import HubBytes

/// Asks for a WebSocket, and checks the answer field by field as the HTTP parser has them.
package struct ClientHandshake: ~Copyable {
    private let subprotocols: [String]
    private let deflate: DeflateSettings?
    private var key: ByteBuffer
    private var isUpgrade = false
    private var isConnection = false
    private var accept: Bool?
    private var subprotocol: String?
    private var extensions: [WebSocketExtension] = []
    private var failure: Failure?

    /// Why an answer does not open a WebSocket.
    package enum Failure: Error, Equatable, Sendable {
        /// The status is another one than 101.
        case status(Int)
        /// `Upgrade` does not name the protocol.
        case upgradeMissing
        /// `Connection` does not name the upgrade.
        case connectionMissing
        /// The answer to the key is missing or wrong: the server does not speak the protocol.
        case acceptWrong
        /// The server chose a subprotocol that was not offered, or more than one.
        case subprotocolUnknown
        /// The server chose an extension that was not offered, or in a form that was not.
        case extensionUnknown
    }

    /// What was agreed on.
    package struct Acceptance: Equatable, Sendable {
        /// The subprotocol that the server chose.
        package let subprotocol: String?
        /// How messages may be compressed.
        package let agreement: DeflateAgreement?
    }

    /// A request for one of these subprotocols, the best one first, with a nonce that nobody can guess. The
    /// subprotocols must be tokens.
    package init(nonce: (UInt64, UInt64), subprotocols: [String] = [], deflate: DeflateSettings? = nil) {
        precondition(subprotocols.allSatisfy(Self.isSubprotocol), "a subprotocol's name is a token")
        self.subprotocols = subprotocols
        self.deflate = deflate
        var bytes = ByteBuffer(capacity: 64)
        bytes.append(nonce.0)
        bytes.append(nonce.1)
        key = ByteBuffer(capacity: 64)
        Base64.append(bytes.bytes, to: &key)
    }

    /// Whether text can be the name of a subprotocol.
    package static func isSubprotocol(_ text: String) -> Bool { HeaderText.isToken(text) }

    /// Appends the fields of the request, each with its end of line; request line, `Host` and the empty line at the end
    /// come from whoever writes the request.
    package func appendFields(to output: inout ByteBuffer) {
        output.append(
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ")
        output.append(contentsOf: key)
        if !subprotocols.isEmpty {
            output.append("\r\nSec-WebSocket-Protocol: ")
            output.append(utf8: subprotocols.joined(separator: ", "))
        }
        if let deflate {
            output.append("\r\nSec-WebSocket-Extensions: ")
            output.append(utf8: deflate.offer.text)
        }
        output.append("\r\n")
    }

    /// Takes one field of the answer; those that have nothing to do with the handshake are left alone.
    package mutating func take(name: RawSpan, value: RawSpan) {
        let (start, end) = HeaderText.trimmed(value, 0, value.byteCount)
        let value = value.extracting(start..<end)
        if HeaderText.equals(name, ignoringCase: "upgrade") {
            if HeaderText.hasMember(value, "websocket") { isUpgrade = true }
        } else if HeaderText.equals(name, ignoringCase: "connection") {
            if HeaderText.hasMember(value, "upgrade") { isConnection = true }
        } else if HeaderText.equals(name, ignoringCase: "sec-websocket-accept") {
            var wanted = ByteBuffer(capacity: 64)
            AcceptKey.append(answering: key.bytes, to: &wanted)
            accept = accept == nil && value.equals(wanted.bytes)
        } else if HeaderText.equals(name, ignoringCase: "sec-websocket-protocol") {
            if subprotocol != nil || !subprotocols.contains(value.text) { failure = .subprotocolUnknown }
            subprotocol = value.text
        } else if HeaderText.equals(name, ignoringCase: "sec-websocket-extensions") {
            let list =
                value.byteCount <= ServerHandshake.fieldBytesMax ? WebSocketExtension.parse(value) : nil
            if list == nil { failure = .extensionUnknown }
            extensions += list ?? []
        }
    }

    /// The verdict, once all fields are taken.
    package consuming func finish(status: Int) throws(Failure) -> Acceptance {
        guard status == 101 else { throw .status(status) }
        guard isUpgrade else { throw .upgradeMissing }
        guard isConnection else { throw .connectionMissing }
        guard accept == true else { throw .acceptWrong }
        if let failure { throw failure }
        guard let chosen = extensions.first else {
            return Acceptance(subprotocol: subprotocol, agreement: nil)
        }
        guard let deflate, extensions.count == 1, chosen.name == DeflateParameters.name,
            let answer = DeflateParameters(chosen.parameters, isAnswer: true),
            let agreement = deflate.agreement(from: answer)
        else { throw .extensionUnknown }
        return Acceptance(subprotocol: subprotocol, agreement: agreement)
    }
}
