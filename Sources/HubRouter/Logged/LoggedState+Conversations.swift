import HubBytes
import HubModel

/// Commands and sessions, as the log tells of them.
extension LoggedState {
    // MARK: Commands

    mutating func applyCommand(_ record: RecordView) {
        let command = LoggedCommand(
            offset: record.offset, sender: record.sender, destination: record.destination,
            tenant: record.tenant, session: record.session, sequence: record.sequence,
            deadline: record.expiry, id: record.id.array)
        if let older = self.command(of: command.sender, command.id) { removeCommand(older.offset) }
        addCommand(command)
        changed.insert(.command(record.offset))
        forgetEnded(by: record.time)
    }

    /// The first answer ends a command. One that comes later is in the log like any other, and changes nothing.
    mutating func applyResponse(_ record: RecordView) {
        defer { forgetEnded(by: record.time) }
        guard let offset = command(of: record.destination, record.correlation.array)?.offset,
            commands[offset]?.isOpen == true
        else { return }
        commands[offset]?.end = record.offset
        commands[offset]?.endedAt = record.time
        ended.append(offset)
        if ended.isSparse { ended.keep { commands[$0] != nil } }
        changed.insert(.command(offset))
    }

    /// The time is that of the record: in recovery the state knows the newest record's from the start.
    private mutating func forgetEnded(by time: Timestamp) {
        while let oldest = ended.oldest {
            if let command = commands[oldest] {
                let end = command.endedAt.adding(milliseconds: EndedCommands.milliseconds)
                guard ended.count > EndedCommands.countMax || end < time else { return }
                removeCommand(oldest)
            }
            ended.removeOldest()
        }
    }

    // MARK: Sessions

    /// Steps that do not follow from where the session stands are passed over: what was allowed when it was proposed
    /// may have come behind another's step in the log, and the log's order decides.
    mutating func applySession(_ record: RecordView) {
        let session = record.session
        if record.kind == .sessionOpen {
            guard sessions[session]?.isOpen != true else { return }
            setSession(
                session,
                LoggedSession(
                    tenant: record.tenant, opener: record.sender, partner: record.destination,
                    phase: .proposed,
                    since: record.time))
            return
        }
        guard var known = sessions[session], known.isOpen else { return }
        guard known.phase == .proposed || record.kind == .sessionClose else { return }
        switch record.kind {
        case .sessionAccept:
            known.phase = .accepted
            if known.partner == .none { known.partner = record.sender }
        case .sessionReject: known.phase = .rejected
        default: known.phase = .closed
        }
        known.since = record.time
        setSession(session, known)
    }

    mutating func setSession(_ id: NameID, _ session: LoggedSession) {
        let wasOpen = sessions[id]?.isOpen == true
        sessions[id] = session
        changed.insert(.session(id))
        guard wasOpen != session.isOpen else { return }
        let step = session.isOpen ? 1 : -1
        openSessionCount += step
        for name in [session.tenant, session.opener] {
            let count = openSessions[name, default: 0] + step
            openSessions[name] = count == 0 ? nil : count
        }
    }

    /// A pause is about a session, for the agent that says so, or about a consumer, for all its members.
    mutating func applyPause(_ record: RecordView) {
        if record.session != .none {
            var scope = PauseScope.everything
            if !record.payload.isEmpty {
                scope = PauseScope(rawValue: record.payload.load(0, as: UInt8.self)) ?? .everything
            }
            var pause = pauses[record.session] ?? LoggedPause()
            pause.set(record.sender, record.kind == .pause ? scope : nil)
            pauses[record.session] = pause.agents.isEmpty ? nil : pause
            changed.insert(.pause(record.session))
        } else if let consumer = consumers[record.destination] {
            consumer.isPaused = record.kind == .pause
            changed.insert(.consumer(record.destination))
        }
    }
}
