import HubBytes
import HubModel
import HubRouter

/// What the log says, read from it without the router: the oracle. It is slow and simple, and knows each rule by its
/// definition.
struct Reference {
    /// A record that somebody may want.
    struct Message {
        let kind: MessageKind
        let isToAgent: Bool
        let destination: String
        let sender: String
        let id: String
        let session: NameID
        let expiry: Timestamp
        let isRetained: Bool
    }

    /// A command, and how often it ended.
    struct Command {
        let offset: Offset
        let deadline: Timestamp
        let sender: String
        let isToAgent: Bool
        var hasEnded = false
    }

    private(set) var messages: [Offset: Message] = [:]
    /// Their offsets, in order.
    private(set) var order: [Offset] = []
    /// By name.
    private(set) var consumers: [String: ReferenceConsumer] = [:]
    /// By the id that their senders gave them.
    private(set) var commands: [String: Command] = [:]
    /// Commands in order of their age.
    private(set) var commandIDs: [String] = []
    /// By topic: where its retained value is, and its last message.
    private var retained: [String: Offset] = [:]
    private var last: [String: Offset] = [:]
    private(set) var head = Offset.zero
    /// When each record was taken.
    private(set) var times: [Timestamp] = []
    private var names: [(key: NameKey, text: String)] = []
    private var lastSequences: [NameID: UInt64] = [:]
    /// Where operators moved consumers, in order.
    private var moves: [(consumer: String, offset: Offset)] = []
    /// When each agent's ids were last taken.
    private var taken: [String: Timestamp] = [:]
    private let windowMilliseconds: Int64
    private let plans: [String: ConsumerPlan]

    init(_ plan: Plan) {
        windowMilliseconds = plan.settings.dedupMilliseconds
        plans = Dictionary(uniqueKeysWithValues: plan.consumers.map { ($0.label, $0) })
    }

    /// The text of a name.
    func name(_ id: NameID) -> String {
        id == .none || Int(id.rawValue) > names.count ? "" : names[Int(id.rawValue) - 1].text
    }

    /// The number of a consumer's name.
    func id(ofConsumer name: String) -> NameID? {
        names.firstIndex { $0.key.kind == .consumer && $0.text == name }.map { NameID(UInt32($0 + 1)) }
    }

    /// The last record in a part of the log that moved each consumer.
    func moves(in offsets: Range<Offset>) -> [String: Offset] {
        var found: [String: Offset] = [:]
        for move in moves.reversed().prefix(while: { $0.offset >= offsets.lowerBound })
        where move.offset < offsets.upperBound && found[move.consumer] == nil {
            found[move.consumer] = move.offset
        }
        return found
    }

    /// When the last record before an offset was taken.
    func time(before offset: Offset) -> Timestamp {
        offset == .zero ? .none : times[Int(offset.rawValue) - 1]
    }

    // MARK: The log grows

    /// Takes in a block that is on disk. `latest` is the latest time that the clock has ever shown.
    mutating func apply(_ sealed: borrowing Block, latest: Timestamp, _ marks: inout Marks) throws {
        let block = sealed.view
        var news = block.names
        while let name = news.next() { names.append((name.key, name.text.text)) }
        var index = 0
        while index < block.count {
            let record = block.record(at: index)
            guard record.offset == head else {
                throw Violation(.log, "\(record.offset) follows \(head)")
            }
            head = record.offset.next
            times.append(record.time)
            try number(record)
            try checkSentOnce(record)
            try take(record, latest: latest, &marks)
            index += 1
        }
    }

    /// Sequence numbers of a session follow each other from 1.
    private mutating func number(_ record: RecordView) throws {
        guard record.session != .none else { return }
        let expected = (lastSequences[record.session] ?? 0) + 1
        guard record.sequence.rawValue == expected else {
            throw Violation(
                .sequence, "\(record.offset) is number \(record.sequence) of its session, not \(expected)")
        }
        lastSequences[record.session] = expected
    }

    private mutating func checkSentOnce(_ record: RecordView) throws {
        guard record.kind.isFromAgent, !record.id.isEmpty else { return }
        let key = "\(record.sender) \(record.id.text)"
        if let before = taken[key], record.time < before.adding(milliseconds: windowMilliseconds) {
            throw Violation(.duplicate, "\(record.offset) is \(record.id.text) once more")
        }
        taken[key] = record.time
    }

    private mutating func take(_ record: RecordView, latest: Timestamp, _ marks: inout Marks) throws {
        let name = name(record.destination)
        switch record.kind {
        case .message, .status, .sessionOpen, .sessionAccept, .sessionReject, .sessionClose: note(record)
        case .command:
            note(record)
            commands[record.id.text] = Command(
                offset: record.offset, deadline: record.expiry, sender: self.name(record.sender),
                isToAgent: messages[record.offset]?.isToAgent ?? false)
            commandIDs.append(record.id.text)
        case .response:
            note(record)
            try takeResponse(record, latest: latest, &marks)
        case .deadLetter:
            note(record)
            try bury(DeathNote(record.annotations), &marks)
        case .consumerSet: setConsumer(record)
        case .consumerDelete: consumers[name] = nil
        case .consumerMove: try move(name, record)
        case .pause, .resume: if record.session == .none { consumers[name]?.isPaused = record.kind == .pause }
        case .delivery:
            let note = try DeliveryNote(record.payload)
            try consumers[name]?.take(note, latest: latest, messages, &marks)
        case .settlement:
            let note = try SettlementNote(record.payload)
            try consumers[name]?.take(note, latest: latest, messages, &marks)
        default: break
        }
    }

