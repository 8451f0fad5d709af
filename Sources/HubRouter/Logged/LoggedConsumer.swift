import HubBytes
import HubModel

/// What the log says of a consumer: whom it is, what it wants, how far it has come and what it has not settled.
struct LoggedConsumer: Equatable {
    let id: NameID
    let tenant: NameID
    var filter: ConsumerFilter
    var settings: ConsumerSettings
    /// Everything before was delivered, or is none of its business.
    var cursor: Offset
    var unsettled = Unsettled()
    /// Whether an operator or its owner holds it back.
    var isPaused = false

    init(id: NameID, tenant: NameID, _ record: ConsumerRecord, at offset: Offset) {
        self.id = id
        self.tenant = tenant
        filter = record.filter
        settings = record.settings
        cursor = record.start ?? offset.next
    }

    /// The oldest offset that is not done with: what comes before needs nobody any more.
    var floor: Offset { min(unsettled.oldest ?? cursor, cursor) }

    mutating func apply(_ record: DeliveryRecord, at time: Timestamp) {
        if settings.acknowledgement == .explicit {
            for stretch in record.stretches {
                for index in 0..<stretch.count {
                    let offset = stretch.from.advanced(by: index)
                    // What lies before the cursor was delivered already: an old record must not bring it back.
                    guard offset >= cursor else { continue }
                    unsettled.add(UnsettledDelivery(offset: offset, attempts: 1, since: time))
                }
            }
        }
        for again in record.repeats {
            unsettled.update(again.offset) { delivery in
                delivery.attempts = again.attempt
                delivery.since = time
                delivery.dueAt = .none
            }
        }
        cursor = max(cursor, record.cursor)
    }

    mutating func apply(_ record: SettlementRecord, at time: Timestamp) {
        for item in record.items { apply(item, at: time) }
    }

    private mutating func apply(_ item: SettlementRecord.Item, at time: Timestamp) {
        guard item.verdict != .acknowledged else {
            return unsettled.settle(from: item.from, through: item.through) { _ in }
        }
        let backoff = backoff
        let consumer = id
        unsettled.update(from: item.from, through: item.through) { delivery in
            let usual = backoff.delay(
                afterAttempt: UInt32(clamping: delivery.attempts), consumer: consumer,
                offset: delivery.offset,
                seed: 0)
            Self.judge(&delivery, item.verdict, usualDelay: Int64(usual), at: time)
        }
    }

    private static func judge(
        _ delivery: inout UnsettledDelivery, _ verdict: SettlementRecord.Verdict, usualDelay: Int64,
        at time: Timestamp
    ) {
        switch verdict {
        case .acknowledged: break
        case .refused(let delay):
            let wait = delay ?? usualDelay
            delivery.dueAt = time.adding(milliseconds: min(wait, 86_400_000))
        case .working:
            delivery.since = time
            delivery.dueAt = .none
        case .given: delivery.isGivenUp = true
        }
    }

    /// How long deliveries wait before they come again. The spread follows from what they are about, so that every
    /// run over the same log gives the same.
    var backoff: Backoff {
        Backoff(
            initialMilliseconds: UInt32(clamping: settings.backoffInitialMilliseconds),
            factorThousandths: UInt32(clamping: settings.backoffFactorThousandths),
            maxMilliseconds: UInt32(clamping: settings.backoffMaxMilliseconds),
            jitterPercent: UInt32(clamping: settings.backoffJitterPercent))
    }

    /// When an unsettled delivery needs attention if nothing is heard of it.
    func deadline(of delivery: UnsettledDelivery) -> Timestamp {
        if delivery.isGivenUp { return delivery.since }
        return delivery.dueAt != .none
            ? delivery.dueAt : delivery.since.adding(milliseconds: settings.ackWaitMilliseconds)
    }
}
