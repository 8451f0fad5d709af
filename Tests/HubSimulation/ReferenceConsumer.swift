import HubModel
import HubRouter

/// A durable consumer as the log tells it: where each message that it wants is on its way.
struct ReferenceConsumer {
    /// How a message ended.
    enum Fate: Equatable {
        case acknowledged
        case expired
        case dead
        /// An operator put the consumer behind it.
        case skipped
    }

    let plan: ConsumerPlan
    /// Nothing before is any of its business, but for what it is owed.
    private(set) var start: Offset
    /// The record that put it where it began. What is about another life changes nothing.
    private(set) var era: Offset
    /// Everything before was delivered, is kept back, is expired or is not wanted.
    private(set) var cursor: Offset
    private var queue: [Offset] = []
    private var gone = 0
    /// Attempts of what was delivered and has not ended.
    private(set) var unsettled: [Offset: Int] = [:]
    /// What it is to get besides what comes.
    private(set) var owed: Set<Offset> = []
    /// What of that an operator brought back.
    private(set) var revived: Set<Offset> = []
    private(set) var ended: [Offset: Fate] = [:]
    var isPaused = false
    private var hasMoved = false

    init(_ plan: ConsumerPlan, start: Offset, era: Offset, owed: [Offset]) {
        self.plan = plan
        self.start = start
        self.era = era
        self.owed = Set(owed)
        cursor = start
    }

    /// What it wants and was not given, oldest first.
    var waiting: ArraySlice<Offset> { queue[gone...] }

    private var isExplicit: Bool { plan.settings.acknowledgement == .explicit }

    mutating func waits(for offset: Offset) {
        if offset >= cursor { queue.append(offset) }
    }

    /// What the log says of deliveries.
    mutating func take(
        _ note: DeliveryNote, latest: Timestamp, _ messages: [Offset: Reference.Message],
        _ marks: inout Marks
    ) throws {
        guard note.era == era else { return marks.note(.otherLife) }
        guard note.cursor >= cursor else {
            throw Violation(.cursor, "\(plan.label) goes back from \(cursor) to \(note.cursor)")
        }
        // What was given and what is kept back lie among each other in the log.
        let held = Set(note.held)
        for offset in (note.firsts + note.held).sorted() {
            try passOver(before: offset, latest, messages, &marks)
            guard waiting.first == offset else {
                throw Violation(.fate, "\(plan.label) was given \(offset) and did not wait for it")
            }
            gone += 1
            if held.contains(offset) {
                marks.note(.held)
                owed.insert(offset)
            } else {
                given(offset)
            }
        }
        try passOver(before: note.cursor, latest, messages, &marks)
        cursor = note.cursor
        for again in note.repeats { try take(again: again.offset, attempt: again.attempt, &marks) }
    }

    private mutating func given(_ offset: Offset) {
        if isExplicit { unsettled[offset] = 1 } else { ended[offset] = .acknowledged }
    }

    private mutating func take(again offset: Offset, attempt: Int, _ marks: inout Marks) throws {
        if attempt == 1, owed.remove(offset) != nil {
            revived.remove(offset)
            marks.note(.owedGiven)
            return given(offset)
        }
        // What was acknowledged on the way may still be delivered once more.
        guard let attempts = unsettled[offset] else { return }
        guard attempt == attempts + 1 else {
            throw Violation(.attempts, "\(plan.label): attempt \(attempt) of \(offset) behind \(attempts)")
        }
        unsettled[offset] = attempt
    }

    /// Only what is expired may be left out.
    private mutating func passOver(
        before offset: Offset, _ latest: Timestamp, _ messages: [Offset: Reference.Message],
        _ marks: inout Marks
    ) throws {
        while let next = waiting.first, next < offset {
            let expiry = messages[next]?.expiry ?? .none
            guard expiry != .none, expiry <= latest else {
                throw Violation(.fate, "\(plan.label) never got \(next), and stands at \(offset)")
            }
            ended[next] = .expired
            marks.note(.passedOver)
            gone += 1
        }
    }

