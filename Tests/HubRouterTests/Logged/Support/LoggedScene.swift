import HubModel

@testable import HubRouter

/// A log that grows record by record, and the state that follows from it.
final class LoggedScene {
    static let start = Timestamp(microseconds: 1_700_000_000_000_000)
    static let tenant = NameID(1)
    static let consumer = NameID(40)
    static let topic = NameID(20)
    static let session = NameID(10)
    static let ada = NameID(30)
    static let bob = NameID(31)

    let names = LoggedNames.table()
    private(set) var state: LoggedState
    private(set) var drafts: [LoggedDraft] = []
    private var sequences: [NameID: UInt64] = [:]

    /// Milliseconds between two records.
    var step: Int64 = 1000
    /// When the next record is taken.
    private(set) var time = LoggedScene.start
    /// When the newest record was taken.
    private(set) var lastTime = LoggedScene.start

    init(_ bounds: DedupWindow.Bounds = .init(entries: 1000, idBytes: 1 << 16, milliseconds: 120_000)) {
        state = LoggedState(bounds, hashSeed: 7)
    }

    /// Time passes without a record.
    func rest(milliseconds: Int64) { time = time.adding(milliseconds: milliseconds) }

    /// The place that the next record gets.
    var next: Offset { Offset(UInt64(drafts.count)) }

    /// Adds a record to the log and applies it.
    @discardableResult
    func add(
        _ kind: MessageKind, session: NameID = .none, from sender: NameID = .none,
        to destination: NameID = .none,
        _ change: (inout LoggedDraft) -> Void = { _ in }
    ) -> Offset {
        var draft = LoggedDraft(kind, time: time, tenant: Self.tenant)
        draft.header.session = session
        draft.header.sender = sender
        draft.header.destination = destination
        change(&draft)
        if draft.header.session != .none {
            sequences[draft.header.session, default: 0] += 1
            draft.header.sequence = SequenceNumber(sequences[draft.header.session] ?? 0)
        }
        drafts.append(draft)
        lastTime = time
        rest(milliseconds: step)
        state.apply(drafts[(drafts.count - 1)...], names)
        return Offset(UInt64(drafts.count - 1))
    }
}

// MARK: Checkpoints

extension LoggedScene {
    func takeChanges() -> StateChanges? { state.takeChanges() }

    /// Whether something changed since the last time; taken with it.
    var hasChanges: Bool { takeChanges() != nil }
}

// MARK: Consumers

extension LoggedScene {
    /// The consumer that the scene is about.
    var consumer: LoggedConsumer? { state.consumers[Self.consumer] }

    /// The same, as it is now: the state's own is an object that changes.
    var copy: LoggedConsumer? {
        guard let consumer else { return nil }
        let copy = LoggedConsumer(
            id: consumer.id, tenant: consumer.tenant, consumer.filter, consumer.settings, era: consumer.era,
            cursor: consumer.cursor)
        copy.unsettled = consumer.unsettled
        copy.isPaused = consumer.isPaused
        copy.letters = consumer.letters
        return copy
    }

    /// Its unsettled deliveries.
    var unsettled: [UnsettledDelivery] {
        var found: [UnsettledDelivery] = []
        consumer?.unsettled.forEach { found.append($0) }
        return found
    }

    var unsettledOffsets: [UInt64] { unsettled.map(\.offset.rawValue) }

    func delivery(_ offset: UInt64) -> UnsettledDelivery? { consumer?.unsettled.find(Offset(offset)) }

    @discardableResult
    func setConsumer(
        _ settings: ConsumerSettings = ConsumerSettings(), start: ConsumerStart = .new,
        filter: ConsumerFilter = .topics([.everything])
    ) -> Offset {
        let record = ConsumerRecord(filter: filter, settings: settings, start: start)
        return add(.consumerSet, to: Self.consumer) { $0.payload = packed { record.pack(&$0) } }
    }

    @discardableResult
    func deliver(
        cursor: UInt64 = 0, _ first: [UInt64] = [], again: [(UInt64, attempt: Int)] = [],
        held: [(UInt64, session: NameID, isDue: Bool)] = [], era: Offset? = nil
    ) -> Offset {
        var record = DeliveryRecord(era: era ?? consumer?.era ?? .zero, cursor: Offset(cursor))
        for offset in first { record.addFirst(Offset(offset)) }
        for (offset, attempt) in again { record.addRepeat(Offset(offset), attempt: attempt) }
        for (offset, session, isDue) in held {
            record.addHeld(Offset(offset), session: session, isDue: isDue)
        }
        return add(.delivery, to: Self.consumer) { $0.payload = packed { record.pack(&$0) } }
    }

    func settle(_ verdict: SettlementRecord.Verdict, _ ranges: ClosedRange<UInt64>..., era: Offset? = nil) {
        var record = SettlementRecord(era: era ?? consumer?.era ?? .zero)
        for range in ranges {
            record.add(verdict, from: Offset(range.lowerBound), through: Offset(range.upperBound))
        }
        add(.settlement, to: Self.consumer) { $0.payload = packed { record.pack(&$0) } }
    }

    @discardableResult
    func move(to offset: UInt64) -> Offset {
        add(.consumerMove, to: Self.consumer) { $0.payload = packed { $0.put(offset) } }
    }

    @discardableResult
    func bury(_ offset: UInt64, _ reason: DeadLetterReason = .attempts) -> Offset {
        let letter = DeadLetter(
            consumer: Self.consumer,
            UnsettledDelivery(offset: Offset(offset), attempts: 3, since: time), reason, taken: Self.start,
            isCommandOver: false)
        return add(.deadLetter, to: Self.topic) { draft in draft.annotations = packed { letter.pack(&$0) } }
    }

    /// An operator dealt with a letter.
    func close(letter: Offset) {
        let nothing = SettlementRecord(era: consumer?.era ?? .zero)
        add(.settlement, to: Self.consumer) { draft in
            draft.payload = packed { nothing.pack(&$0) }
            draft.annotations = packed { $0.put(letter.rawValue) }
        }
    }
}
