import HubModel

@testable import HubRouter

/// A log made at random: records of all kinds, most of which mean something to the state at their place.
final class LoggedStory {
    private(set) var drafts: [LoggedDraft] = []
    /// What follows from all records.
    private(set) var state = LoggedState(LoggedStory.bounds, hashSeed: 3)
    /// A window that forgets by each of its bounds.
    static let bounds = DedupWindow.Bounds(entries: 40, idBytes: 256, milliseconds: 150)
    let names = LoggedNames.table()
    private var sequences: [NameID: UInt64] = [:]
    private var dice: Dice
    private var time = Timestamp(microseconds: 1_700_000_000_000_000)

    init(seed: UInt64) { dice = Dice(seed: seed) }

    /// Takes what changed since the last time.
    func takeChanges() -> StateChanges? { state.takeChanges() }

    /// What went into the last changes is lost.
    func takeChangesAgain() { state.takeChangesAgain() }

    /// Writes and applies more records.
    func go(on count: Int) {
        for _ in 0..<count {
            // Now and then commands that ended grow old.
            time = time.adding(milliseconds: Int64(dice.once(in: 60) ? 300_000 : dice.below(3)))
            var draft = randomDraft()
            if draft.header.session != .none {
                sequences[draft.header.session, default: 0] += 1
                draft.header.sequence = SequenceNumber(sequences[draft.header.session] ?? 0)
            }
            drafts.append(draft)
            state.apply(drafts[(drafts.count - 1)...], names)
        }
    }

    // MARK: Names

    private func name(_ first: UInt32, _ count: Int) -> NameID { NameID(first + UInt32(dice.below(count))) }
    private func session() -> NameID { dice.once(in: 50) ? name(5000, 3000) : name(10, 8) }
    private func topic() -> NameID { name(20, 10) }
    private func agent() -> NameID { name(30, 6) }
    private func consumer() -> NameID { name(40, 5) }
    private func commandID() -> [UInt8] {
        [UInt8](repeating: 7, count: dice.below(3)) + [UInt8(dice.below(6))]
    }

    // MARK: Records

    private func randomDraft() -> LoggedDraft {
        let kinds: [MessageKind] = [
            .message, .message, .message, .command, .command, .response, .status, .sessionOpen,
            .sessionAccept,
            .sessionReject, .sessionClose, .pause, .pause, .resume, .consumerSet, .consumerDelete,
            .consumerMove, .settlement, .settlement, .settlement, .delivery, .delivery, .delivery, .delivery,
            .deadLetter, .presence, .registration, .system,
        ]
        var draft = LoggedDraft(kinds[dice.below(kinds.count)], time: time, tenant: name(1, 2))
        draft.header.sender = agent()
        switch draft.header.kind {
        case .message, .command, .response, .status: fillFromAgent(&draft)
        case .sessionOpen, .sessionAccept, .sessionReject, .sessionClose:
            draft.header.session = session()
            draft.header.destination = dice.once(in: 3) ? .none : agent()
        case .pause, .resume:
            if dice.once(in: 3) {
                draft.header.destination = consumer()
            } else {
                draft.header.session = session()
                draft.payload = dice.once(in: 2) ? [] : [UInt8(dice.below(3))]
            }
        case .presence: draft.payload = [UInt8(dice.below(5))]
        case .deadLetter: fillDeadLetter(&draft)
        case .registration, .system: break
        default:
            draft.header.destination = consumer()
            fillBookkeeping(&draft)
        }
        if dice.once(in: 40) { draft.payload = dice.bytes(upTo: 40) }
        return draft
    }

    private func fillFromAgent(_ draft: inout LoggedDraft) {
        draft.header.session = dice.once(in: 5) ? .none : session()
        draft.header.destination = dice.once(in: 3) ? agent() : topic()
        if dice.once(in: 3) { draft.header.flags = .retained }
        if !dice.once(in: 4) { draft.payload = dice.bytes(upTo: 20) }
        draft.id = commandID()
        draft.correlation = commandID()
        if let command = dice.one(of: state.commands.keys.sorted()).flatMap({ state.commands[$0] }),
            dice.once(in: 2),
            draft.header.kind == .response
        {
            draft.header.destination = command.sender
            draft.correlation = command.id
        }
        draft.header.expiry = time.adding(milliseconds: Int64(dice.below(60_000)))
    }

