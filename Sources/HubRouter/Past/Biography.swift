import HubBytes
package import HubModel

/// The life of a message: taken, delivered to whom at which attempt, how each delivery ended, answered. It is told from
/// the log alone, by reading it from the message on.
package struct Biography: Sendable {
    /// Something that happened to the message.
    package struct Entry: Sendable, Equatable {
        /// The record that says so.
        package let at: Offset
        /// When.
        package let time: Timestamp
        /// What.
        package let event: Event
    }

    /// What can happen to a message.
    package enum Event: Sendable, Equatable {
        /// The hub took it.
        case taken
        /// A consumer was given it, the how-manieth time.
        case delivered(consumer: NameID, attempt: Int)
        /// It was kept back from a consumer, as its session or its connection was paused.
        case held(consumer: NameID)
        /// It was no longer kept back.
        case released(consumer: NameID)
        /// A consumer was done with it.
        case acknowledged(consumer: NameID)
        /// A consumer refused it: it was to come again, after so many milliseconds or after the usual pause.
        case refused(consumer: NameID, delayMilliseconds: Int64?)
        /// A consumer asked for more time.
        case extended(consumer: NameID)
        /// Whoever had it was gone.
        case returned(consumer: NameID)
        /// A consumer said that it will never do it.
        case givenUp(consumer: NameID)
        /// It became a dead letter.
        case buried(consumer: NameID, DeadLetterReason, attempts: Int)
        /// An operator brought it back.
        case revived(consumer: NameID)
        /// It expired or was not kept any more before a consumer had it.
        case dropped(consumer: NameID)
        /// A consumer was moved or deleted while it had it.
        case forgotten(consumer: NameID)
        /// It was a command, and this is an answer to it: the one that counts, one that came late, or the hub's own word
        /// that there is none.
        case answered(by: NameID, isLate: Bool, isFailure: Bool)
    }

    /// The message.
    package let message: Offset
    /// What happened, in order.
    package private(set) var entries: [Entry] = []
    private var sender = NameID.none
    private var id: [UInt8] = []
    private var isCommand = false
    /// The consumers that have it, or are owed it.
    private var having: Set<NameID> = []
    /// Where consumers that were moved began again: what is said of their earlier lives is of no effect.
    private var eras: [NameID: Offset] = [:]

    /// The life of the message at an offset, of which nothing is known yet.
    package init(of message: Offset) { self.message = message }

    /// Takes the next record of the log, the message itself first.
    package mutating func take(_ record: RecordView) {
        if record.offset == message { return begin(record) }
        guard record.offset > message else { return }
        switch record.kind {
        case .delivery: takeDelivery(record)
        case .settlement: takeSettlement(record)
        case .deadLetter: takeDeadLetter(record)
        case .response where isCommand: takeAnswer(record)
        case .consumerMove, .consumerDelete:
            eras[record.destination] = record.offset
            if having.remove(record.destination) != nil {
                note(record, .forgotten(consumer: record.destination))
            }
        default: break
        }
    }

    private mutating func note(_ record: RecordView, _ event: Event) {
        entries.append(Entry(at: record.offset, time: record.time, event: event))
    }

    private mutating func begin(_ record: RecordView) {
        sender = record.sender
        id = record.id.array
        isCommand = record.kind == .command
        note(record, .taken)
    }

    private func isCurrent(_ era: Offset, _ consumer: NameID) -> Bool {
        eras[consumer].map { era >= $0 } ?? true
    }

    private mutating func takeDelivery(_ record: RecordView) {
        let consumer = record.destination
        guard let delivery = DeliveryRecord(record.payload), isCurrent(delivery.era, consumer) else { return }
        let isFirst = delivery.stretches.contains {
            $0.from <= message && message < $0.from.advanced(by: $0.count)
        }
        if isFirst { noteDelivery(record, attempt: 1) }
        for again in delivery.repeats where again.offset == message {
            noteDelivery(record, attempt: again.attempt)
        }
        for kept in delivery.held where kept.offset == message {
            having.insert(consumer)
            note(record, .held(consumer: consumer))
        }
    }

    private mutating func noteDelivery(_ record: RecordView, attempt: Int) {
        having.insert(record.destination)
        note(record, .delivered(consumer: record.destination, attempt: attempt))
    }

    private mutating func takeSettlement(_ record: RecordView) {
        let consumer = record.destination
        guard let settlement = SettlementRecord(record.payload), isCurrent(settlement.era, consumer) else {
            return
        }
        for item in settlement.items where item.from <= message && message <= item.through {
            guard having.contains(consumer) || item.verdict == .revived else { continue }
            if let event = Self.event(item.verdict, consumer) { note(record, event) }
            switch item.verdict {
            case .acknowledged, .dropped: having.remove(consumer)
            case .revived: having.insert(consumer)
            default: break
            }
        }
    }

    private static func event(_ verdict: SettlementRecord.Verdict, _ consumer: NameID) -> Event? {
        switch verdict {
        case .acknowledged: .acknowledged(consumer: consumer)
        case .refused(let delay): .refused(consumer: consumer, delayMilliseconds: delay)
        case .working: .extended(consumer: consumer)
        case .given: .givenUp(consumer: consumer)
        case .returned: .returned(consumer: consumer)
        case .released: .released(consumer: consumer)
        case .revived: .revived(consumer: consumer)
        case .dropped: .dropped(consumer: consumer)
        }
    }

    private mutating func takeDeadLetter(_ record: RecordView) {
        guard let letter = DeadLetter(record.annotations), letter.offset == message else { return }
        having.remove(letter.consumer)
        note(record, .buried(consumer: letter.consumer, letter.reason, attempts: letter.attempts))
    }

    private mutating func takeAnswer(_ record: RecordView) {
        guard record.destination == sender, record.correlation.array == id else { return }
        note(
            record,
            .answered(
                by: record.sender, isLate: record.flags.contains(.late),
                isFailure: record.flags.contains(.failure)))
    }

    /// Who has the message now, or is owed it.
    package var holders: [NameID] { having.sorted() }
}
