import HubModel
import HubRouter

/// A durable consumer as the log tells it: where each message that it wants is on its way.
struct ReferenceConsumer {
    /// How a message ended.
    enum Fate: Equatable {
        case acknowledged
        case expired
        case dead
    }

    let plan: ConsumerPlan
    let start: Offset
    /// Everything before was delivered, is expired or is not wanted.
    private(set) var cursor: Offset
    private var queue: [Offset] = []
    private var gone = 0
    /// Attempts of what was delivered and has not ended.
    private(set) var unsettled: [Offset: Int] = [:]
    private(set) var ended: [Offset: Fate] = [:]

    init(_ plan: ConsumerPlan, start: Offset) {
        self.plan = plan
        self.start = start
        cursor = start
    }

    /// What it wants and was not given, oldest first.
    var waiting: ArraySlice<Offset> { queue[gone...] }

    mutating func waits(for offset: Offset) {
        if offset >= cursor { queue.append(offset) }
    }

    /// What the log says of deliveries.
    mutating func take(
        _ note: DeliveryNote, latest: Timestamp, _ messages: [Offset: Reference.Message],
        _ marks: inout Marks
    ) throws {
        guard note.cursor >= cursor else {
            throw Violation(.cursor, "\(plan.label) goes back from \(cursor) to \(note.cursor)")
        }
        for offset in note.firsts {
            try passOver(before: offset, latest, messages, &marks)
            guard waiting.first == offset else {
                throw Violation(.fate, "\(plan.label) was given \(offset) and did not wait for it")
            }
            gone += 1
            if plan.settings.acknowledgement == .explicit {
                unsettled[offset] = 1
            } else {
                ended[offset] = .acknowledged
            }
        }
        try passOver(before: note.cursor, latest, messages, &marks)
        cursor = note.cursor
        for again in note.repeats {
            // What was acknowledged on the way may still be delivered once more.
            guard let attempts = unsettled[again.offset] else { continue }
            guard again.attempt == attempts + 1 else {
                throw Violation(
                    .attempts, "\(plan.label): attempt \(again.attempt) of \(again.offset) behind \(attempts)"
                )
            }
            unsettled[again.offset] = again.attempt
        }
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

    /// What the log says of acknowledgements.
    mutating func take(_ note: SettlementNote) throws {
        for range in note.acknowledged {
            for offset in unsettled.keys where range.contains(offset) {
                unsettled[offset] = nil
                ended[offset] = .acknowledged
            }
        }
    }

    /// What the log says of a dead letter.
    mutating func bury(_ letter: DeathNote, _ marks: inout Marks) throws {
        guard ended[letter.offset] != .dead else {
            throw Violation(.burial, "\(plan.label) buries \(letter.offset) again")
        }
        guard let attempts = unsettled.removeValue(forKey: letter.offset) else {
            guard ended[letter.offset] != nil else {
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

    /// Where a message is, in words; nil if nobody knows.
    func place(of offset: Offset) -> String? {
        var places: [String] = []
        if let fate = ended[offset] { places.append("\(fate)") }
        if unsettled[offset] != nil { places.append("in flight") }
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
