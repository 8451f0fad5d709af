import HubConnection
import HubModel
import HubProtocols
import HubSystem
import Synchronization

/// What a client's thread and the program's tasks have in common.
final class ClientLink: Sendable {
    let agent: String
    let address: HubAddress
    let context: TLSContext?
    let options: ClientOptions
    let inbox: Inbox
    /// The ids of this client's frames.
    let ids: IDs
    let events: HandOver<ClientEvent>
    /// Settled when the client was welcomed for the first time, or is over.
    let ready = Waiter<HubInfo>()
    /// Settled when the client is over.
    let over = Waiter<Void>()
    let info = Mutex<HubInfo?>(nil)
    /// The largest payload that the hub takes.
    let payloadBytesMax = Atomic(Limits.payloadBytesMax)
    /// Readers of presence.
    let presence = Mutex<[HandOver<AgentState>]>([])
    let key: SigningKey?
    /// Events that nobody looked at in time.
    let missedEvents = Atomic(0)
    /// What subscriptions and replays hold that nobody looked at.
    let meter = Meter(high: 64 << 20)
    private let stopLoop = Mutex<(@Sendable () -> Void)?>(nil)
    private let wakeUp = Mutex<(@Sendable (ClientMessage) -> Void)?>(nil)

    init(agent: String, address: HubAddress, options: ClientOptions) throws(ClientError) {
        self.agent = agent
        self.address = address
        self.options = options
        context = try address.context(options)
        key = try SigningKey(options.credentials)
        inbox = Inbox(messagesMax: options.outboxMessagesMax, bytesMax: options.outboxBytesMax)
        ids = IDs(RandomBytes.number())
        events = HandOver(capacity: max(options.eventsMax, 1))
    }

    /// Says how the client's thread is told something, and how it is stopped.
    func connect(
        _ send: @escaping @Sendable (ClientMessage) -> Void, stop: @escaping @Sendable () -> Void
    ) {
        wakeUp.withLock { $0 = send }
        stopLoop.withLock { $0 = stop }
        meter.connect { send(.drained) }
        inbox.connect { send(.wake) }
    }

    /// Tells the client's thread something.
    func send(_ message: ClientMessage) {
        let send = wakeUp.withLock { $0 }
        send?(message)
    }
}

extension ClientLink {
    /// Tells readers of events; what there is no room for is counted.
    func tell(_ happened: [ClientEvent]) {
        let lost = events.put(happened)
        if lost > 0 { missedEvents.wrappingAdd(lost, ordering: .relaxed) }
    }

    /// It is over.
    func finish(_ error: ClientError) {
        events.finish()
        for reader in presence.withLock({ $0 }) { reader.finish() }
        ready.finish(.failure(error))
        over.finish(error == .closed ? .success(()) : .failure(error))
        // What is held in a circle is let go.
        wakeUp.withLock { $0 = nil }
        meter.connect {}
        inbox.disconnect()
        let stop = stopLoop.withLock { $0.take() }
        stop?()
    }
}
