import HubBytes
import HubModel
import HubRouter

/// Sessions are opened, answered and closed, and agents want to hear no more for a while: of a session, or of anything.
extension World {
    static let sessions = ["talk-1", "talk-2"]
    private static let pausable = ["topic:jobs.new", "topic:jobs.old", "talk-1", "talk-2"]

    mutating func converse() throws {
        let agent = anyAgent()
        guard happens(plan.pauseChance), let connection = agents[agent].connection else { return }
        let session = random.pick(Self.sessions)
        switch random.below(8) {
        case 0, 1: try pause(agent, random.pick(Self.pausable))
        case 2: try goOn(agent)
        case 3:
            let scope: PauseScope? = random.pick([.everything, .work, nil])
            note { "agent \(agent) holds back \(scope.map { "\($0)" } ?? "nothing")" }
            if scope != nil { ledger.marks.note(.connectionPaused) }
            agents[agent].pause = scope
            router.setPause(connection, scope, now: now, &effects)
            try handle(.nothing)
        case 4: try step(.open, session, by: agent, with: happens(50) ? agents[anyAgent()].name : "")
        case 5: try step(.accept, session, by: agent)
        case 6: try step(happens(50) ? .reject : .close, session, by: agent)
        default: try step(.close, session, by: agent)
        }
    }

    private mutating func pause(_ agent: Int, _ session: String) throws {
        let scope: PauseScope = random.pick([.everything, .work])
        ledger.marks.note(.sessionPaused)
        pausedSessions.insert("\(agent) \(session)")
        try step(.pause(scope), session, by: agent)
    }

    /// An agent wants to hear of everything again.
    mutating func goOn(_ agent: Int) throws {
        for session in Self.pausable where pausedSessions.contains("\(agent) \(session)") {
            // What an agent said may be lost with a refused block: only in calm is it said for the last time.
            if plan.isCalm { pausedSessions.remove("\(agent) \(session)") }
            try step(.resume, session, by: agent)
        }
    }

    private mutating func step(
        _ kind: SessionStep.Kind, _ session: String, by agent: Int, with other: String = ""
    ) throws {
        guard let connection = agents[agent].connection else { return }
        nextTag += 1
        let tag = Self.firstMessageTag + nextTag
        var payload = ""
        if case .pause(let scope) = kind { payload = String(UnicodeScalar(scope.rawValue)) }
        ledger.propose(
            tag,
            Ledger.Proposed(
                connection: connection, kind: Self.recordKind(kind), destination: nil,
                sender: agents[agent].name,
                id: "", payload: payload))
        note { "agent \(agent): \(kind) \(session)" }
        do {
            try session.withBytes { session in
                try other.withBytes { other in
                    var step = SessionStep(kind, session, RecordParts(payload: session.extracting(first: 0)))
                    step.with = other
                    step.tag = tag
                    try router.take(step, from: connection, now: now, &open)
                }
            }
            if kind == .accept { ledger.marks.note(.sessionAccepted) }
        } catch let refusal as Refusal {
            // Who may do what in a session depends on where it stands, which another may have changed.
            guard [.conflict, .forbidden, .unknownSession, .sessionClosed].contains(refusal.code) else {
                throw refusal
            }
            ledger.marks.note(.sessionStepRefused)
            ledger.withdraw(tag)
        }
    }

    private static func recordKind(_ kind: SessionStep.Kind) -> MessageKind {
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
