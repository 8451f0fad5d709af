import HubBytes
package import HubConnection
package import HubProtocols
package import HubSystem

/// A WebSocket that this side opens.
package struct WebSocketRequest: Sendable {
    /// Where to, of the scheme `ws` or `wss`.
    package var url: HTTPURL
    /// The address of the URL's host: looking it up may take long, and is not done on a loop.
    package var address: SocketAddress
    /// The best one first.
    package var subprotocols: [String] = []
    /// What is offered for compressed messages; nil for none.
    package var deflate: DeflateSettings?
    /// Further fields, for credentials.
    package var fields: [(name: String, value: String)] = []
    /// Whom to trust; needed for `wss`.
    package var tls: TLSContext?

    /// A WebSocket at a URL, whose host has this address.
    package init(_ url: HTTPURL, at address: SocketAddress) {
        self.url = url
        self.address = address
    }
}

/// Why something of ours was not even begun.
package enum WebRequestFault: Error, Equatable, Sendable {
    /// The system makes no connection: the code of its error.
    case noConnection(code: Int32)
    /// The URL wants TLS, and there is no context for it.
    case noTLS
    /// A field cannot be sent.
    case badField(HTTPFieldFault)
    /// As many wait for the same host as may, or for all, or there are as many connections of ours as may be.
    case tooMany
    /// The method, or the name of a subprotocol, is none that can be asked for.
    case badWord
    /// Nobody may be called at this address.
    case forbidden(OutboundPolicy.Refusal)
}

/// A connection of ours that is to become a WebSocket.
final class OpeningSide {
    var opening: ClientOpening
    let request: WebSocketRequest
    /// What is sent first.
    var head: ByteBuffer
    var transform: TLSTransform?

    init(_ request: WebSocketRequest) throws(HTTPFieldFault) {
        var head = ByteBuffer(capacity: 512)
        opening = try ClientOpening(
            request.url, nonce: (RandomBytes.number(), RandomBytes.number()),
            subprotocols: request.subprotocols, deflate: request.deflate, fields: request.fields, to: &head)
        self.request = request
        self.head = head
    }
}

extension WebConnections {
    /// Begins to open a WebSocket to somebody. The application hears of `opened`, or of `closed` alone.
    package mutating func open(
        _ request: WebSocketRequest, _ loop: inout EventLoop
    ) throws(WebRequestFault) -> ConnectionID {
        if request.url.usesTLS, request.tls == nil { throw .noTLS }
        guard request.subprotocols.allSatisfy(ClientHandshake.isSubprotocol) else { throw .badWord }
        if let refusal = settings.outbound.refusal(of: request.address) { throw .forbidden(refusal) }
        guard makesRoomOutside(&loop) else { throw .tooMany }
        let side: OpeningSide
        do throws(HTTPFieldFault) { side = try OpeningSide(request) } catch { throw .badField(error) }
        do throws(SystemError) {
            let id = try loop.connect(to: request.address)
            table.insert(WebConnection(role: .opening(side)), id)
            return id
        } catch {
            throw .noConnection(code: error.code)
        }
    }
}

extension WebHandler where Application: ~Copyable {
    /// A connection of ours is there.
    mutating func connected(_ id: ConnectionID, _ loop: inout EventLoop) {
        guard web.table.contains(id) else { return loop.cut(id) }
        switch web.table[id].role {
        case .opening(let side):
            guard secure(id, side.request.url, side.request.tls, &side.transform, &loop) else { return }
            loop.send(side.head.bytes, on: id)
        case .call(let side):
            guard secure(id, side.key.url, side.context, &side.transform, &loop) else { return }
            loop.markEstablished(id)
            web.sendCall(id, side, &loop)
        case .http, .socket: break
        }
    }

    /// Puts TLS on a connection of ours, if its URL wants it; false if that cannot be.
    private func secure(
        _ id: ConnectionID, _ url: HTTPURL, _ context: TLSContext?, _ transform: inout TLSTransform?,
        _ loop: inout EventLoop
    ) -> Bool {
        guard url.usesTLS, let context else { return true }
        do throws(TLSFailure) {
            let made = try TLSTransform(client: context, host: url.host)
            transform = made
            loop.attach(made, to: id)
            return true
        } catch {
            web.counters.add(.tlsFailed)
            loop.cut(id)
            return false
        }
    }

    /// Reads the answer to the request for a WebSocket.
    mutating func receive(
        _ id: ConnectionID, _ side: OpeningSide, _ input: inout ByteBuffer, _ loop: inout EventLoop
    ) -> Int {
        switch side.opening.receive(input.bytes) {
        case .needsMore: return 0
        case .broken(let fault): endOpening(id, side, fault, &loop)
        case .refused(let failure): endOpening(id, "the server did not open a WebSocket: \(failure)", &loop)
        case .opened(let acceptance, let count):
            loop.markEstablished(id)
            let session = WebSocketSession(
                role: .client, settings: web.settings.webSocket, agreement: acceptance.agreement,
                compresses: web.settings.compresses,
                keys: MaskKeys(seed: (RandomBytes.number(), RandomBytes.number())),
                now: WebConnections.nanoseconds(loop.now))
            let socket = SocketSide(session, isServer: false)
            web.table[id].role = .socket(socket)
            web.follow(id, socket, &loop)
            application.opened(id, subprotocol: acceptance.subprotocol, &web, &loop)
            return receive(id, socket, &input, from: count, &loop)
        }
        return input.count
    }

    /// What came is no answer, or not all of one.
    mutating func endOpening(
        _ id: ConnectionID, _ side: OpeningSide, _ fault: HTTPFault, _ loop: inout EventLoop
    ) { endOpening(id, fault.rawValue, &loop) }

    private mutating func endOpening(_ id: ConnectionID, _ sentence: String, _ loop: inout EventLoop) {
        web.table.remove(id)
        loop.close(id)
        sentence.withBytes { application.closed(id, .abnormal, $0, &web, &loop) }
    }

    /// The connection is gone before it was a WebSocket.
    mutating func tellNotOpened(
        _ id: ConnectionID, _ side: OpeningSide, _ reason: CloseReason, _ loop: inout EventLoop
    ) {
        let sentence = side.transform?.failure.map { "\($0)" } ?? "\(reason)"
        sentence.withBytes { application.closed(id, .abnormal, $0, &web, &loop) }
    }
}
