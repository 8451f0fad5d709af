import HubModel
import HubRouter

/// What the members of one consumer have seen, beside what the hub says: whoever contradicts it has a bug.
struct Watch {
    /// Whether a first delivery has its place in the order of the log.
    enum Standing {
        /// It has.
        case coming
        /// It was held back, or lies before the consumer's beginning.
        case owed
        /// An operator brought it back.
        case revived
    }

    let plan: ConsumerPlan
    /// Where it began.
    let start: Offset
    /// No first delivery lies before this.
    private(set) var nextFirst: Offset
    /// How often each message was delivered, since the hub last started or as the log had it then.
    private(set) var attempts: [Offset: Int] = [:]
    /// Delivered, and nobody has said that it is done.
    private(set) var outstanding: Set<Offset> = []
    /// Said to be done.
    private(set) var acknowledged: Set<Offset> = []
    /// Said never to be done.
    private var given: Set<Offset> = []
    /// When what was delivered expires, if it does.
    private var expiries: [Offset: Timestamp] = [:]
    /// Who had it last.
    private var holders: [Offset: Int] = [:]
    /// By session and kind of work, the newest that was delivered for the first time.
    private var newestOfSession: [UInt64: Offset] = [:]
    /// Whether attempts are those that a restart left.
    private var isRestarted = false

    /// A consumer that begins at an offset.
    init(_ plan: ConsumerPlan, start: Offset) {
        self.plan = plan
        self.start = start
        nextFirst = start
    }

    /// What the log knows is all that is left: so it is after a restart.
    mutating func restart(_ logged: ReferenceConsumer?) {
        nextFirst = logged?.cursor ?? .zero
        attempts = logged?.unsettled ?? [:]
        outstanding = Set(attempts.keys)
        acknowledged = []
        given = []
        newestOfSession = [:]
        isRestarted = true
    }

    /// An operator has moved it: what was delivered before is another life's.
    mutating func restart(at target: Offset) {
        restart(nil)
        nextFirst = target
    }

    mutating func take(
        _ delivery: Effects.Delivery, _ message: Reference.Message, _ standing: Standing, agent: Int,
        now: Timestamp, latest: Timestamp, _ marks: inout Marks
    ) throws {
        guard plan.wants(message) else {
            throw Violation(.wanted, "\(plan.label) is given \(delivery.offset), to \(message.destination)")
        }
        guard message.expiry == .none || message.expiry > now else {
            throw Violation(.expiry, "\(plan.label) is given \(delivery.offset), which has expired")
        }
        try count(delivery, message, standing, &marks)
        if delivery.attempt > 1 {
            marks.note(.again)
            if !plan.isDurable { marks.note(.namelessAgain) }
            if holders[delivery.offset] != agent { marks.note(.againElsewhere) }
            if acknowledged.contains(delivery.offset) { marks.note(.againThoughDone) }
        }
        if delivery.attempt == plan.settings.deliveriesMax { marks.note(.lastTime) }
        if plan.filter == .inbox { marks.note(.inbox) }
        holders[delivery.offset] = agent
        if message.expiry != .none { expiries[delivery.offset] = message.expiry }
        guard plan.settings.acknowledgement == .explicit else { return marks.note(.automatic) }
        if !acknowledged.contains(delivery.offset) { outstanding.insert(delivery.offset) }
        try checkInFlight(latest: latest)
    }

    /// First deliveries go forward, attempts count up one by one.
    private mutating func count(
        _ delivery: Effects.Delivery, _ message: Reference.Message, _ standing: Standing,
        _ marks: inout Marks
    ) throws {
        let (offset, attempt) = (delivery.offset, delivery.attempt)
        guard attempt <= plan.settings.deliveriesMax else {
            throw Violation(.attempts, "\(plan.label): attempt \(attempt) of \(offset)")
        }
        if attempt == 1 {
            guard offset >= nextFirst || standing != .coming else {
                throw Violation(.order, "\(plan.label): \(offset) behind \(nextFirst)")
            }
            nextFirst = max(nextFirst, offset.next)
            if standing == .revived {
                acknowledged.remove(offset)
                given.remove(offset)
            } else {
                try checkSession(offset, message)
            }
        } else if attempts[offset] != attempt - 1 {
            throw Violation(
                .attempts, "\(plan.label): attempt \(attempt) of \(offset) after \(attempts[offset] ?? 0)")
        }
        if attempt > 1, isRestarted { marks.note(.attemptsSurvived) }
        attempts[offset] = attempt
    }

    /// Messages of a session come in its order; what pauses hold back of new work may be overtaken by the rest.
    private mutating func checkSession(_ offset: Offset, _ message: Reference.Message) throws {
        guard message.session != .none else { return }
        let isWork = message.kind == .command || message.kind == .sessionOpen
        let key = UInt64(message.session.rawValue) << 1 | (isWork ? 1 : 0)
        if let last = newestOfSession[key], offset <= last {
            throw Violation(.order, "\(plan.label): \(offset) behind \(last) of the same session")
        }
        newestOfSession[key] = offset
    }

    private func checkInFlight(latest: Timestamp) throws {
        var count = outstanding.count
        // A nameless consumer's dead are out of its hands before the log has them.
        if !plan.isDurable, count > plan.settings.inFlightMax {
            count = outstanding.count { !mayBeDead($0, latest: latest) }
        }
        guard count <= plan.settings.inFlightMax else {
            throw Violation(
                .inFlight, "\(plan.label) has \(count) in flight, \(plan.settings.inFlightMax) are allowed")
        }
    }

    /// A member has said that all in a range are done.
    mutating func acknowledge(_ range: ClosedRange<Offset>) {
        let done = attempts.keys.filter { range.contains($0) }
        acknowledged.formUnion(done)
        outstanding.subtract(done)
    }

    /// A member has said that it will never be done.
    mutating func giveUp(_ offset: Offset) { given.insert(offset) }

    /// It is among the dead letters.
    mutating func bury(_ offset: Offset) { outstanding.remove(offset) }

    /// It is among the dead letters of nameless consumers, which do not say whose they are.
    mutating func buryNameless(_ offset: Offset, latest: Timestamp) {
        if !plan.isDurable, mayBeDead(offset, latest: latest) { outstanding.remove(offset) }
    }

    /// Letters of a nameless consumer's dead may be lost.
    mutating func loseLetters(latest: Timestamp) {
        guard !plan.isDurable else { return }
        outstanding = outstanding.filter { !mayBeDead($0, latest: latest) }
    }

    private func mayBeDead(_ offset: Offset, latest: Timestamp) -> Bool {
        attempts[offset] == plan.settings.deliveriesMax || given.contains(offset)
            || expiries[offset].map { $0 <= latest } ?? false
    }

    /// What somebody has, as far as he knows, is in flight or not yet logged.
    func check(against logged: ReferenceConsumer?) throws {
        guard plan.isDurable, let logged else { return }
        for offset in outstanding
        where offset < logged.cursor && logged.unsettled[offset] == nil && !logged.owed.contains(offset) {
            throw Violation(
                .fate,
                "\(plan.label): \(offset) was delivered and is \(logged.place(of: offset) ?? "nowhere")")
        }
    }
}
