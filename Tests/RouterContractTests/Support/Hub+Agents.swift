import HubBytes
import HubModel
import HubRouter
import Testing

/// What agents do.
extension Hub {
    func tag() -> UInt64 {
        lastTag += 1
        return lastTag
    }

    // MARK: Connections

    /// An agent connects; what it does from now on comes through this connection.
    @discardableResult
    func connect(
        _ agent: String, _ role: ConnectionRole = .agent(Liveness()), tenant: String = "acme"
    ) throws -> ConnectionID {
        nextPlace += 1
        let connection = ConnectionID(index: nextPlace, generation: 1)
        try agent.withBytes { agent in
            try tenant.withBytes { tenant in
                try router.connect(
                    connection, agent: agent, tenant: tenant, role, now: now, &open, &effects)
            }
        }
        collect(.nothing)
        connections[agent] = connection
        agentOfConnection[connection] = agent
        return connection
    }

    func disconnect(_ agent: String) throws {
        router.disconnect(try connection(of: agent), now: now, &open)
        connections[agent] = nil
        collect(.nothing)
    }

    func connection(of agent: String) throws -> ConnectionID {
        try #require(connections[agent], "\(agent) is not connected")
    }

    // MARK: Messages

    /// Publishes what a draft says; returns what marks its receipt.
    @discardableResult
    func publish(_ agent: String, _ draft: Draft) throws -> UInt64 {
        try publish(through: connection(of: agent), draft)
    }

    /// Publishes through a connection, whosever it is.
    @discardableResult
    func publish(through connection: ConnectionID, _ draft: Draft) throws -> UInt64 {
        let tag = tag()
        let packed = PackedParts(
            draft.target, draft.session, draft.id, draft.correlation, draft.cause, draft.trace,
            draft.annotations, draft.text)
        try packed.bytes.withBytes { bytes in
            var parts = RecordParts(payload: bytes.extracting(packed.ranges[7]))
            parts.id = bytes.extracting(packed.ranges[2])
            parts.correlation = bytes.extracting(packed.ranges[3])
            parts.cause = bytes.extracting(packed.ranges[4])
            parts.trace = bytes.extracting(packed.ranges[5])
            parts.annotations = bytes.extracting(packed.ranges[6])
            let session = bytes.extracting(packed.ranges[1])
            var proposal = Proposal(
                draft.kind, to: draft.targetKind, bytes.extracting(packed.ranges[0]), parts)
            proposal.session = session
            proposal.expiry = draft.expiry ?? draft.within.map { now.adding(milliseconds: $0) } ?? .none
            proposal.isRetained = draft.isRetained
            proposal.durability = draft.durability
            proposal.tag = tag
            try router.publish(proposal, from: connection, now: now, &open, &effects)
        }
        collect(.nothing)
        return tag
    }

    /// Publishes a text on a topic.
    @discardableResult
    func publish(_ agent: String, _ text: String, on topic: String, id: String = "") throws -> UInt64 {
        try publish(agent, Draft(text, on: topic, id: id))
    }

    /// Publishes some texts on a topic.
    func publish(_ agent: String, all texts: [String], on topic: String) throws {
        for text in texts { try publish(agent, text, on: topic) }
    }

    /// Sends a text to an agent.
    @discardableResult
    func publish(_ agent: String, _ text: String, to other: String, id: String = "") throws -> UInt64 {
        try publish(agent, Draft(text, to: other, id: id))
    }

    /// Takes a step in a session.
    @discardableResult
    func step(
        _ agent: String, _ kind: SessionStep.Kind, _ session: String, with other: String = "",
        text: String = "",
        id: String = "", trace: String = ""
    ) throws -> UInt64 {
        let tag = tag()
        let connection = try connection(of: agent)
        let packed = PackedParts(session, other, id, trace, text)
        try packed.bytes.withBytes { bytes in
            var parts = RecordParts(payload: bytes.extracting(packed.ranges[4]))
            parts.id = bytes.extracting(packed.ranges[2])
            parts.trace = bytes.extracting(packed.ranges[3])
            let with = bytes.extracting(packed.ranges[1])
            var step = SessionStep(kind, bytes.extracting(packed.ranges[0]), parts)
            step.with = with
            step.tag = tag
            try router.take(step, from: connection, now: now, &open)
        }
        return tag
    }

