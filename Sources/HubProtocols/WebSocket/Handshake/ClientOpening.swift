package import HubBytes

/// The beginning of a client's WebSocket: writes the request and reads the answer. What comes behind the answer is for
/// a `WebSocketSession`.
package struct ClientOpening: ~Copyable {
    private var handshake: ClientHandshake?
    private var reader: HTTPResponseReader

    /// What became of it.
    package enum Outcome: Equatable, Sendable {
        /// More bytes are needed; none of these are done with.
        case needsMore
        /// It is open, and this many bytes belong to the answer.
        case opened(ClientHandshake.Acceptance, byteCount: Int)
        /// The server answered something else.
        case refused(ClientHandshake.Failure)
        /// What came is no answer.
        case broken(HTTPFault)
    }

    /// Writes a request to a URL, of the scheme `ws` or `wss`, with further fields; a nonce and subprotocols as in
    /// `ClientHandshake`.
    package init(
        _ url: HTTPURL, nonce: (UInt64, UInt64), subprotocols: [String] = [], deflate: DeflateSettings? = nil,
        fields: [(name: String, value: String)] = [], limits: HTTPLimits = HTTPLimits(),
        to output: inout ByteBuffer
    ) throws(HTTPFieldFault) {
        let handshake = ClientHandshake(nonce: nonce, subprotocols: subprotocols, deflate: deflate)
        let start = output.count
        output.append("GET ")
        output.append(utf8: url.target)
        output.append(" HTTP/1.1\r\nHost: ")
        output.append(utf8: url.authority)
        output.append("\r\n")
        handshake.appendFields(to: &output)
        do throws(HTTPFieldFault) {
            for field in fields {
                try field.name.withBytes { (name) throws(HTTPFieldFault) in
                    try Self.append(name, field.value, to: &output)
                }
            }
        } catch {
            output.truncate(to: start)
            throw error
        }
        output.append("\r\n")
        self.handshake = consume handshake
        reader = HTTPResponseReader(to: .get, expectsUpgrade: true, limits: limits)
    }

    private static func append(
        _ name: RawSpan, _ value: String, to output: inout ByteBuffer
    ) throws(HTTPFieldFault) {
        try value.withBytes { (value) throws(HTTPFieldFault) in
            try HTTPFieldText.append(name, value, to: &output)
        }
    }

    /// Takes all that has come so far; to be called again with more until it is settled, and not after.
    package mutating func receive(_ bytes: RawSpan) -> Outcome {
        switch reader.next(bytes) {
        case .needsMore: return .needsMore
        case .refused(let fault): return .broken(fault)
        case .head(let byteCount): return settle(reader.response(in: bytes), byteCount)
        case .content, .end, .finished: return .broken(.badStatusLine)
        }
    }

    private mutating func settle(_ response: HTTPResponseView, _ byteCount: Int) -> Outcome {
        guard var handshake = handshake.take() else { return .broken(.badStatusLine) }
        let fields = response.fields
        for index in 0..<fields.count {
            handshake.take(name: fields.name(at: index), value: fields.value(at: index))
        }
        do throws(ClientHandshake.Failure) {
            let acceptance = try handshake.finish(status: Int(response.head.status.code))
            return .opened(acceptance, byteCount: byteCount)
        } catch {
            return .refused(error)
        }
    }
}