    private func fillDeadLetter(_ draft: inout LoggedDraft) {
        let consumer = consumer()
        let delivery =
            someUnsettled(consumer) ?? UnsettledDelivery(offset: Offset(3), attempts: 1, since: time)
        let letter = DeadLetter(
            consumer: consumer, delivery, .attempts, taken: time, isCommandOver: dice.once(in: 2),
            remark: dice.bytes(upTo: 9))
        draft.annotations = packed { letter.pack(&$0) }
        draft.id = commandID()
        draft.header.destination = topic()
    }

    private func fillBookkeeping(_ draft: inout LoggedDraft) {
        let id = draft.header.destination
        switch draft.header.kind {
        case .consumerSet:
            var record = ConsumerRecord.random(&dice)
            if dice.once(in: 2) { record.start = .last } else if dice.once(in: 2) { record.start = .new }
            draft.payload = packed { record.pack(&$0) }
        // Deletes and moves are as frequent as deliveries otherwise, and nothing would stay unsettled.
        case .consumerDelete: if !dice.once(in: 4) { draft.header.destination = NameID(49) }
        case .consumerMove:
            if !dice.once(in: 4) { draft.header.destination = NameID(49) }
            let target = dice.once(in: 9) ? dice.next() : UInt64(dice.below(drafts.count + 1))
            draft.payload = packed { $0.put(target) }
        case .settlement:
            let record = settlement(id)
            if let letter = dice.one(of: state.consumers[id]?.letters ?? []), dice.once(in: 3) {
                draft.annotations = packed { $0.put(letter.rawValue) }
            }
            draft.payload = packed { record.pack(&$0) }
        default:
            let record = delivery(id)
            draft.payload = packed { record.pack(&$0) }
        }
    }

    private func someUnsettled(_ consumer: NameID) -> UnsettledDelivery? {
        var all: [UnsettledDelivery] = []
        state.consumers[consumer]?.unsettled.forEach { all.append($0) }
        return dice.one(of: all)
    }

    /// The life that the consumer has, or one that is over.
    private func era(_ consumer: NameID) -> Offset {
        let known = state.consumers[consumer]?.era ?? .zero
        return dice.once(in: 10) ? Offset(known.rawValue / 2) : known
    }

    private func settlement(_ consumer: NameID) -> SettlementRecord {
        var record = SettlementRecord(era: era(consumer))
        for _ in 0...dice.below(4) {
            let from = someUnsettled(consumer)?.offset ?? Offset(UInt64(dice.below(100)))
            let through = dice.once(in: 20) ? Offset.end : from.advanced(by: dice.below(3))
            record.add(.random(&dice), from: from, through: max(from, through))
        }
        return record
    }

    private func delivery(_ consumer: NameID) -> DeliveryRecord {
        var cursor = state.consumers[consumer]?.cursor ?? .zero
        // Deliveries that were recorded late lie before the cursor.
        if dice.once(in: 6) { cursor = Offset(UInt64(dice.below(drafts.count + 1))) }
        cursor = min(cursor, Offset(1 << 62))
        var record = DeliveryRecord(era: era(consumer), cursor: cursor)
        for _ in 0..<dice.below(8) {
            let offset = record.cursor.advanced(by: dice.below(3))
            if dice.once(in: 4) {
                record.addHeld(offset, session: session(), isDue: dice.once(in: 3))
            } else {
                record.addFirst(offset)
            }
        }
        for _ in 0..<dice.below(3) {
            guard let again = someUnsettled(consumer), again.offset < record.cursor else { continue }
            record.addRepeat(again.offset, attempt: again.attempts + 1)
        }
        return record
    }
}
