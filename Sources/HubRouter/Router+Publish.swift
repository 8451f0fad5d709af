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
        /// For an answer: whoever asked. For a status: whoever wants to know.
        case implied
    }

    /// A message, a command, an answer or a status.
    package var kind: MessageKind
    /// What `targetName` names.
    package var target: Target
    /// The topic or the agent; empty for an implied one.
    package var targetName: RawSpan
    /// The session that it is to belong to; empty for the default one.
    package var session: RawSpan
    /// Id, payload and the rest.
    package var parts: RecordParts
    /// When it loses its value; none for never. A command's deadline; none for the usual one.
    package var expiry = Timestamp.none
    /// Whether it becomes its topic's retained value.
    package var isRetained = false
    /// Whether its payload is bytes and not JSON.
    package var isBinary = false
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

/// What became of a proposal at once.
package enum Proposed: Sendable, Equatable {
    /// It is on its way; a receipt follows.
    case onItsWay(Offset)
    /// It was sent before; its receipt is among the effects, or follows with that of the first.
    case sentBefore
}

extension Router {
    /// Packs what a connection proposes into the open block; it is true once that is applied.
    @discardableResult
    package mutating func publish(
        _ proposal: borrowing Proposal, from connection: ConnectionID, now: Timestamp, _ block: inout Block,
        _ effects: inout Effects
    ) throws(Refusal) -> Proposed {
        let sender = try known(connection)
        try check(proposal)
        let moment = max(now, logged.time)
        let origin = Origin(connection: connection, tag: proposal.tag, durability: proposal.durability)
        let hash = proposal.parts.id.isEmpty ? 0 : logged.window.hash(sender.agent, proposal.parts.id)
        if isSentBefore(proposal, hash, sender, origin, now: moment, &effects) { return .sentBefore }
        try quotas.take(proposal.parts.payload.byteCount, sender, now: now)
        var header = header(proposal.kind, tenant: sender.tenant, now: now, block)
        header.sender = sender.agent
        header.dialect = proposal.dialect
        header.expiry = proposal.expiry
        if proposal.isRetained { header.flags.insert(.retained) }
        if proposal.isBinary { header.flags.insert(.binary) }
        if proposal.durability == .memory { header.flags.insert(.receiptedFromMemory) }
        // What can be refused is, before a name becomes known that nobody needs.
        if proposal.kind == .command { try checkCommand(proposal, &header) }
        if header.expiry != .none, header.expiry <= header.time {
            throw Refusal(.expired, "the message has expired before it came")
        }
        header.session = try checkSession(proposal, sender)
        let answered = try address(proposal, sender, &header, &block)
        if header.session == .none {
            header.session = try session(of: proposal, sender, header.destination, &block)
        }
        if !proposal.parts.id.isEmpty {
            logged.window.propose(sender.agent, proposal.parts.id, block.nextOffset, hash: hash)
        }
        if let answered { answering.insert(answered) }
        return .onItsWay(note(header, proposal.parts, &block, from: origin))
    }

    /// The connection that is meant, if it has said whose it is.
    func known(_ connection: ConnectionID) throws(Refusal) -> LiveConnection {
        guard let known = connections[connection] else {
            throw Refusal(.unauthorized, "the connection has not said whose it is; it says so first")
        }
        return known
    }

    // MARK: Checks

    private func check(_ proposal: borrowing Proposal) throws(Refusal) {
        try check(proposal.parts)
        guard proposal.kind.isFromAgent else { throw Refusal(.badField, "agents do not write such records") }
        guard proposal.expiry >= .none, proposal.expiry <= Self.latestExpiry else {
            throw Refusal(.badField, "the expiry is no time that a clock will show")
        }
    }

    /// In the year 9999: far enough, and far from what overflows.
    private static let latestExpiry = Timestamp(microseconds: 253_402_300_799_000_000)

    /// What an agent writes of a record fits into one.
    func check(_ parts: borrowing RecordParts) throws(Refusal) {
        let payload = parts.payload.byteCount
        guard payload <= settings.payloadBytesMax else {
            throw Refusal(
                .tooLarge, "the payload has \(payload) bytes; \(settings.payloadBytesMax) are allowed")
        }
        if !parts.id.isEmpty { try MessageID.check(parts.id) }
        try check(parts.correlation, "correlation id", Limits.messageIDBytesMax)
        try check(parts.cause, "cause", Limits.messageIDBytesMax)
        try check(parts.trace, "trace context", Limits.traceBytesMax)
        try check(parts.annotations, "annotation", Limits.annotationBytesMax)
    }

    private func check(_ part: RawSpan, _ noun: String, _ most: Int) throws(Refusal) {
        guard part.byteCount > most else { return }
        throw Refusal(.tooLarge, "the \(noun) has \(part.byteCount) bytes; \(most) are allowed")
    }

    // MARK: Where it goes

