import HubBytes
import HubModel

/// All that the router knows from the log: a function of the records applied so far, and of nothing else.
///
/// Live and in recovery the same `apply` makes it, so the two cannot differ. What may be asked for by number lies in
/// arrays by that number; what is listed is listed in the order of numbers, so that every run gives the same.
struct LoggedState: ~Copyable {
    /// Up to where records were applied.
    private(set) var appliedTo = Offset.zero
    /// When the newest of them was taken.
    private(set) var time = Timestamp.none
    /// By a session's number: its last sequence number, 0 for none.
    private var lastSequences: [UInt64] = []
    private(set) var sessions: [NameID: LoggedSession] = [:]
    private(set) var consumers: [NameID: LoggedConsumer] = [:]
    private(set) var agents: [NameID: LoggedAgent] = [:]
    /// By the tenant and the id that commands were given: those that wait for an answer.
    private(set) var commands: [CommandKey: LoggedCommand] = [:]
    /// By a topic's number: where its last retained message is.
    private(set) var retained: [NameID: Offset] = [:]
    /// What changed since the last checkpoint, sequence numbers apart: those change with every message, so they are
    /// marked in an array and listed.
    private var changed: Set<StateKey> = []
    private var changedSequences: [NameID] = []
    private var isSequenceChanged: [Bool] = []
    /// What went into the last changes that were taken: they travel with blocks, and blocks may be refused.
    private var taken: [Taken] = []

    /// What went into changes that were taken.
    private struct Taken {
        let keys: Set<StateKey>
        let sequences: [NameID]
    }

    /// As many blocks may be on their way, each with changes, before the first of them is known to be written.
    private static let takenMax = 4

    /// Which command is meant.
    struct CommandKey: Hashable {
        let tenant: NameID
        let id: [UInt8]
    }

    init() {}

    /// The last sequence number of a session; none if it has no message.
    func lastSequence(of session: NameID) -> SequenceNumber {
        let index = Int(session.rawValue)
        return index < lastSequences.count ? SequenceNumber(lastSequences[index]) : .none
    }

    /// Applies the next record of the log.
    mutating func apply(_ record: RecordView) {
        precondition(record.offset >= appliedTo, "records are applied in order, each once")
        appliedTo = record.offset.next
        time = max(time, record.time)
        if record.session != .none { note(record.sequence, of: record.session) }
        switch record.kind {
        case .message: applyMessage(record)
        case .command: applyCommand(record)
        case .response: applyResponse(record)
        case .status: applyStatus(record)
        case .sessionOpen, .sessionAccept, .sessionReject, .sessionClose: applySession(record)
        case .pause, .resume: applyPause(record)
        case .consumerSet, .consumerDelete, .consumerMove, .settlement, .delivery: applyConsumer(record)
        case .deadLetter: applyDeadLetter(record)
        case .presence: applyPresence(record)
        case .registration, .system: break
        }
    }

    private mutating func note(_ sequence: SequenceNumber, of session: NameID) {
        let index = Int(session.rawValue)
        if index >= lastSequences.count {
            let more = max(1024, index + 1 - lastSequences.count)
            lastSequences.append(contentsOf: repeatElement(0, count: more))
            isSequenceChanged.append(contentsOf: repeatElement(false, count: more))
        }
        lastSequences[index] = sequence.rawValue
        if !isSequenceChanged[index] {
            isSequenceChanged[index] = true
            changedSequences.append(session)
        }
    }

    // MARK: What agents say

    private mutating func applyMessage(_ record: RecordView) {
        guard record.flags.contains(.retained), record.destination != .none else { return }
        // An empty payload takes the retained one back.
        retained[record.destination] = record.payload.isEmpty ? nil : record.offset
        changed.insert(.retained(record.destination))
    }

    private mutating func applyCommand(_ record: RecordView) {
        let key = CommandKey(tenant: record.tenant, id: record.id.array)
        commands[key] = LoggedCommand(
            offset: record.offset, tenant: record.tenant, sender: record.sender, session: record.session,
            deadline: record.expiry, id: key.id)
        changed.insert(.command(key))
    }

