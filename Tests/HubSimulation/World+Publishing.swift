import HubBytes
import HubModel
import HubRouter

/// What agents write: messages to topics and to each other, commands and their answers, what they say of themselves.
extension World {
    /// What marks a subscription is lower.
    static let firstMessageTag: UInt64 = 1_000_000

    mutating func publish() throws {
        let agent = anyAgent()
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
        if happens(5) { message.session = random.pick(["talk-1", "talk-2"]) }
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
        guard let connection = agents[agent].connection else { return }
        nextMessage += 1
        let tag = Self.firstMessageTag + nextMessage
        let payload = message.isRetained && happens(20) ? "" : "{\"n\":\(nextMessage)}"
        let id = "m-\(nextMessage)"
        ledger.propose(
            tag,
            Ledger.Proposed(
                connection: connection, kind: message.kind, destination: message.target,
                sender: agents[agent].name, id: id, payload: payload))
        note { "agent \(agent) writes \(id), a \(message.kind) to \(message.target)" }
        try payload.withBytes { payload in
            try id.withBytes { id in
                try message.correlation.withBytes { correlation in
                    try message.session.withBytes { session in
                        try message.target.withBytes { target in
                            var parts = RecordParts(payload: payload)
                            parts.id = id
                            parts.correlation = correlation
                            var proposal = Proposal(
                                message.kind, to: message.isToAgent ? .agent : .topic, target, parts)
                            proposal.session = session
                            proposal.expiry = message.expiry
                            proposal.isRetained = message.isRetained
                            proposal.durability = message.isFromMemory ? .memory : .fsynced
                            proposal.tag = tag
                            try router.publish(proposal, from: connection, now: now, &open, &effects)
                        }
                    }
                }
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

    init(_ kind: MessageKind, isToAgent: Bool, _ target: String) {
        self.kind = kind
        self.isToAgent = isToAgent
        self.target = target
    }
}
