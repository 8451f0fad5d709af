import HubBytes
package import HubModel

/// What an agent wants routed. The bytes are looked at where they lie and copied once, into the block.
package struct Proposal: ~Escapable {
    /// Whom it is for.
    package enum Target: Sendable {
        /// Everyone who wants the topic.
        case topic
        /// One agent.
        case agent
    }

    /// A message, a command, an answer or a status.
    package var kind: MessageKind
    /// What `targetName` names.
    package var target: Target
    /// The topic or the agent.
    package var targetName: RawSpan
    /// The session that it is to belong to; empty for the default one.
    package var session: RawSpan
    /// Id, payload and the rest.
    package var parts: RecordParts
    /// When it loses its value; none for never. A command's deadline.
    package var expiry = Timestamp.none
    /// Whether it becomes its topic's retained value.
    package var isRetained = false
    /// When its sender wants to hear of it.
    package var durability = Durability.fsynced
    /// Which protocol its sender speaks.
    package var dialect: UInt8 = 0
    /// What the receipt is to be marked with.
    package var tag: UInt64 = 0

    /// A proposal with everything else at its default.
    @_lifetime(copy targetName, copy parts)
    package init(
        _ kind: MessageKind, to target: Target, _ targetName: RawSpan, _ parts: consuming RecordParts
    ) {
        self.kind = kind
        self.target = target
        self.targetName = targetName
        session = targetName.extracting(first: 0)
        self.parts = parts
    }
}

extension Router {
    /// Packs what a connection proposes into the open block; it is true once that is applied.
    package mutating func publish(
        _ proposal: borrowing Proposal, from connection: ConnectionID, now: Timestamp, _ block: inout Block
    ) throws(Refusal) {
        guard let sender = connections[connection] else {
            throw Refusal(.unauthorized, "the connection has not said whose it is")
        }
        try check(proposal)
        var header = RecordHeader(
            proposal.kind, time: recordTime(now, block), tenant: sender.tenant)
        header.sender = sender.agent
        header.dialect = proposal.dialect
        header.expiry = proposal.expiry
        if proposal.isRetained { header.flags.insert(.retained) }
        if proposal.durability == .memory { header.flags.insert(.receiptedFromMemory) }
        header.destination = name(
            proposal.target == .topic ? .topic : .agent, sender.tenant, proposal.targetName, &block)
        header.session = try session(of: proposal, sender, header.destination, &block)
        if proposal.kind == .response {
            // Its command may not even be applied yet: pages have what is on disk.
            ending.insert(
                LoggedState.CommandKey(tenant: sender.tenant, id: proposal.parts.correlation.array))
        }
        block.append(header, proposal.parts)
        origins[origins.count - 1].append(
            Origin(connection: connection, tag: proposal.tag, durability: proposal.durability))
    }

    private func check(_ proposal: borrowing Proposal) throws(Refusal) {
        let payload = proposal.parts.payload.byteCount
        guard payload <= settings.payloadBytesMax else {
            throw Refusal(
                .tooLarge, "the payload has \(payload) bytes; \(settings.payloadBytesMax) are allowed")
        }
        guard proposal.kind.isFromAgent else { throw Refusal(.badField, "agents do not write such records") }
        switch proposal.target {
        case .topic: try TopicName.check(proposal.targetName)
        case .agent: try AgentID.check(proposal.targetName)
        }
        if !proposal.session.isEmpty { try SessionID.check(proposal.session) }
        if !proposal.parts.id.isEmpty { try MessageID.check(proposal.parts.id) }
        try check(proposal.parts.correlation, "correlation id", Limits.messageIDBytesMax)
        try check(proposal.parts.cause, "cause", Limits.messageIDBytesMax)
        try check(proposal.parts.trace, "trace context", Limits.traceBytesMax)
        try check(proposal.parts.annotations, "annotation", Limits.annotationBytesMax)
        guard proposal.expiry >= .none, proposal.expiry <= Self.latestExpiry else {
            throw Refusal(.badField, "the expiry is no time that a clock will show")
        }
    }

    /// In the year 9999: far enough, and far from what overflows.
    private static let latestExpiry = Timestamp(microseconds: 253_402_300_799_000_000)

    private func check(_ part: RawSpan, _ noun: String, _ most: Int) throws(Refusal) {
        guard part.byteCount > most else { return }
        throw Refusal(.tooLarge, "the \(noun) has \(part.byteCount) bytes; \(most) are allowed")
    }

    /// The session named, or the one that belongs to the topic or to the two agents.
    private mutating func session(
        of proposal: borrowing Proposal, _ sender: LiveConnection, _ destination: NameID, _ block: inout Block
    ) throws(Refusal) -> NameID {
        guard proposal.session.isEmpty else {
            let session = name(.session, sender.tenant, proposal.session, &block)
            if let known = logged.sessions[session], !known.isOpen {
                throw Refusal(.sessionClosed, "session \(proposal.session.text) has ended; open another")
            }
            return session
        }
        if proposal.target == .topic {
            if let known = sessionOfTopic[destination] { return known }
            let session = defaultSession(sender.tenant, "topic:", proposal.targetName, nil, &block)
            sessionOfTopic[destination] = session
            return session
        }
        let pair = UInt64(sender.agent.rawValue) << 32 | UInt64(destination.rawValue)
        if let known = sessionOfPair[pair] { return known }
        let session = directSession(sender, destination, &block)
        sessionOfPair[pair] = session
        return session
    }

    /// `dm:` and both agents' ids in order: the same whoever writes first.
    private mutating func directSession(
        _ sender: LiveConnection, _ destination: NameID, _ block: inout Block
    ) -> NameID {
        let own = names.bytes(of: sender.agent).array
        let other = names.bytes(of: destination).array
        let (first, second) = own.lexicographicallyPrecedes(other) ? (own, other) : (other, own)
        return first.withBytes { first in
            second.withBytes { defaultSession(sender.tenant, "dm:", first, $0, &block) }
        }
    }

    private mutating func defaultSession(
        _ tenant: NameID, _ prefix: StaticString, _ first: RawSpan, _ second: RawSpan?, _ block: inout Block
    ) -> NameID {
        var text = ByteBuffer(capacity: 64)
        text.append(prefix)
        text.append(first)
        if let second {
            text.append(":")
            text.append(second)
        }
        return name(.session, tenant, text.bytes, &block)
    }
}