    private mutating func applyResponse(_ record: RecordView) {
        // A late answer is kept in the log like any other; the command is done with already.
        let key = CommandKey(tenant: record.tenant, id: record.correlation.array)
        if commands.removeValue(forKey: key) != nil { changed.insert(.command(key)) }
    }

    private mutating func applyStatus(_ record: RecordView) {
        know(record.sender, record.tenant)
        agents[record.sender]?.status = record.offset
        changed.insert(.agent(record.sender))
    }

    private mutating func applyPresence(_ record: RecordView) {
        guard let presence = record.payload.firstByte.flatMap({ Presence(rawValue: $0) }) else { return }
        know(record.sender, record.tenant)
        agents[record.sender]?.presence = presence
        agents[record.sender]?.since = record.time
        changed.insert(.agent(record.sender))
    }

    private mutating func know(_ agent: NameID, _ tenant: NameID) {
        if agents[agent] == nil { agents[agent] = LoggedAgent(tenant: tenant) }
    }

    // MARK: Sessions

    /// Steps that do not follow from where the session stands are passed over: what was allowed when it was proposed
    /// may have come behind another's step in the log, and the log's order decides.
    private mutating func applySession(_ record: RecordView) {
        let session = record.session
        let isOpen = sessions[session]?.isOpen == true
        if record.kind == .sessionOpen {
            guard !isOpen else { return }
            sessions[session] = LoggedSession(
                tenant: record.tenant, opener: record.sender, partner: record.destination, phase: .proposed,
                since: record.time)
        } else {
            guard var known = sessions[session], isOpen else { return }
            guard known.phase == .proposed || record.kind == .sessionClose else { return }
            switch record.kind {
            case .sessionAccept:
                known.phase = .accepted
                if known.partner == .none { known.partner = record.sender }
            case .sessionReject: known.phase = .rejected
            default: known.phase = .closed
            }
            known.since = record.time
            sessions[session] = known
        }
        changed.insert(.session(session))
    }

    private mutating func applyPause(_ record: RecordView) {
        if record.session != .none {
            guard var session = sessions[record.session] else { return }
            session.pausedBy.removeAll { $0 == record.sender }
            if record.kind == .pause { session.pausedBy.append(record.sender) }
            sessions[record.session] = session
            changed.insert(.session(record.session))
        } else if consumers[record.destination] != nil {
            consumers[record.destination]?.isPaused = record.kind == .pause
            changed.insert(.consumer(record.destination))
        }
    }

    // MARK: Consumers

    private mutating func applyConsumer(_ record: RecordView) {
        let id = record.destination
        changed.insert(.consumer(id))
        switch record.kind {
        case .consumerSet: setConsumer(id, record)
        case .consumerDelete: consumers[id] = nil
        case .consumerMove:
            var reader = NumberReader(record.payload)
            let target = Offset(min(reader.next(), Offset.end.rawValue))
            guard reader.isAtEnd, !reader.hasFailed else { return }
            consumers[id]?.cursor = target
            consumers[id]?.unsettled.removeAll()
        case .settlement:
            guard let settlement = SettlementRecord(record.payload) else { return }
            consumers[id]?.apply(settlement, at: record.time)
        default:
            guard let delivery = DeliveryRecord(record.payload) else { return }
            consumers[id]?.apply(delivery, at: record.time)
        }
    }

    private mutating func setConsumer(_ id: NameID, _ record: RecordView) {
        guard let wanted = ConsumerRecord(record.payload) else { return }
        if consumers[id] == nil {
            consumers[id] = LoggedConsumer(id: id, tenant: record.tenant, wanted, at: record.offset)
        } else {
            consumers[id]?.filter = wanted.filter
            consumers[id]?.settings = wanted.settings
        }
    }

    /// A dead letter names the consumer that gave up and the message that it gave up on.
    private mutating func applyDeadLetter(_ record: RecordView) {
        guard let letter = DeadLetter(record.annotations) else { return }
        consumers[letter.consumer]?.unsettled.settle(letter.offset)
        changed.insert(.consumer(letter.consumer))
        if letter.isCommandOver {
            let key = CommandKey(tenant: record.tenant, id: record.id.array)
            if commands.removeValue(forKey: key) != nil { changed.insert(.command(key)) }
        }
    }
}

