import HubBytes
package import HubModel

/// A step in a session that agents opened by name.
package struct SessionStep: ~Escapable {
    /// What is done.
    package enum Kind: Sendable, Equatable {
        /// One party proposes it.
        case open
        /// The other one joins.
        case accept
        /// The other one declines.
        case reject
        /// One of them ends it.
        case close
        /// Its agent wants to hear no more of it for now.
        case pause(PauseScope)
        /// Its agent goes on.
        case resume
    }

    /// What is done.
    package var kind: Kind
    /// The session's id.
    package var session: RawSpan
    /// Whom it is to be with; empty for whoever accepts. For opening only.
    package var with: RawSpan
    /// Purpose or reason, as the agent wrote it, and the rest.
    package var parts: RecordParts
    /// Which protocol its sender speaks.
    package var dialect: UInt8 = 0
    /// What the receipt is to be marked with.
    package var tag: UInt64 = 0

    /// A step with everything else at its default.
    @_lifetime(copy session, copy parts)
    package init(_ kind: Kind, _ session: RawSpan, _ parts: consuming RecordParts) {
        self.kind = kind
        self.session = session
        with = session.extracting(first: 0)
        self.parts = parts
    }

    var recordKind: MessageKind {
        switch kind {
        case .open: .sessionOpen
        case .accept: .sessionAccept
        case .reject: .sessionReject
        case .close: .sessionClose
        case .pause: .pause
        case .resume: .resume
        }
    }
}

extension Router {
    /// Packs a step in a session into the open block; the other party hears of it, and the sender gets a receipt.
    package mutating func take(
        _ step: borrowing SessionStep, from connection: ConnectionID, now: Timestamp, _ block: inout Block
    ) throws(Refusal) {
        let sender = try known(connection)
        try check(step.parts)
        var header = header(step.recordKind, tenant: sender.tenant, now: now, block)
        header.sender = sender.agent
        header.dialect = step.dialect
        switch step.kind {
        case .open: try checkOpening(step, sender, &header, &block)
        case .accept, .reject, .close: try checkStep(step, sender, &header)
        // Whoever wants to hear nothing of a topic may say so before anything was said. To go on is answered alike for
        // a session that is not there: nobody learns so which there are.
        case .pause, .resume:
            header.session = try name(.session, sender.tenant, step.session, as: SessionID.self, &block)
        }
        let origin = Origin(connection: connection, tag: step.tag, durability: .fsynced)
        guard case .pause(let scope) = step.kind else {
            note(header, step.parts, &block, from: origin)
            return
        }
        var payload = ByteBuffer(capacity: 64)
        payload.append(scope.rawValue)
        note(header, RecordParts(payload: payload.bytes), &block, from: origin)
    }

    private mutating func checkOpening(
        _ step: borrowing SessionStep, _ sender: LiveConnection, _ header: inout RecordHeader,
        _ block: inout Block
    ) throws(Refusal) {
        guard !OwnSession.isReserved(step.session) else {
            throw Refusal(
                .forbidden, "sessions that begin with dm: or topic: are the hub's own; take another id")
        }
        let known = find(.session, tenant: sender.tenant, step.session)
        if let known, logged.sessions[known]?.isOpen == true || opening.contains(known) {
            throw Refusal(.conflict, "session \(step.session.text) is open already")
        }
        guard logged.openSessionCount + opening.count < settings.sessionsMax else {
            throw Refusal(
                .limitReached, "the hub has \(settings.sessionsMax) open sessions, as many as are allowed")
        }
        try quotas.checkSessions(
            sender, own: (logged.openSessions[sender.agent] ?? 0) + opening.count(of: sender.agent),
            tenants: (logged.openSessions[sender.tenant] ?? 0) + opening.count(of: sender.tenant))
        if !step.with.isEmpty {
            header.destination = try name(.agent, sender.tenant, step.with, as: AgentID.self, &block)
        }
        header.session = try name(.session, sender.tenant, step.session, as: SessionID.self, &block)
        opening.insert(header.session, by: sender)
    }

    private func knownSession(
        _ step: borrowing SessionStep, _ sender: LiveConnection
    ) throws(Refusal) -> NameID {
        guard let known = find(.session, tenant: sender.tenant, step.session) else {
            throw Refusal(.unknownSession, "there is no session \(step.session.text); open it first")
        }
        return known
    }

    private func checkStep(
        _ step: borrowing SessionStep, _ sender: LiveConnection, _ header: inout RecordHeader
    ) throws(Refusal) {
        header.session = try knownSession(step, sender)
        guard let known = logged.sessions[header.session] else {
            throw Refusal(.unknownSession, "there is no session \(step.session.text); open it first")
        }
        guard known.isOpen else {
            throw Refusal(.sessionClosed, "session \(step.session.text) has ended; open another")
        }
        if step.kind == .close {
            guard known.isParty(sender.agent) else {
                throw Refusal(.forbidden, "session \(step.session.text) is between two others")
            }
        } else {
            guard known.phase == .proposed else {
                throw Refusal(.conflict, "session \(step.session.text) was accepted already")
            }
            guard sender.agent != known.opener, known.isParty(sender.agent) else {
                throw Refusal(.forbidden, "only whom it was proposed to answers session \(step.session.text)")
            }
        }
        header.destination = known.other(than: sender.agent)
    }

    /// A session was opened, as the log now says.
    mutating func afterOpening(_ record: RecordView) {
        opening.remove(record.session, by: record.sender, of: record.tenant)
    }

    /// Where a session stands that agents opened by name; nil for any other.
    package func phase(of session: NameID) -> SessionPhase? { logged.sessions[session]?.phase }

    /// An agent wants to hear no more of a session for now, or goes on.
    mutating func afterSessionPause(_ record: RecordView, now: Timestamp, _ effects: inout Effects) {
        guard let connection = connectionOfAgent[record.sender].flatMap({ connections[$0] }) else { return }
        for handle in connection.consumers where consumers.contains(handle.index, handle.generation) {
            let consumer = consumers[handle.index]
            consumer.isBlocked = false
            releaseHeld(consumer, now: now)
            proceed(consumer, now: now, &effects)
        }
    }
}
