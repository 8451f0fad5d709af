import HubBytes
package import HubConnection
import HubModel
import HubProtocols
import HubRouter

/// A stream of server-sent events: messages as they are committed, to whoever watches. It is a visitor with a consumer
/// that has no name and needs no acknowledgements.
final class EventStream: Guest {
    private let token: WebToken
    private let session: String?
    private let agent: String?
    private(set) var seat = Seat(index: 0, generation: 0)
    private var isOver = false

    /// Events of one session, or from or to one agent, if those are said.
    init(_ token: WebToken, session: String?, agent: String?) {
        self.token = token
        self.session = session
        self.agent = agent
    }

    var connection: HubConnection.ConnectionID { token.connection }

    func begin(_ identity: Identity, _ wanted: SubscriptionOrder, _ desk: inout Desk) {
        seat = desk.seats.take(self)
        desk.ask(
            seat,
            .connect(Introduction(agent: identity.agent.text, tenant: identity.tenant.text, .visitor)))
        desk.ask(seat, .subscribe(wanted))
    }

    func told(
        _ entry: Outbox.Entry, _ outbox: borrowing Outbox, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        switch entry {
        case .delivery(_, let message, _, _):
            send(outbox.messages[Int(message)], outbox.bytes.bytes, &desk, &web, &loop)
        case .rejection(_, _, let refusal): fail(refusal, &desk, &web, &loop)
        case .unknown:
            fail(Refusal(.storageUnavailable, "the log takes no writes"), &desk, &web, &loop)
        default: break
        }
    }

    private func send(
        _ message: RoutedMessage, _ texts: RawSpan, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        if let session, message.session.of(texts).text != session { return }
        if let agent {
            let isTo = message.isDirect && message.destination.of(texts).text == agent
            guard isTo || message.sender.of(texts).text == agent else { return }
        }
        desk.scratch.removeAll()
        NativeWriter.delivery(
            message, in: texts, consumer: RawSpan(), attempt: 1, replay: RawSpan(), to: &desk.scratch)
        let outcome = "\(message.offset)".withBytes { id in
            try? web.sendEvent(token, name: "message", id: id, data: desk.scratch.bytes, &loop)
        }
        // Whoever takes too little comes again with the last id, and goes on behind it.
        if outcome == .refused { end(&desk, &web, &loop) }
    }

    private func fail(
        _ refusal: Refusal, _ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        desk.scratch.removeAll()
        NativeWriter.error(refusal, re: RawSpan(), details: RawSpan(), to: &desk.scratch)
        _ = try? web.sendEvent(token, name: "error", id: nil, data: desk.scratch.bytes, &loop)
        end(&desk, &web, &loop)
    }

    private func end(_ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop) {
        guard !isOver else { return }
        web.end(token, &loop)
        gone(&desk)
    }

    /// Nobody watches any more.
    func gone(_ desk: inout Desk) {
        guard !isOver else { return }
        isOver = true
        desk.events[token] = nil
        desk.ask(seat, .disconnect)
        desk.seats.leave(seat)
    }
}

extension Gateway {
    /// Begins a stream of events.
    mutating func beginEvents(
        _ call: Call, _ web: inout WebConnections, _ loop: inout EventLoop
    ) throws(Refusal) {
        let pattern = try TopicPattern(call.parameters["topic"] ?? ">")
        guard call.identity.rights.maySubscribe(pattern) else {
            throw call.identity.refusesSubscribe(pattern.text)
        }
        var start = ConsumerStart.new
        if let last = call.lastEvent {
            start = .offset(try Self.offset(last).next)
        } else if call.parameters["from"] != nil {
            start = .offset(Offset(try call.number("from", in: 0...UInt64(Int64.max) - 1, default: 0)))
        }
        var settings = ConsumerSettings()
        settings.acknowledgement = .automatic
        let wanted = SubscriptionOrder(name: "", .topics([pattern]), settings, from: .at(start))
        guard web.beginEvents(call.token, &loop) else { return }
        let stream = EventStream(
            call.token, session: call.parameters["session"], agent: call.parameters["agent"])
        desk.events[call.token] = stream
        stream.begin(call.identity, wanted, &desk)
    }

    /// The client of a request is gone before the answer was complete.
    package mutating func abandoned(
        _ token: WebToken, _ web: inout WebConnections, _ loop: inout EventLoop
    ) { desk.events[token]?.gone(&desk) }
}
