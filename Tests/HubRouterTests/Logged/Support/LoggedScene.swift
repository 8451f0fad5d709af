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

    private(set) var state = LoggedState()
    private(set) var drafts: [LoggedDraft] = []
    private var sequences: [NameID: UInt64] = [:]

    /// Records are a second apart.
    var time: Timestamp { Self.start.adding(milliseconds: 1000 * Int64(drafts.count)) }
    /// The place that the next record gets.
    var next: Offset { Offset(UInt64(drafts.count)) }
    /// When the newest record was taken.
    var lastTime: Timestamp { Self.start.adding(milliseconds: 1000 * Int64(drafts.count - 1)) }

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
        state.apply(drafts[(drafts.count - 1)...])
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
        _ settings: ConsumerSettings = ConsumerSettings(), start: Offset? = nil,
        filter: ConsumerFilter = .topics([.everything])
    ) -> Offset {
        let record = ConsumerRecord(filter: filter, settings: settings, start: start)
        return add(.consumerSet, to: Self.consumer) { $0.payload = packed { record.pack(&$0) } }
    }

    @discardableResult
    func deliver(
        cursor: UInt64 = 0, _ first: [UInt64], again: [(UInt64, attempt: Int)] = []
    ) -> Offset {
        var record = DeliveryRecord(cursor: Offset(cursor))
        for offset in first { record.addFirst(Offset(offset)) }
        for (offset, attempt) in again { record.addRepeat(Offset(offset), attempt: attempt) }
        return add(.delivery, to: Self.consumer) { $0.payload = packed { record.pack(&$0) } }
    }

    func settle(_ verdict: SettlementRecord.Verdict, _ ranges: ClosedRange<UInt64>...) {
        var record = SettlementRecord()
        for range in ranges {
            record.add(verdict, from: Offset(range.lowerBound), through: Offset(range.upperBound))
        }
        add(.settlement, to: Self.consumer) { $0.payload = packed { record.pack(&$0) } }
    }

    func move(to offset: UInt64) {
        add(.consumerMove, to: Self.consumer) { $0.payload = packed { $0.put(offset) } }
    }

    func bury(
        _ offset: UInt64, _ reason: DeadLetter.Reason = .attempts, endsCommand id: [UInt8]? = nil
    ) {
        let letter = DeadLetter(
            consumer: Self.consumer,
            UnsettledDelivery(offset: Offset(offset), attempts: 3, since: time), reason, taken: Self.start,
            isCommandOver: id != nil)
        add(.deadLetter, to: Self.topic) { draft in
            draft.annotations = packed { letter.pack(&$0) }
            draft.id = id ?? []
        }
    }
}
