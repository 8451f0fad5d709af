import HubBytes
import HubModel

/// Commands: each ends once, by its first answer or by the hub's word that there will be none.
extension Router {
    /// A command has an id, which its answer carries, and a deadline.
    func checkCommand(_ proposal: borrowing Proposal, _ header: inout RecordHeader) throws(Refusal) {
        guard !proposal.parts.id.isEmpty else {
            throw Refusal(.missingField, "a command has an id, which its answer names")
        }
        guard !proposal.isRetained else {
            throw Refusal(.badField, "a command is no value of its topic; send a message to be retained")
        }
        if header.expiry == .none {
            header.expiry = header.time.adding(milliseconds: settings.commandMilliseconds)
        }
        guard header.expiry <= header.time.adding(milliseconds: settings.commandMillisecondsMax) else {
            throw Refusal(
                .badField,
                "a command waits at most \(settings.commandMillisecondsMax / 1000) s for its answer")
        }
    }

    /// An answer names the command, and goes to whoever sent that. The first one ends it, and the command that it ends
    /// is returned; others are marked as late.
    func addressAnswer(
        _ proposal: borrowing Proposal, _ sender: LiveConnection, _ header: inout RecordHeader
    ) throws(Refusal) -> Offset? {
        guard !proposal.parts.correlation.isEmpty else {
            throw Refusal(.missingField, "an answer names the command that it answers")
        }
        guard let command = try command(proposal.parts.correlation, to: header.destination, by: sender) else {
            // Nobody waits for it any more. Where it says whom it is for it is kept all the same.
            guard header.destination != .none else {
                throw Refusal(
                    .unknownMessage,
                    "no command \(proposal.parts.correlation.text) waits, and the answer does not say whom it is for"
                )
            }
            header.flags.insert(.late)
            return nil
        }
        header.destination = command.sender
        if proposal.session.isEmpty { header.session = command.session }
        if command.isOpen, !answering.contains(command.offset) { return command.offset }
        header.flags.insert(.late)
        return nil
    }

    /// The command with that id: of the agent that the answer is addressed to, if it is, else the one that was for
    /// whoever answers.
    private func command(
        _ id: RawSpan, to destination: NameID, by sender: LiveConnection
    ) throws(Refusal) -> LoggedCommand? {
        let id = id.array
        if destination != .none { return logged.command(of: destination, id) }
        let meant = logged.commandsByID[id]?.compactMap { logged.commands[$0] } ?? []
        let own = meant.filter { $0.tenant == sender.tenant }
        let toSender = own.filter { $0.destination == sender.agent }
        // What was for another agent is for that one to answer; what was for a topic, for whoever got it.
        let toTopics = own.filter { names.key(of: $0.destination)?.kind == .topic }
        let candidates = toSender.isEmpty ? toTopics : toSender
        let open = candidates.filter(\.isOpen)
        let found = open.isEmpty ? candidates : open
        guard found.count < 2 else {
            throw Refusal(
                .conflict,
                "\(found.count) agents have sent a command with that id; the answer says whom it is for")
        }
        return found.first
    }

    // MARK: Deadlines

    /// A command's sender is told when its deadline passes without an answer.
    mutating func armCommand(_ command: LoggedCommand) {
        guard command.isOpen, command.deadline != .none else { return }
        _ = arm(.command(command.offset), at: command.deadline)
    }

    mutating func commandDue(
        _ offset: Offset, now: Timestamp, _ block: inout Block, _ effects: inout Effects
    ) {
        // An answer may be on its way; if that is lost, the timer is armed again.
        guard let command = logged.commands[offset], command.isOpen, !answering.contains(offset) else {
            return
        }
        guard command.deadline <= now else { return armCommand(command) }
        let event = Effects.Event.commandTimedOut(sender: command.sender, offset: offset)
        effects.events.append(event)
        if let connection = connectionOfAgent[command.sender] {
            effects.notices.append(Effects.Notice(connection: connection, event: event))
        }
        failCommand(command, "timeout", now: now, &block)
    }

    /// The answer that says that there is none goes to the command's sender like any other. Its payload is the reason,
    /// a word.
    mutating func failCommand(
        _ command: LoggedCommand, _ reason: StaticString, now: Timestamp, _ block: inout Block
    ) {
        guard command.isOpen, answering.insert(command.offset).inserted else { return }
        var header = header(.response, tenant: command.tenant, now: now, block)
        header.destination = command.sender
        header.session = command.session
        header.flags = [.failure]
        var text = ByteBuffer(capacity: 64)
        text.append(reason)
        let payload = text.bytes
        command.id.withBytes { id in
            var parts = RecordParts(payload: payload)
            parts.correlation = id
            note(header, parts, &block)
        }
    }

    /// A command is in the log: its time runs.
    mutating func afterCommand(_ record: RecordView) {
        if let command = logged.commands[record.offset] { armCommand(command) }
    }

    /// An answer is in the log. If it was the command's end, nothing of the command is on its way any more.
    mutating func afterAnswer(_ record: RecordView) {
        guard !answering.isEmpty else { return }
        if let command = logged.command(of: record.destination, record.correlation.array) {
            answering.remove(command.offset)
        }
    }
}