    /// Says whom it is for; for an answer, which command it ends, if it is the first.
    private mutating func address(
        _ proposal: borrowing Proposal, _ sender: LiveConnection, _ header: inout RecordHeader,
        _ block: inout Block
    ) throws(Refusal) -> Offset? {
        switch (proposal.target, proposal.kind) {
        case (.topic, _):
            guard !TopicName.isReserved(proposal.targetName) else {
                throw Refusal(.badTopic, "topics that begin with $ are the hub's own; publish to another")
            }
            header.destination = try name(
                .topic, sender.tenant, proposal.targetName, as: TopicName.self, &block)
        case (.agent, _):
            header.destination = try name(
                .agent, sender.tenant, proposal.targetName, as: AgentID.self, &block)
        case (.implied, .response): break
        case (.implied, .status): header.destination = try statusTopic(sender, &block)
        case (.implied, _):
            throw Refusal(.missingField, "a message or command names a topic or an agent that it is for")
        }
        if proposal.kind == .status { header.flags.insert(.retained) }
        return proposal.kind == .response ? try addressAnswer(proposal, sender, &header) : nil
    }

    /// `$status.` and the agent's id, where it makes one token of a topic.
    private mutating func statusTopic(
        _ sender: LiveConnection, _ block: inout Block
    ) throws(Refusal) -> NameID {
        var text = ByteBuffer(capacity: 64)
        text.append("$status.")
        OwnTopic.append(names.bytes(of: sender.agent), to: &text)
        return try impliedName(.topic, sender.tenant, text.bytes, &block)
    }

    /// The session named, or the one that belongs to the topic or to the two agents.
    private mutating func session(
        of proposal: borrowing Proposal, _ sender: LiveConnection, _ destination: NameID, _ block: inout Block
    ) throws(Refusal) -> NameID {
        guard proposal.session.isEmpty else {
            return try name(.session, sender.tenant, proposal.session, as: SessionID.self, &block)
        }
        guard names.key(of: destination)?.kind == .agent else {
            return try sessionOfTopic(destination, sender.tenant, &block)
        }
        let pair = UInt64(sender.agent.rawValue) << 32 | UInt64(destination.rawValue)
        if let known = sessionOfPair[pair] { return known }
        let session = try directSession(sender.agent, destination, sender.tenant, &block)
        sessionOfPair[pair] = session
        return session
    }

    /// The session that is named, if it is known; refused if the sender may not write to it.
    private func checkSession(
        _ proposal: borrowing Proposal, _ sender: LiveConnection
    ) throws(Refusal) -> NameID {
        let text = proposal.session
        guard !text.isEmpty else { return .none }
        let session = find(.session, tenant: sender.tenant, text)
        if session == nil { try SessionID.check(text) }
        guard !OwnSession.isReserved(text) || isDefaultSession(of: proposal, sender) else {
            throw Refusal(
                .forbidden, "session \(text.text) is not that of what is sent; name none, or another")
        }
        guard let session, let known = logged.sessions[session] else { return session ?? .none }
        guard known.isOpen else {
            throw Refusal(.sessionClosed, "session \(text.text) has ended; open another")
        }
        guard known.isParty(sender.agent) else {
            throw Refusal(.forbidden, "session \(text.text) is between two others")
        }
        return session
    }

    /// Whether the session named is the one that the proposal would belong to without naming it.
    private func isDefaultSession(of proposal: borrowing Proposal, _ sender: LiveConnection) -> Bool {
        var text = ByteBuffer(capacity: 64)
        switch proposal.target {
        case .topic:
            text.append("topic:")
            text.append(proposal.targetName)
        case .agent:
            Self.appendPair(names.bytes(of: sender.agent).array, proposal.targetName.array, to: &text)
        case .implied: return false
        }
        return text.bytes.equals(proposal.session)
    }

    /// `dm:` and both agents' ids in order: the same whoever writes first.
    private static func appendPair(_ one: [UInt8], _ two: [UInt8], to text: inout ByteBuffer) {
        let (first, second) = one.lexicographicallyPrecedes(two) ? (one, two) : (two, one)
        text.append("dm:")
        first.withBytes { text.append($0) }
        text.append(":")
        second.withBytes { text.append($0) }
    }

    private mutating func sessionOfTopic(
        _ topic: NameID, _ tenant: NameID, _ block: inout Block
    ) throws(Refusal) -> NameID {
        let known = sessionOfTopic[topic]
        if known != 0 { return NameID(UInt32(truncatingIfNeeded: known)) }
        var text = ByteBuffer(capacity: 64)
        text.append("topic:")
        text.append(names.bytes(of: topic))
        let session = try impliedName(.session, tenant, text.bytes, &block)
        sessionOfTopic.load(topic, UInt64(session.rawValue))
        return session
    }

    /// The session that messages between two agents belong to: one for both directions.
    private mutating func directSession(
        _ one: NameID, _ two: NameID, _ tenant: NameID, _ block: inout Block
    ) throws(Refusal) -> NameID {
        var text = ByteBuffer(capacity: 64)
        Self.appendPair(names.bytes(of: one).array, names.bytes(of: two).array, to: &text)
        return try impliedName(.session, tenant, text.bytes, &block)
    }
}
