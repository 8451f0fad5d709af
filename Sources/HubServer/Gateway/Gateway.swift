import HubBytes
package import HubConnection
package import HubProtocols
import HubSystem
import Synchronization

/// Something that is to be done on a loop's thread.
package typealias LoopTask = @Sendable (inout Gateway, inout WebConnections, inout EventLoop) -> Void

/// What one loop does with requests and WebSockets: each WebSocket has a conversation, in the protocol of its path, and
/// requests have their routes.
package struct Gateway: WebApplication, ~Copyable {
    /// What other threads send.
    package typealias Message = LoopMessage

    var desk: Desk
    /// By a connection's place: what is spoken on it.
    var conversations: [NativeConversation?] = []
    /// By a connection's place: the token that its handshake showed.
    var bearers: [UInt32: String] = [:]
    /// Whether the hub is going down.
    var isDraining = false

    /// The gateway of one loop.
    package init(_ hub: HubContext, loop: Int) { desk = Desk(hub, loop: loop) }

    // MARK: WebSockets

    /// Where agents connect that speak the hub's own protocol.
    package static let nativePath = "/hub"
    /// The protocol's name in the handshake.
    package static let nativeProtocol = "agenthub.v1"

    /// A client asks for a WebSocket.
    package mutating func upgrade(
        _ connection: ConnectionID, _ request: HTTPRequestView, _ web: inout WebConnections
    ) -> WebUpgrade {
        guard request.path.text == Self.nativePath else { return .ordinary }
        if isDraining { return .refuse(.unavailable, "the hub restarts; connect again") }
        if let refusal = OriginPolicy.objection(to: request, allowed: desk.hub.settings.origins) {
            return .refuse(.forbidden, refusal)
        }
        if let objection = desk.hub.objection(toHostOf: request, web.listener(of: connection)) {
            return .refuse(.misdirectedRequest, objection)
        }
        bearers[connection.index] = request.bearer
        return .accept(subprotocols: [Self.nativeProtocol])
    }

    /// A WebSocket is open.
    package mutating func opened(
        _ connection: ConnectionID, subprotocol: String?, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        let conversation = NativeConversation(
            connection, bearer: bearers.removeValue(forKey: connection.index), number: desk.nextNumber())
        let place = Int(connection.index)
        while conversations.count <= place { conversations.append(nil) }
        conversations[place] = conversation
        desk.hub.conversations.add(1, ordering: .relaxed)
        conversation.begin(&desk, &loop)
    }

    /// A message came.
    package mutating func message(
        _ connection: ConnectionID, _ kind: WebSocketMessageKind, _ payload: RawSpan,
        _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        conversation(connection)?.received(kind, payload, &desk, &web, &loop)
        if desk.isOverfull { desk.hold(connection, &web, &loop) }
    }

    /// A WebSocket is over.
    package mutating func closed(
        _ connection: ConnectionID, _ code: CloseCode, _ reason: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        guard let conversation = conversation(connection) else { return }
        conversations[Int(connection.index)] = nil
        desk.hub.conversations.subtract(1, ordering: .relaxed)
        conversation.ended(&desk)
    }

    /// More waits to be sent than the high-water mark.
    package mutating func filled(
        _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        conversation(connection)?.setFull(true, &desk, &web, &loop)
        for stream in desk.events.on(connection) { desk.ask(stream.seat, .full(true)) }
    }

    /// A connection that was full has room again.
    package mutating func hasRoom(
        _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        conversation(connection)?.setFull(false, &desk, &web, &loop)
        for stream in desk.events.on(connection) { desk.ask(stream.seat, .full(false)) }
    }

    func conversation(_ connection: ConnectionID) -> NativeConversation? {
        let place = Int(connection.index)
        guard place < conversations.count, let found = conversations[place],
            found.connection == connection
        else { return nil }
        return found
    }

    // MARK: The core

    /// A message from another thread.
    package mutating func took(
        _ message: Message, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        switch message {
        case .intake(let parcel): desk.takeBack(parcel, &web, &loop)
        case .task(let task): task(&self, &web, &loop)
        case .outbox(let parcel, let emptied):
            guard var outbox = parcel.open() else { return }
            tell(outbox, &web, &loop)
            outbox.reset()
            emptied.put(outbox)
        }
    }

    /// Tells everyone what the core has for him. What is for one and the same is told in one go.
    private mutating func tell(
        _ outbox: borrowing Outbox, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        var last: (seat: Seat, guest: any Guest)?
        var told: [ObjectIdentifier: any Guest] = [:]
        for entry in outbox.entries {
            let seat = entry.seat
            if last?.seat != seat {
                guard let guest = desk.seats[seat] else { continue }
                last = (seat, guest)
                told[ObjectIdentifier(guest)] = guest
            }
            last?.guest.told(entry, outbox, &desk, &web, &loop)
        }
        for guest in told.values { guest.toldAll(&desk, &web, &loop) }
    }

    /// All that a turn brought has been told.
    package mutating func turned(_ web: inout WebConnections, _ loop: inout EventLoop) {
        desk.finishTurn(&web, &loop)
    }

    /// A timer is due.
    package mutating func timerFired(
        _ payload: UInt64, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        guard payload != Self.renewalTimer else { return renew(&web, &loop) }
        if let alarm = desk.takeAlarm(payload) { alarm(&desk, &web, &loop) }
    }

    /// The loop begins to run.
    package mutating func started(_ web: inout WebConnections, _ loop: inout EventLoop) {
        _ = loop.arm(Self.renewalTimer, afterMilliseconds: Self.renewalMilliseconds)
    }

    private static var renewalTimer: UInt64 { 1 << 60 }
    private static let renewalMilliseconds: Int64 = 1000

    /// Looks at all agents again: their credentials may have ended, or their rights changed.
    private mutating func renew(_ web: inout WebConnections, _ loop: inout EventLoop) {
        _ = loop.arm(Self.renewalTimer, afterMilliseconds: Self.renewalMilliseconds)
        for conversation in conversations { conversation?.renew(&desk, &web, &loop) }
        for stream in desk.events.all { stream.renew(&desk, &web, &loop) }
        VisitorTable.dismissIdle(&desk, now: loop.now)
    }
}

extension Outbox.Entry {
    /// Whom it is for.
    var seat: Seat {
        switch self {
        case .receipt(let receipt): receipt.seat
        case .rejection(let seat, _, _): seat
        case .done(let seat, _): seat
        case .delivery(let seat, _, _, _): seat
        case .connected(let seat, _, _): seat
        case .subscribed(let seat, _, _, _): seat
        case .unsubscribed(let seat, _, _): seat
        case .replaced(let seat), .unknown(let seat), .silent(let seat): seat
        case .notice(let seat, _): seat
        }
    }
}
