import HubBytes
import HubConnection
import HubModel
import HubProtocols

/// What an agent may do.
extension NativeConversation {
    /// Why something may not be published, if so.
    func objection(to publication: Publication, _ desk: inout Desk) -> Refusal? {
        // The rights alone: of an identity, with its names and proof, a copy for each message costs more than the look.
        guard let rights = identity?.rights, desk.mayPublish(publication, rights) != true, let identity
        else { return nil }
        return desk.objection(to: publication, of: identity)
    }

    /// Why something may not be subscribed to or replayed, if so.
    func objection(toReading topics: [TopicPattern]) -> Refusal? {
        guard let identity else { return nil }
        for topic in topics where !identity.rights.maySubscribe(topic) {
            return identity.refusesSubscribe(topic.text)
        }
        return nil
    }

    /// Whether it may know where an agent is.
    func mayWatch(_ agent: RawSpan) -> Bool {
        guard let rights = identity?.rights else { return false }
        return rights.mayWatch(agent: agent) || rights.may(.readAgents)
    }

    /// Why a step in a session may not be taken, if so.
    func objection(toUsing session: Slice, _ desk: borrowing Desk) -> Refusal? {
        guard let identity else { return nil }
        let name = session.of(desk.intake.bytes.bytes)
        return identity.rights.mayUse(session: name) ? nil : identity.refusesSession(name.text)
    }
}

/// Rights that change.
extension NativeConversation {
    /// A consumer serves it now. Whoever lost a right since he asked is given nothing.
    func subscribed(_ tag: UInt64, _ consumer: String, _ desk: inout Desk) {
        guard let wanted = wantedTopics.removeValue(forKey: tag) else { return }
        topics[consumer] = wanted
        if objection(toReading: wanted) != nil { leave(consumer, &desk) }
    }

    /// Other rights than before: what it may not read any more ends.
    func rightsChanged(_ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop) {
        for (consumer, wanted) in topics {
            guard let objection = objection(toReading: wanted) else { continue }
            leave(consumer, &desk)
            say(objection, to: RawSpan(), &desk, &web, &loop)
        }
        guard let identity else { return }
        for replay in replays { replay.recheck(identity, self, &desk, &web, &loop) }
        flush(&desk, &web, &loop)
    }

    private func leave(_ consumer: String, _ desk: inout Desk) {
        guard let seat else { return }
        topics[consumer] = nil
        desk.ask(seat, .unsubscribe(consumer: desk.intake.bytes.place(consumer), delete: false))
    }
}

extension Desk {
    /// Why somebody may not publish something whose texts lie in what is being collected, if so.
    mutating func objection(to publication: Publication, of identity: Identity) -> Refusal? {
        Self.objection(to: publication, identity, &checks, intake)
    }

    /// Whether a message without a session may be published to a topic; nil where more has to be looked at.
    mutating func mayPublish(_ publication: Publication, _ rights: CompiledRights) -> Bool? {
        guard publication.kind == .message, publication.target == .topic, publication.session.isEmpty else {
            return nil
        }
        return Self.mayPublish(publication.name, rights, &checks, intake)
    }

    private static func mayPublish(
        _ name: Slice, _ rights: CompiledRights, _ checks: inout AccessChecks, _ intake: borrowing Intake
    ) -> Bool { checks.mayPublish(rights, topic: name.of(intake.bytes.bytes)) }

    private static func objection(
        to publication: Publication, _ identity: Identity, _ checks: inout AccessChecks,
        _ intake: borrowing Intake
    ) -> Refusal? {
        let texts = intake.bytes.bytes
        let name = publication.name.of(texts)
        let session = publication.session.of(texts)
        // The hub's own sessions belong to where a message goes, which is looked at; the router refuses others.
        if !session.isEmpty, !OwnSessionName.isOne(session), !identity.rights.mayUse(session: session) {
            return identity.refusesSession(session.text)
        }
        let isCommand = publication.kind == .command
        switch publication.target {
        case .topic:
            if isCommand {
                return checks.mayCommand(identity.rights, topic: name)
                    ? nil : identity.refusesCommand(name.text)
            }
            return checks.mayPublish(identity.rights, topic: name) ? nil : identity.refusesPublish(name.text)
        case .agent:
            if isCommand {
                return checks.mayCommand(identity.rights, agent: name)
                    ? nil : identity.refusesCommand("agent \(name.text)")
            }
            return checks.mayPublish(identity.rights, agent: name)
                ? nil : identity.refusesPublish("agent \(name.text)")
        // An answer goes to whoever asked, a status to whoever may see it.
        case .implied: return nil
        }
    }
}

/// Sessions that the hub names itself.
enum OwnSessionName {
    static func isOne(_ name: RawSpan) -> Bool {
        name.begins(with: "dm:") || name.begins(with: "topic:")
    }
}
