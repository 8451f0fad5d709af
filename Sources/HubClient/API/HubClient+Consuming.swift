// Receiving messages.
extension HubClient {
    /// Subscribes to topics, by patterns: `*` stands for one part of a name, `>` for all that follow.
    public func subscribe(
        _ topics: [String], options: SubscribeOptions = SubscribeOptions()
    ) async throws(ClientError) -> Subscription {
        guard !topics.isEmpty else { throw .badArgument("a subscription has one topic pattern at least") }
        return try await subscribe(.topics(topics), options)
    }

    /// Subscribes to what is sent to this agent: messages, commands, and what concerns its sessions. The answers to its own
    /// commands are not among it.
    public func inbox(options: SubscribeOptions = SubscribeOptions()) async throws(ClientError)
        -> Subscription
    {
        try await subscribe(.inbox, options)
    }

    private func subscribe(
        _ filter: Filter, _ options: SubscribeOptions
    ) async throws(ClientError) -> Subscription {
        guard (1...65_536).contains(options.inFlightMax) else {
            throw .badArgument("inFlightMax is \(options.inFlightMax); allowed is 1 to 65536")
        }
        let key = link.inbox.takeKey()
        let reader = HandOver<Delivery>(meter: link.meter)
        let waiter = Waiter<HubReply>()
        guard link.inbox.order(.subscribe(key: key, filter, options, reader, waiter)) else { throw .closed }
        let reply: HubReply
        do throws(ClientError) { reply = try await waiter.value() } catch {
            link.inbox.order(.unsubscribe(key: key, delete: false, nil))
            throw error
        }
        guard case .subscribed(_, let consumer) = reply else { throw .closed }
        return Subscription(
            consumer: consumer, key: key, link: link, reader: reader,
            desk: SettlementDesk(link.inbox, key: key),
            acknowledgement: options.acknowledgement)
    }

    /// Shows a session again, from one place to another; without the second one, up to what was there when it was asked.
    public func replay(
        session: String, from: ReplayPoint? = nil, to: ReplayPoint? = nil, speed: ReplaySpeed = .instant,
        limit: Int? = nil
    ) throws(ClientError) -> Replay {
        try replay(ReplaySpec(session: session, from: from, to: to, speed: speed, limit: limit))
    }

    /// Shows the messages of topics again.
    public func replay(
        topics: [String], from: ReplayPoint? = nil, to: ReplayPoint? = nil, speed: ReplaySpeed = .instant,
        limit: Int? = nil
    ) throws(ClientError) -> Replay {
        guard !topics.isEmpty else { throw .badArgument("a replay has one topic pattern at least") }
        return try replay(ReplaySpec(topics: topics, from: from, to: to, speed: speed, limit: limit))
    }

    private func replay(_ spec: ReplaySpec) throws(ClientError) -> Replay {
        let key = link.inbox.takeKey()
        let reader = HandOver<Delivery>(meter: link.meter)
        guard link.inbox.order(.replay(key: key, spec, reader)) else { throw .closed }
        return Replay(key: key, link: link, reader: reader)
    }
}