// MARK: The checkpoint

extension LoggedState {
    /// What changed since the last time, as it is to be written; nothing changed is nil.
    mutating func takeChanges() -> StateChanges? {
        guard !changed.isEmpty || !changedSequences.isEmpty else { return nil }
        var changes = StateChanges(appliedTo: appliedTo)
        var packer = NumberPacker()
        for session in changedSequences.sorted() {
            isSequenceChanged[Int(session.rawValue)] = false
            packer.reset()
            packer.put(lastSequence(of: session).rawValue)
            changes.set(StateKey.sequence(session).bytes.bytes, packer.buffer.bytes)
        }
        for key in changed.sorted(by: { $0.comes(before: $1) }) {
            packer.reset()
            if StateCodec.pack(key, self, &packer) {
                changes.set(key.bytes.bytes, packer.buffer.bytes)
            } else {
                changes.remove(key.bytes.bytes)
            }
        }
        taken.append(Taken(keys: changed, sequences: changedSequences))
        if taken.count > Self.takenMax { taken.removeFirst() }
        changed.removeAll(keepingCapacity: true)
        changedSequences.removeAll(keepingCapacity: true)
        return changes
    }

    /// Blocks were refused, and changes may have been lost with them: what went into the last ones counts as changed
    /// again. Writing a part twice does no harm.
    mutating func takeChangesAgain() {
        for lost in taken {
            changed.formUnion(lost.keys)
            for session in lost.sequences where !isSequenceChanged[Int(session.rawValue)] {
                isSequenceChanged[Int(session.rawValue)] = true
                changedSequences.append(session)
            }
        }
        taken.removeAll()
    }

    /// Puts back a part that a checkpoint kept; false if it is not what this program writes.
    mutating func load(_ key: RawSpan, _ value: RawSpan) -> Bool {
        guard let key = StateKey(key) else { return false }
        var reader = NumberReader(value)
        switch key {
        case .sequence(let session):
            note(SequenceNumber(reader.next()), of: session)
            isSequenceChanged[Int(session.rawValue)] = false
            changedSequences.removeLast()
        case .session(let id):
            guard let session = StateCodec.session(&reader) else { return false }
            sessions[id] = session
        case .consumer(let id):
            guard let consumer = StateCodec.consumer(id, &reader) else { return false }
            consumers[id] = consumer
        case .agent(let id):
            guard let agent = StateCodec.agent(&reader) else { return false }
            agents[id] = agent
        case .command(let key): commands[key] = StateCodec.command(key, &reader)
        case .retained(let id): retained[id] = Offset(min(reader.next(), Offset.end.rawValue))
        }
        return reader.isAtEnd && !reader.hasFailed
    }

    /// Says up to where a loaded checkpoint is true, from where on what comes is applied, and when the log's newest
    /// record was taken. Checkpoints do not say that; the log does, and takes nothing older from a clock that went back.
    mutating func resume(from offset: Offset, time newest: Timestamp) {
        precondition(appliedTo == .zero)
        appliedTo = offset
        time = newest
    }

    /// In which parts two states differ; none if they are equal. For tests, and for whoever doubts.
    func differences(from other: borrowing LoggedState) -> [String] {
        var found: [String] = []
        if appliedTo != other.appliedTo { found.append("applied to \(appliedTo) and \(other.appliedTo)") }
        if time != other.time { found.append("time \(time) and \(other.time)") }
        if sessions != other.sessions { found.append("sessions") }
        if agents != other.agents { found.append("agents") }
        if commands != other.commands { found.append("commands") }
        if retained != other.retained { found.append("retained") }
        for id in Set(consumers.keys).union(other.consumers.keys).sorted()
        where consumers[id] != other.consumers[id] {
            found.append("consumer \(id)")
        }
        for index in 0..<max(lastSequences.count, other.lastSequences.count) {
            let session = NameID(UInt32(index))
            if lastSequence(of: session) != other.lastSequence(of: session) {
                found.append("last number of session \(session)")
            }
        }
        return found
    }
}

extension RawSpan {
    /// The first byte, if there is one.
    fileprivate var firstByte: UInt8? { isEmpty ? nil : load(0, as: UInt8.self) }
}
