import HubBytes
import HubConnection
import HubProtocols

// WebSockets, from their bytes to the application.
extension WebHandler where Application: ~Copyable {
    /// Answers a request to go on with WebSocket; true if the connection does.
    mutating func upgrade(
        _ id: ConnectionID, _ side: HTTPSide, _ answer: WebAnswer, _ request: HTTPRequestView,
        _ loop: inout EventLoop
    ) -> Bool {
        var settings = web.settings.handshake
        switch application.upgrade(id, request, &web) {
        case .ordinary: return false
        case .refuse(let status, let sentence):
            web.counters.add(.upgradesRefused)
            answerLast(id, side, answer, status, sentence, &loop)
            return false
        case .accept(let subprotocols): settings.subprotocols = subprotocols
        }
        // The first bytes of the new protocol would stand before answers of the old one.
        guard side.answers.count == 1 else {
            web.counters.add(.upgradesRefused)
            let sentence = "a request for a WebSocket must wait for the answers to those before it"
            answerLast(id, side, answer, .badRequest, sentence, &loop)
            return false
        }
        var handshake = ServerHandshake(method: request.methodName, minorVersion: 1)
        let fields = request.fields
        for index in 0..<fields.count {
            handshake.take(name: fields.name(at: index), value: fields.value(at: index))
        }
        do throws(HandshakeRefusal) {
            try begin(id, handshake.finish(settings), &loop)
            return true
        } catch {
            web.counters.add(.upgradesRefused)
            let status = HTTPStatus(UInt16(error.status))
            answerLast(id, side, answer, status, "\(error.sentence)", field: error.field, &loop)
            return false
        }
    }

    private mutating func begin(
        _ id: ConnectionID, _ acceptance: ServerHandshake.Acceptance, _ loop: inout EventLoop
    ) {
        var buffer = web.takeBuffer()
        acceptance.append(to: &buffer)
        loop.send(buffer.bytes, on: id)
        web.giveBack(buffer)
        web.counters.add(.upgrades)
        loop.markEstablished(id)
        let session = WebSocketSession(
            role: .server, settings: web.settings.webSocket, agreement: acceptance.agreement,
            compresses: web.settings.compresses, now: WebConnections.nanoseconds(loop.now))
        let side = SocketSide(session, isServer: true)
        web.table[id].role = .socket(side)
        web.follow(id, side, &loop)
        application.opened(id, subprotocol: acceptance.subprotocol, &web, &loop)
    }

    /// Reads messages from `start` on; says how many bytes are done with.
    mutating func receive(
        _ id: ConnectionID, _ side: SocketSide, _ input: inout ByteBuffer, from start: Int,
        _ loop: inout EventLoop
    ) -> Int {
        let now = WebConnections.nanoseconds(loop.now)
        var position = start
        side.session.heard(at: now)
        web.begin(id, side)
        reading: while !side.isPaused {
            let event = side.session.receive(
                &input, at: &position, answeringTo: &web.output, waiting: loop.waitingBytes(id), now: now)
            switch event {
            case .message(let kind, let payload):
                web.counters.add(.messagesIn)
                if payload.isAssembled {
                    show(id, side, kind, &loop)
                } else {
                    let bytes = input.bytes.extracting(payload.range)
                    application.message(id, kind, bytes, &web, &loop)
                }
            case .ping: web.counters.add(.pings)
            case .pong: continue
            case .closed(let code, let reason):
                web.counters.add(.socketsClosed)
                tellClosed(id, side, code, input.bytes.extracting(reason.range), &loop)
            case .failed(let fault):
                web.counters.add(.socketFaults)
                tellClosed(id, side, fault.closeCode, RawSpan(), &loop)
            case .needs, .ended: break reading
            }
            guard loop.isOpen(id) else { break }
        }
        if !web.countPieces(side) { abandon(id, side, &loop) }
        web.endCurrent(id, &loop)
        if side.session.hasLateAnswer || side.session.transport != .keep || !side.session.isOpen {
            web.follow(id, side, &loop)
        }
        return position
    }

    /// Ends a WebSocket whose message there is no memory for, beside those of the others.
    private mutating func abandon(_ id: ConnectionID, _ side: SocketSide, _ loop: inout EventLoop) {
        web.counters.add(.contentRefused)
        "There are too many messages in pieces here; try again later.".withBytes { reason in
            side.session.abandon(.tryAgainLater, reason: reason, to: &web.output)
            _ = web.countPieces(side)
            tellClosed(id, side, .tryAgainLater, reason, &loop)
        }
    }

    /// Shows a message that was put together from pieces. The application may send on the same connection, so the
    /// message leaves the session for that time.
    private mutating func show(
        _ id: ConnectionID, _ side: SocketSide, _ kind: WebSocketMessageKind, _ loop: inout EventLoop
    ) {
        var message = web.takeBuffer()
        side.session.exchangeMessage(&message)
        application.message(id, kind, message.bytes, &web, &loop)
        side.session.exchangeMessage(&message)
        web.giveBack(message)
        if !side.wantsTrim {
            side.wantsTrim = true
            web.dues.lower(id, to: loop.now + 2000)
        }
    }

    /// Tells the application, once, that a WebSocket is over.
    mutating func tellClosed(
        _ id: ConnectionID, _ side: SocketSide, _ code: CloseCode, _ reason: RawSpan,
        _ loop: inout EventLoop
    ) {
        guard !side.isOver else { return }
        side.isOver = true
        application.closed(id, code, reason, &web, &loop)
    }

    /// Does what is due for a connection.
    mutating func keepTime(_ id: ConnectionID, _ loop: inout EventLoop) {
        guard web.table.contains(id) else { return web.dues.remove(id) }
        switch web.table[id].role {
        case .socket(let side):
            web.tick(id, side, &loop)
            if side.session.transport == .drop {
                web.counters.add(.socketsSilent)
                tellClosed(id, side, side.session.closeCode ?? .abnormal, RawSpan(), &loop)
            }
        case .http(let side): web.tick(id, side, &loop)
        case .opening, .call: web.dues.remove(id)
        }
    }
}

extension WebConnections {
    /// What is due for a connection that speaks HTTP: a comment on a stream of events that was silent, or memory to be
    /// given back.
    mutating func tick(_ id: ConnectionID, _ side: HTTPSide, _ loop: inout EventLoop) {
        dues.set(id, to: .max)
        if side.answers.isEmpty {
            side.answers = []
            side.reader.releaseMemory()
        }
        guard let answer = side.answers.first(where: \.isEvents), answer.isStream else { return }
        dues.set(id, to: loop.moment(after: settings.eventCommentMilliseconds))
        guard loop.waitingBytes(id) == 0 else { return }
        var text = takeBuffer()
        ServerSentEvents.appendComment(to: &text)
        send(WebToken(connection: id, number: answer.number), text.bytes, &loop)
        giveBack(text)
    }
}
