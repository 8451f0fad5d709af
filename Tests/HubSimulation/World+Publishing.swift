import HubBytes
import HubModel
import HubRouter

/// What agents write: messages to topics and to each other, commands and their answers, what they say of themselves.
extension World {
    /// What marks a subscription is lower.
    static let firstMessageTag: UInt64 = 1_000_000

    mutating func publish() throws {
        let agent = anyAgent()
        if happens(plan.repeatChance), let again = sent[agent] {
            try send(again, by: agent)
            return try handle(.nothing)
        }
        let isDirect = happens(20)
        let target = isDirect ? agents[anyAgent()].name : random.pick(Plan.topics)
        var message = Outgoing(.message, isToAgent: isDirect, target)
        if happens(plan.commandChance) {
            message.kind = .command
            // Every command has its time: without one it may wait for ever.
            message.expiry = now.adding(milliseconds: 1 + Int64(random.below(2000)))
        } else if happens(4) {
            message.kind = .status
        } else if happens(plan.expiryChance) {
            message.expiry = now.adding(milliseconds: Int64(random.below(200)))
        }
        if happens(5) { message.session = random.pick(Self.sessions) }
        message.isRetained = message.kind == .message && happens(5)
        message.isFromMemory = happens(5)
        try publish(message, by: agent)
    }

    /// A command is answered: at once, later, more than once, or never.
    mutating func answer(_ offset: Offset, by agent: Int) throws {
        guard let command = reference.messages[offset] else { return }
        for chance in [60, 10] as [UInt64] where happens(chance) {
            var message = Outgoing(.response, isToAgent: true, command.sender)
            message.correlation = command.id
            try publish(message, by: agent)
        }
    }

    private mutating func publish(_ message: Outgoing, by agent: Int) throws {
        nextMessage += 1
        var message = message
        message.id = "m-\(nextMessage)"
        message.payload = message.isRetained && happens(20) ? "" : "{\"n\":\(nextMessage)}"
        try send(message, by: agent)
        // An agent that has no receipt yet sends the same again.
        if message.kind == .message || message.kind == .command { sent[agent] = message }
    }

    private mutating func send(_ message: Outgoing, by agent: Int) throws {
        guard let connection = agents[agent].connection else { return }
        nextTag += 1
        let tag = Self.firstMessageTag + nextTag
        ledger.propose(
            tag,
            Ledger.Proposed(
                connection: connection, kind: message.kind, destination: message.target,
                sender: agents[agent].name, id: message.id, payload: message.payload))
        note { "agent \(agent) writes \(message.id), a \(message.kind) to \(message.target)" }
        var message = message
        message.tag = tag
        try message.withProposal { proposal in
            do {
                try router.publish(proposal, from: connection, now: now, &open, &effects)
            } catch let refusal as Refusal {
                // A command's time may be over, or too far away after the clock was set.
                let isOver = refusal.code == .badField && message.kind == .command
                // Another may have closed the session, or opened it with somebody else.
                let isElsewhere =
                    [.sessionClosed, .forbidden].contains(refusal.code) && !message.session.isEmpty
                // The log's time is ahead of a clock that went back.
                let isLate = refusal.code == .expired && message.expiry != .none
                guard isOver || isElsewhere || isLate else { throw refusal }
                ledger.withdraw(tag)
            }
        }
    }
}

/// A message that an agent is about to send.
struct Outgoing {
    var kind: MessageKind
    let isToAgent: Bool
    let target: String
    var session = ""
    var correlation = ""
    var expiry = Timestamp.none
    var isRetained = false
    var isFromMemory = false
    var id = ""
    var payload = ""
    var tag: UInt64 = 0

    init(_ kind: MessageKind, isToAgent: Bool, _ target: String) {
        self.kind = kind
        self.isToAgent = isToAgent
        self.target = target
    }

    /// Lends what it is as the router takes it.
    func withProposal(_ body: (borrowing Proposal) throws -> Void) throws {
        try payload.withBytes { payload in
            try id.withBytes { id in
                try correlation.withBytes { correlation in
                    try session.withBytes { session in
                        try target.withBytes { target in
                            var parts = RecordParts(payload: payload)
                            parts.id = id
                            parts.correlation = correlation
                            var proposal = Proposal(kind, to: isToAgent ? .agent : .topic, target, parts)
                            proposal.session = session
                            proposal.expiry = expiry
                            proposal.isRetained = isRetained
                            proposal.durability = isFromMemory ? .memory : .fsynced
                            proposal.tag = tag
                            try body(proposal)
                        }
                    }
                }
            }
        }
    }
}