    private mutating func note(_ record: RecordView) {
        let destination = record.destination
        guard destination != .none else { return }
        let message = Message(
            kind: record.kind, isToAgent: names[Int(destination.rawValue) - 1].key.kind == .agent,
            destination: name(destination), sender: name(record.sender), id: record.id.text,
            session: record.session, expiry: record.expiry, isRetained: record.flags.contains(.retained))
        messages[record.offset] = message
        order.append(record.offset)
        for name in consumers.keys where consumers[name]?.plan.wants(message) == true {
            consumers[name]?.waits(for: record.offset)
        }
        guard record.kind.isFromAgent, !message.isToAgent else { return }
        last[message.destination] = record.offset
        if message.isRetained {
            retained[message.destination] = record.payload.isEmpty ? nil : record.offset
        }
    }

    private mutating func setConsumer(_ record: RecordView) {
        let name = name(record.destination)
        guard consumers[name] == nil, let plan = plans[name] else { return }
        let start: Offset
        var owed: [Offset] = []
        switch plan.start {
        case .all: start = .zero
        case .new, .last:
            start = record.offset.next
            if plan.filter != .inbox {
                owed = Array((plan.start == .new ? retained : last).values)
                owed.removeAll { messages[$0].map { !plan.wants($0) } ?? true }
            }
        }
        var consumer = ReferenceConsumer(plan, start: start, era: record.offset, owed: owed)
        for offset in wanted(by: plan) where offset >= start { consumer.waits(for: offset) }
        consumers[name] = consumer
    }

    private func wanted(by plan: ConsumerPlan) -> [Offset] {
        order.filter { messages[$0].map { plan.wants($0) } ?? false }
    }

    private mutating func move(_ name: String, _ record: RecordView) throws {
        moves.append((name, record.offset))
        guard let consumer = consumers[name] else { return }
        var numbers = LoggedNumbers(record.payload)
        let target = Offset(try numbers.next())
        let wanted = wanted(by: consumer.plan)
        consumers[name]?.move(to: target, era: record.offset, wanted: wanted)
    }

    // MARK: Ends

    private mutating func takeResponse(_ record: RecordView, latest: Timestamp, _ marks: inout Marks) throws {
        let id = record.correlation.text
        guard let command = commands[id] else { return }
        guard record.flags.contains(.failure) else {
            guard record.flags.contains(.late) == command.hasEnded else {
                throw Violation(
                    .command, "\(record.offset) answers \(id), and does not say rightly whether it is late")
            }
            marks.note(command.hasEnded ? .answeredLate : .commandAnswered)
            commands[id]?.hasEnded = true
            return
        }
        guard !command.hasEnded else {
            throw Violation(
                .command, "\(id) at \(command.offset) ends a second time at \(record.offset), as a failure")
        }
        guard name(record.destination) == command.sender else {
            throw Violation(.command, "the end of \(id) goes to \(name(record.destination))")
        }
        let isDead = record.payload.text == "dead_letter"
        guard isDead ? command.isToAgent : command.deadline <= latest else {
            throw Violation(.command, "\(id) ends at \(record.offset) before its time")
        }
        marks.note(isDead ? .commandDied : .commandTimedOut)
        commands[id]?.hasEnded = true
    }

    private mutating func bury(_ letter: DeathNote, _ marks: inout Marks) throws {
        switch letter.reason {
        case .attempts: marks.note(.buriedForAttempts)
        case .given: marks.note(.buriedAsGiven)
        case .expired: marks.note(.buriedAsExpired)
        }
        guard letter.consumer != .none else { return marks.note(.namelessBuried) }
        try consumers[name(letter.consumer)]?.bury(letter, &marks)
    }

    /// What keeps the hub from rest; nil if nothing does. What waits and has expired waits for nothing.
    func unrest(latest: Timestamp) -> String? {
        for (name, consumer) in consumers.sorted(by: { $0.key < $1.key }) {
            for offset in consumer.waiting {
                let expiry = messages[offset]?.expiry ?? .none
                if expiry == .none || expiry > latest { return "\(name) waits for \(offset)" }
            }
            if let offset = consumer.unsettled.keys.min() { return "\(name) has not settled \(offset)" }
            if let offset = consumer.owed.min() { return "\(name) is owed \(offset)" }
        }
        for id in commandIDs where commands[id]?.hasEnded == false { return "\(id) has not ended" }
        return nil
    }
}