    /// What the log says of acknowledgements, and of what operators brought back.
    mutating func take(
        _ note: SettlementNote, latest: Timestamp, _ messages: [Offset: Reference.Message],
        _ marks: inout Marks
    ) throws {
        if note.era != era { marks.note(.otherLife) }
        // What an operator brings back comes whatever life the consumer is in.
        for (verdict, range) in note.verdicts where note.era == era || verdict == .revived {
            switch verdict {
            case .acknowledged:
                for offset in unsettled.keys where range.contains(offset) {
                    unsettled[offset] = nil
                    ended[offset] = .acknowledged
                }
            case .revived:
                // What it has, or will get anyway, is not brought back.
                let offset = range.lowerBound
                guard offset < cursor, unsettled[offset] == nil, !owed.contains(offset) else { continue }
                ended[offset] = nil
                owed.insert(offset)
                revived.insert(offset)
            case .dropped:
                for offset in owed where range.contains(offset) {
                    let expiry = messages[offset]?.expiry ?? .none
                    guard expiry != .none, expiry <= latest else {
                        throw Violation(
                            .fate, "\(plan.label) is no longer owed \(offset), which has not expired")
                    }
                    owed.remove(offset)
                    ended[offset] = .expired
                }
            }
        }
    }

    /// What the log says of a dead letter.
    mutating func bury(_ letter: DeathNote, _ marks: inout Marks) throws {
        guard ended[letter.offset] != .dead else {
            throw Violation(.burial, "\(plan.label) buries \(letter.offset) again")
        }
        guard let attempts = unsettled.removeValue(forKey: letter.offset) else {
            // A letter on its way when the consumer was moved is about what it had before.
            if hasMoved, ended[letter.offset] == nil { return marks.note(.otherLife) }
            guard ended[letter.offset] != nil || letter.offset < start else {
                throw Violation(.burial, "\(plan.label) buries \(letter.offset), which it never had")
            }
            marks.note(.buriedThoughDone)
            ended[letter.offset] = .dead
            return
        }
        guard letter.attempts == attempts else {
            throw Violation(
                .attempts,
                "\(plan.label): the letter of \(letter.offset) says \(letter.attempts) attempts, not \(attempts)"
            )
        }
        ended[letter.offset] = .dead
    }

    /// An operator put it somewhere else: a new life begins, with all that lies before it.
    mutating func move(to offset: Offset, era: Offset, wanted: [Offset]) {
        for old in Array(unsettled.keys) + owed + waiting where old < offset { ended[old] = .skipped }
        for old in ended.keys where old >= offset { ended[old] = nil }
        for old in wanted where old < offset && ended[old] == nil { ended[old] = .skipped }
        start = min(start, offset)
        cursor = offset
        self.era = era
        hasMoved = true
        unsettled = [:]
        owed = []
        revived = []
        queue = wanted.filter { $0 >= offset }
        gone = 0
    }

    /// Whether a first delivery is in its place.
    func standing(of offset: Offset) -> Watch.Standing {
        guard owed.contains(offset) else { return .coming }
        return revived.contains(offset) ? .revived : .owed
    }

    /// Where a message is, in words; nil if nobody knows.
    func place(of offset: Offset) -> String? {
        var places: [String] = []
        if let fate = ended[offset] { places.append("\(fate)") }
        if unsettled[offset] != nil { places.append("in flight") }
        if owed.contains(offset) { places.append("owed") }
        if isWaiting(offset) { places.append("waiting") }
        return places.count == 1 ? places[0] : nil
    }

    private func isWaiting(_ offset: Offset) -> Bool {
        var low = gone
        var high = queue.count
        while low < high {
            let middle = (low + high) / 2
            if queue[middle] < offset { low = middle + 1 } else { high = middle }
        }
        return low < queue.count && queue[low] == offset
    }
}
