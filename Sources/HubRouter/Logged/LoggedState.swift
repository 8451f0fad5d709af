import HubBytes
import HubModel

/// All that the router knows from the log: a function of the records applied so far, and of nothing else.
///
/// Live and in recovery the same `apply` makes it, so the two cannot differ. What may be asked for by number lies in
/// arrays by that number; what is listed is listed in the order of numbers, so that every run gives the same. Nothing
/// outside of `apply`, the checkpoint and recovery changes it, but for proposals in the window of ids, which are no part
/// of what is compared.
struct LoggedState: ~Copyable {
    /// Up to where records were applied.
    private(set) var appliedTo = Offset.zero
    /// When the newest of them was taken.
    private(set) var time = Timestamp.none
    /// By a session's number: its last sequence number.
    var sequences = MarkedNumbers()
    /// By the number of a topic or an agent: where the last message to it is, plus one.
    var lastMessages = MarkedNumbers()
    var sessions: [NameID: LoggedSession] = [:]
    /// By a session's number: who wants to hear no more of it for now.
    var pauses: [NameID: LoggedPause] = [:]
    var consumers: [NameID: LoggedConsumer] = [:]
    var agents: [NameID: LoggedAgent] = [:]
    /// By where they are: commands that wait for an answer, and those that ended lately.
    var commands: [Offset: LoggedCommand] = [:]
    /// By the number of a topic or an agent: where its last retained message is.
    var retained: [NameID: Offset] = [:]
    /// What agents sent lately.
    var window: DedupWindow

    // What follows from the above, and is therefore not compared.

    /// By the id that their senders gave them: ids of two senders may be the same.
    private(set) var commandsByID: [[UInt8]: [Offset]] = [:]
    /// Commands in the order in which they ended, so that the oldest are forgotten first.
    var ended = EndedCommands()
    /// Sessions that are open, by tenant and by opener.
    var openSessions: [NameID: Int] = [:]
    var openSessionCount = 0
    /// Consumers by tenant.
    var consumerCounts: [NameID: Int] = [:]

    // The checkpoint.

    /// What changed since the last one.
    var changed: Set<StateKey> = []
    /// What went into the last changes that were taken: they travel with blocks, and blocks may be refused.
    var taken: [Taken] = []
    /// From where on records have to be read to make the window again.
    var windowStart: Offset?

    /// What went into changes that were taken.
    struct Taken {
        let keys: Set<StateKey>
        let sequences: [NameID]
        let lastMessages: [NameID]
    }

    init(_ window: DedupWindow.Bounds, hashSeed: UInt64) {
        self.window = DedupWindow(window, hashSeed: hashSeed)
    }

    /// The last sequence number of a session; none if it has no message.
    func lastSequence(of session: NameID) -> SequenceNumber { SequenceNumber(sequences[session]) }

    /// The command that a sender gave an id, if it is remembered.
    func command(of sender: NameID, _ id: [UInt8]) -> LoggedCommand? {
        for offset in commandsByID[id] ?? [] {
            if let command = commands[offset], command.sender == sender { return command }
        }
        return nil
    }

    mutating func addCommand(_ command: LoggedCommand) {
        commands[command.offset] = command
        commandsByID[command.id, default: []].append(command.offset)
    }

    mutating func removeCommand(_ offset: Offset) {
        guard let command = commands.removeValue(forKey: offset) else { return }
        if !command.isOpen { ended.forget() }
        commandsByID[command.id]?.removeAll { $0 == offset }
        if commandsByID[command.id]?.isEmpty == true { commandsByID[command.id] = nil }
        changed.insert(.command(offset))
    }

    /// Applies the next record of the log.
    mutating func apply(_ record: RecordView, _ names: borrowing NameTable) {
        precondition(record.offset >= appliedTo, "records are applied in order, each once")
        appliedTo = record.offset.next
        let kind = record.kind
        time = max(time, record.time)
        if record.session != .none { sequences.set(record.session, record.sequence.rawValue) }
        if kind.isFromAgent { applyFromAgent(record, kind) }
        switch kind {
        case .message: break
        case .command: applyCommand(record)
        case .response: applyResponse(record)
        case .status: applyStatus(record)
        case .sessionOpen, .sessionAccept, .sessionReject, .sessionClose: applySession(record)
        case .pause, .resume: applyPause(record)
        case .consumerSet: setConsumer(record, names)
        case .consumerDelete, .consumerMove, .settlement, .delivery: applyConsumer(record)
        case .deadLetter: applyDeadLetter(record)
        case .presence: applyPresence(record)
        case .registration, .system: break
        }
    }

    private mutating func applyFromAgent(_ record: RecordView, _ kind: MessageKind) {
        if !record.id.isEmpty { confirm(record) }
        guard record.destination != .none else { return }
        lastMessages.set(record.destination, record.offset.rawValue + 1)
        guard record.flags.contains(.retained) else { return }
        // An empty payload takes the retained one back.
        retained[record.destination] = record.payload.isEmpty ? nil : record.offset
        changed.insert(.retained(record.destination))
    }

    private mutating func confirm(_ record: RecordView) {
        let place = DedupWindow.Place(
            session: record.session, sequence: record.sequence, offset: record.offset)
        window.confirm(record.sender, record.id, place, time: record.time)
    }

    /// Remembers the id of a record from before the checkpoint: those are not in it.
    mutating func remember(_ record: RecordView) {
        if record.kind.isFromAgent, !record.id.isEmpty { confirm(record) }
    }

    /// Says up to where a loaded checkpoint is true, from where on what comes is applied, and when the log's newest
    /// record was taken. Checkpoints do not say that; the log does, and takes nothing older from a clock that went back.
    mutating func resume(from offset: Offset, time newest: Timestamp) {
        precondition(appliedTo == .zero)
        appliedTo = offset
        time = newest
    }

    // MARK: What agents say of themselves

    private mutating func applyStatus(_ record: RecordView) {
        know(record.sender, record.tenant)
        agents[record.sender]?.status = record.offset
        changed.insert(.agent(record.sender))
    }

    private mutating func applyPresence(_ record: RecordView) {
        guard !record.payload.isEmpty,
            let presence = Presence(rawValue: record.payload.load(0, as: UInt8.self))
        else { return }
        know(record.sender, record.tenant)
        agents[record.sender]?.presence = presence
        agents[record.sender]?.since = record.time
        changed.insert(.agent(record.sender))
    }

    private mutating func know(_ agent: NameID, _ tenant: NameID) {
        if agents[agent] == nil { agents[agent] = LoggedAgent(tenant: tenant) }
    }
}