    // MARK: Consumers

    /// Subscribes to topics; without a name, for as long as the connection lasts.
    @discardableResult
    func subscribe(
        _ agent: String, _ patterns: String..., as name: String = "", from start: ConsumerStart = .new,
        _ change: (inout ConsumerSettings) -> Void = { _ in }
    ) throws -> UInt64 {
        try subscribe(
            agent, .topics(patterns.map { TopicPattern(unchecked: $0) }), as: name, from: start, change)
    }

    /// Subscribes to what is for the agent itself.
    @discardableResult
    func openInbox(
        _ agent: String, as name: String = "", from start: ConsumerStart = .new,
        _ change: (inout ConsumerSettings) -> Void = { _ in }
    ) throws -> UInt64 {
        try subscribe(agent, .inbox, as: name, from: start, change)
    }

    @discardableResult
    func subscribe(
        _ agent: String, _ filter: Subscription.Filter, as name: String, from start: ConsumerStart,
        _ change: (inout ConsumerSettings) -> Void
    ) throws -> UInt64 {
        let tag = tag()
        let connection = try connection(of: agent)
        subscriptions[tag] = name
        try name.withBytes { bytes in
            var subscription = Subscription(name: bytes, filter)
            subscription.settings.backoffJitterPercent = 0
            change(&subscription.settings)
            subscription.start = start
            subscription.tag = tag
            try router.subscribe(subscription, connection, now: now, &open, &effects)
        }
        collect(.nothing)
        return tag
    }

    /// The consumer that an agent is a member of under a name.
    func consumer(_ agent: String, _ name: String = "") throws -> ConsumerHandle {
        try #require(consumers[connection(of: agent)]?[name], "\(agent) has no consumer \(name)")
    }

    func unsubscribe(_ agent: String, _ name: String = "") throws {
        try router.unsubscribe(consumer(agent, name), connection(of: agent), now: now)
    }

    /// Says something of deliveries between two offsets.
    func settle(
        _ agent: String, _ verdict: Router.Verdict, from: Offset, through: Offset, as name: String = "",
        remark: String = ""
    ) throws {
        try router.settle(
            consumer(agent, name), verdict, from: from, through: through, by: connection(of: agent),
            remark: remark, now: now, &effects)
        collect(.nothing)
    }

    /// Says something of what an agent was given.
    func settle(
        _ agent: String, _ verdict: Router.Verdict, _ given: Given, as name: String = "", remark: String = ""
    ) throws {
        try settle(agent, verdict, from: given.offset, through: given.offset, as: name, remark: remark)
    }

    func ack(_ agent: String, _ given: Given, as name: String = "") throws {
        try settle(agent, .acknowledged, given, as: name)
    }

    /// An agent's connection can take nothing more, or can again.
    func setFull(_ agent: String, _ isFull: Bool) throws {
        router.setFull(try connection(of: agent), isFull, now: now, &effects)
        collect(.nothing)
    }

    /// An agent wants to hear nothing more on its connection, or goes on.
    func setPause(_ agent: String, _ scope: PauseScope?) throws {
        router.setPause(try connection(of: agent), scope, now: now, &effects)
        collect(.nothing)
    }

    // MARK: Signs of life

    func beat(_ agent: String, workingOn offsets: [Offset] = []) throws {
        try router.beat(connection(of: agent), workingOn: offsets, now: now, &open)
    }

    func hear(_ agent: String) throws { router.heard(try connection(of: agent), now: now, &open) }

    /// An agent wants to know who comes and goes: one other, or all.
    func watch(_ agent: String, _ other: String? = nil) throws {
        let connection = try connection(of: agent)
        guard let other else { return try router.watch(connection, nil, &open) }
        try other.withBytes { try router.watch(connection, $0, &open) }
    }
}
