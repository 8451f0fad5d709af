import HubModel

@testable import HubRouter

extension NameID {
    static func random(_ dice: inout Dice) -> NameID {
        NameID(UInt32(truncatingIfNeeded: dice.next() >> UInt64(32 + dice.below(32))))
    }
}

extension Timestamp {
    static func random(_ dice: inout Dice) -> Timestamp {
        Timestamp(microseconds: Int64(dice.number()) * (dice.once(in: 4) ? -1 : 1))
    }
}

extension ConsumerSettings {
    static func random(_ dice: inout Dice) -> ConsumerSettings {
        var settings = ConsumerSettings()
        settings.acknowledgement = dice.once(in: 3) ? .automatic : .explicit
        settings.inFlightMax = 1 + dice.below(inFlightLimit)
        settings.ackWaitMilliseconds = 10 + Int64(dice.below(86_399_991))
        settings.deliveriesMax = 1 + dice.below(1000)
        settings.backoffInitialMilliseconds = Int64(dice.below(86_400_001))
        settings.backoffFactorThousandths = 1000 + dice.below(99_001)
        settings.backoffMaxMilliseconds = Int64(dice.below(86_400_001))
        settings.backoffJitterPercent = dice.below(101)
        settings.isSticky = dice.once(in: 2)
        settings.isShared = dice.once(in: 2)
        return settings
    }
}

extension ConsumerRecord {
    private static let patterns = [">", "*", "jobs.new", "jobs.*.eu", "größe.>", "a.b.c.d.e.f"]

    static func random(_ dice: inout Dice) -> ConsumerRecord {
        let count = 1 + dice.below(4)
        let patterns = (0..<count).compactMap { _ in
            dice.one(of: Self.patterns).map { TopicPattern(unchecked: $0) }
        }
        return ConsumerRecord(
            filter: dice.once(in: 3) ? .inbox(.random(&dice)) : .topics(patterns),
            settings: .random(&dice),
            start: dice.one(of: [.new, .last, .offset(Offset(dice.number()))]) ?? .new)
    }
}

extension DeliveryRecord {
    static func random(_ dice: inout Dice) -> DeliveryRecord {
        var offset = dice.number() >> 2
        var record = DeliveryRecord(era: Offset(dice.number()), cursor: Offset(offset))
        for _ in 0..<dice.below(12) {
            offset += dice.once(in: 3) ? 1 + dice.number() >> 8 : 1
            if dice.once(in: 4) {
                record.addHeld(Offset(offset), session: .random(&dice), isDue: dice.once(in: 2))
            } else {
                record.addFirst(Offset(offset))
            }
        }
        for _ in 0..<dice.below(4) where record.cursor > .zero {
            let again = UInt64.random(in: 0..<record.cursor.rawValue, using: &dice)
            record.addRepeat(Offset(again), attempt: dice.below(1000))
        }
        return record
    }
}

extension SettlementRecord {
    static func random(_ dice: inout Dice) -> SettlementRecord {
        var record = SettlementRecord(era: Offset(dice.number()))
        for _ in 0..<dice.below(6) {
            let from = dice.number()
            let width = UInt64.random(in: 0...min(dice.number(), Offset.end.rawValue - from), using: &dice)
            record.add(.random(&dice), from: Offset(from), through: Offset(from + width))
        }
        return record
    }
}

extension SettlementRecord.Verdict {
    static func random(_ dice: inout Dice) -> SettlementRecord.Verdict {
        switch dice.below(9) {
        case 0: .working
        case 1: .given
        case 2: .refused(delayMilliseconds: nil)
        case 3: .refused(delayMilliseconds: Int64(dice.number()))
        case 4: .returned
        case 5: .released
        case 6: .revived
        case 7: .dropped
        default: .acknowledged
        }
    }
}

extension DeadLetter {
    static func random(_ dice: inout Dice) -> DeadLetter {
        let delivery = UnsettledDelivery(
            offset: Offset(dice.number()), attempts: Int(dice.number()), since: .random(&dice))
        let reasons = [DeadLetterReason.attempts, .terminated, .expired]
        return DeadLetter(
            consumer: .random(&dice), delivery, reasons[dice.below(3)], taken: .random(&dice),
            isCommandOver: dice.once(in: 2), remark: dice.bytes(upTo: 200))
    }
}

extension StateKey {
    static func random(_ dice: inout Dice) -> StateKey {
        let id = NameID.random(&dice)
        return switch dice.below(9) {
        case 0: .sequence(id)
        case 1: .session(id)
        case 2: .consumer(id)
        case 3: .agent(id)
        case 4: .command(Offset(dice.number()))
        case 5: .pause(id)
        case 6: .lastMessage(id)
        case 7: .windowStart
        default: .retained(id)
        }
    }
}
