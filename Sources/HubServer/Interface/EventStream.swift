import HubBytes
package import HubConnection
import HubModel
import HubProtocols
import HubRouter

/// A stream of server-sent events: messages as they are committed, to whoever watches. It is a visitor with a consumer
/// that has no name and needs no acknowledgements.
final class EventStream: Guest {
    let token: WebToken
    private let pattern: TopicPattern
    private let session: String?
    private let agent: String?
    private var identity: Identity
    private var accessGeneration: UInt64
    private(set) var seat = Seat(index: 0, generation: 0)
    private var isOver = false

    /// Events of topics; of one session, or from or to one agent, if those are said.
    init(_ call: Call, _ pattern: TopicPattern, accessGeneration: UInt64) {
        token = call.token
        self.pattern = pattern
        session = call.parameters["session"]
        agent = call.parameters["agent"]
        identity = call.identity
        self.accessGeneration = accessGeneration
    }

    func begin(_ start: SubscriptionOrder.Start, _ desk: inout Desk) {
        var settings = ConsumerSettings()
        settings.acknowledgement = .automatic
        seat = desk.seats.take(self)
        desk.ask(
            seat,
            .connect(Introduction(agent: identity.agent.text, tenant: identity.tenant.text, .visitor)))
        desk.ask(
            seat,
            .subscribe(SubscriptionOrder(name: "", .topics([pattern]), settings, from: start)))
    }

    /// Looks again at whoever watches: his credentials may have ended, or his rights changed.
    func renew(_ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop) {
        let authenticator = desk.hub.authenticator
        let (now, generation) = (Core.clock(), authenticator.slot.generation)
        guard generation != accessGeneration || identity.hasExpired(now) else { return }
        accessGeneration = generation
        do throws(Refusal) {
            identity = try authenticator.renew(identity, now: now)
            guard identity.rights.maySubscribe(pattern) else {
                throw identity.refusesSubscribe(pattern.text)
            }
        } catch {
            fail(error, &desk, &web, &loop)
        }
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

    /// Ends it with an event that says why.
    func fail(
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
        desk.events.remove(self)
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
        let generation = desk.hub.authenticator.slot.generation
        guard call.identity.rights.maySubscribe(pattern) else {
            throw call.identity.refusesSubscribe(pattern.text)
        }
        var start = SubscriptionOrder.Start.at(.new)
        if let last = call.lastEvent {
            start = .behind(try Self.offset(last).next)
        } else if call.parameters["from"] != nil {
            start = .behind(Offset(try call.number("from", in: Self.places, default: 0)))
        }
        if call.method == .head {
            return web.answer(call.token, .ok, type: "text/event-stream", RawSpan(), &loop)
        }
        guard web.beginEvents(call.token, &loop) else { return }
        let stream = EventStream(call, pattern, accessGeneration: generation)
        desk.events.add(stream)
        stream.begin(start, &desk)
    }

    /// The client of a request is gone before the answer was complete.
    package mutating func abandoned(
        _ token: WebToken, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        for stream in desk.events.on(token.connection) where stream.token == token { stream.gone(&desk) }
    }
}

/// The streams of events of a loop, by their connections.
struct EventStreamTable {
    private var streams: [HubConnection.ConnectionID: [EventStream]] = [:]

    /// The streams on a connection, of which one is sent and the others wait their turn.
    func on(_ connection: HubConnection.ConnectionID) -> [EventStream] { streams[connection] ?? [] }

    /// All streams.
    var all: [EventStream] { streams.values.flatMap { $0 } }

    mutating func add(_ stream: EventStream) { streams[stream.token.connection, default: []].append(stream) }

    mutating func remove(_ stream: EventStream) {
        let connection = stream.token.connection
        streams[connection]?.removeAll { $0 === stream }
        if streams[connection]?.isEmpty == true { streams[connection] = nil }
    }
}
