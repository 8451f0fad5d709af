import HubBytes
import HubModel
import Testing

@testable import HubRouter

/// Records that are put together or taken apart say what they said before.
@Suite struct PartedRecordsTests {
    private static let time = Timestamp(microseconds: 1_700_000_000_000_000)
    private static let era = Offset(5)

    private static func consumer(
        _ mode: ConsumerSettings.Acknowledgement = .explicit, cursor: UInt64 = 0
    ) -> LoggedConsumer {
        var settings = ConsumerSettings()
        settings.acknowledgement = mode
        return LoggedConsumer(
            id: NameID(40), tenant: NameID(1), .inbox(NameID(30)), settings, era: era, cursor: Offset(cursor))
    }

    /// A consumer that has come to offset 60, with deliveries of all standings.
    private static func someConsumer(
        _ dice: inout Dice, _ mode: ConsumerSettings.Acknowledgement = .explicit
    ) -> LoggedConsumer {
        let made = consumer(mode, cursor: 60)
        let standings = [UnsettledDelivery.Standing.leased, .givenUp, .owed, .revived, .held]
        for offset in UInt64(0)..<60 where dice.once(in: 2) {
            guard let standing = dice.one(of: standings) else { continue }
            var delivery = UnsettledDelivery(
                offset: Offset(offset), attempts: 1 + dice.below(3),
                since: time.adding(milliseconds: -Int64(dice.below(100))), standing, session: NameID(10))
            if dice.once(in: 4) { delivery.dueAt = time.adding(milliseconds: 5) }
            made.unsettled.add(delivery)
        }
        return made
    }

    // MARK: Deliveries

    private static func deliveries(_ dice: inout Dice) -> DeliveryRecord {
        var record = DeliveryRecord(era: era, cursor: Offset(UInt64(dice.below(80))))
        var offset = UInt64(40 + dice.below(30))
        for _ in 0..<dice.below(40) {
            offset += dice.once(in: 3) ? 1 + UInt64(dice.below(5)) : 1
            if dice.once(in: 5) {
                record.addHeld(Offset(offset), session: NameID(11), isDue: dice.once(in: 2))
            } else if !dice.once(in: 8) {
                record.addFirst(Offset(offset))
            }
        }
        for _ in 0..<dice.below(12) {
            record.addRepeat(Offset(UInt64(dice.below(60))), attempt: 1 + dice.below(9))
        }
        return record
    }

    @Test(arguments: [ConsumerSettings.Acknowledgement.explicit, .automatic])
    func `The parts of a record of deliveries do together what the whole does`(
        mode: ConsumerSettings.Acknowledgement
    ) {
        for seed in propertySeeds(300) {
            for most in [1, 2, 7] {
                var dice = Dice(seed: seed)
                let whole = Self.someConsumer(&dice, mode)
                dice = Dice(seed: seed)
                let parted = Self.someConsumer(&dice, mode)
                var record = Self.deliveries(&dice)
                whole.apply(record, at: Self.time)
                while true {
                    let part = record.takePart(atMost: most)
                    #expect(part.count <= most && part.era == Self.era)
                    let bytes = packed { part.pack(&$0) }
                    #expect(bytes.withBytes { DeliveryRecord($0) } == part)
                    parted.apply(part, at: Self.time)
                    if record.isEmpty { break }
                }
                #expect(parted == whole, "seed \(seed), parts of \(most)")
            }
        }
    }

    @Test func `A record that is larger than one may be is taken apart, and its parts can be read`() {
        let count = 2 * DeliveryRecord.countMax + 10
        var record = DeliveryRecord(era: Self.era, cursor: .zero)
        for offset in 0..<count { record.addFirst(Offset(UInt64(offset * 2))) }
        record.addRepeat(.zero, attempt: 2)
        record.addHeld(Offset(UInt64(count * 2)), session: NameID(11), isDue: false)
        let whole = Self.consumer()
        whole.apply(record, at: Self.time)
        let parted = Self.consumer()
        var counts: [Int] = []
        while !record.isEmpty {
            let bytes = packed { record.takePart().pack(&$0) }
            guard let part = bytes.withBytes({ DeliveryRecord($0) }) else { return #expect(!bytes.isEmpty) }
            counts.append(part.count)
            parted.apply(part, at: Self.time)
        }
        #expect(counts == [DeliveryRecord.countMax, DeliveryRecord.countMax, 12])
        #expect(parted == whole && parted.unsettled.count == count + 1)
    }

    @Test func `A record from which all was taken is empty, and of the same life`() {
        var record = DeliveryRecord(era: Self.era, cursor: Offset(3))
        record.addFirst(Offset(3))
        let part = record.takePart()
        #expect(part.count == 1 && record.isEmpty && record.era == Self.era && record.cursor == Offset(4))
    }

    // MARK: Settlements

    private static func verdicts(
        _ dice: inout Dice
    ) -> [(verdict: SettlementRecord.Verdict, from: Offset, through: Offset)] {
        var verdict = SettlementRecord.Verdict.acknowledged
        var from = UInt64(0)
        return (0..<dice.below(25)).map { _ in
            // Often the same is said of what is near.
            if dice.once(in: 4) { verdict = .random(&dice) }
            from = dice.once(in: 3) ? UInt64(dice.below(60)) : from + UInt64(dice.below(3))
            let through = from + UInt64(dice.below(4))
            return (verdict, Offset(from), Offset(through))
        }
    }

    @Test func `Verdicts that are put together mean what each of them does`() {
        var merged = 0
        for seed in propertySeeds(1000) {
            var dice = Dice(seed: seed)
            let together = Self.someConsumer(&dice)
            dice = Dice(seed: seed)
            let apart = Self.someConsumer(&dice)
            var record = SettlementRecord(era: Self.era)
            let verdicts = Self.verdicts(&dice)
            for (verdict, from, through) in verdicts {
                record.add(verdict, from: from, through: through)
                var one = SettlementRecord(era: Self.era)
                one.add(verdict, from: from, through: through)
                apart.apply(one, at: Self.time)
            }
            merged += verdicts.count - record.items.count
            let bytes = packed { record.pack(&$0) }
            #expect(bytes.withBytes { SettlementRecord($0) } == record)
            together.apply(record, at: Self.time)
            #expect(together == apart, "seed \(seed)")
        }
        #expect(merged > 1000)
    }

    @Test(arguments: [SettlementRecord.Verdict.revived, .dropped])
    func `However many follow each other, all that a verdict names one by one are meant`(
        verdict: SettlementRecord.Verdict
    ) {
        let count = 3 * LoggedConsumer.lettersMax
        let consumer = Self.consumer(cursor: UInt64(count))
        var record = SettlementRecord(era: Self.era)
        for offset in 0..<count {
            let offset = Offset(UInt64(offset))
            if verdict == .dropped {
                consumer.unsettled.add(
                    UnsettledDelivery(offset: offset, attempts: 0, since: Self.time, .owed))
            }
            record.add(verdict, from: offset, through: offset)
        }
        consumer.apply(record, at: Self.time)
        #expect(consumer.unsettled.owedCount == (verdict == .revived ? count : 0))
        #expect(record.items.count < 10)
    }

    @Test func `A verdict on more offsets than anybody names one by one ends`() {
        let consumer = Self.consumer(cursor: UInt64(Int64.max))
        var record = SettlementRecord(era: Self.era)
        record.add(.revived, from: .zero, through: .end)
        record.add(.dropped, from: .zero, through: .end)
        consumer.apply(record, at: Self.time)
        #expect(consumer.unsettled.count == 0)
    }

    @Test func `The parts of a settlement say together what the whole says`() {
        for seed in propertySeeds(200) {
            for most in [1, 3] {
                var dice = Dice(seed: seed)
                let whole = Self.someConsumer(&dice)
                dice = Dice(seed: seed)
                let parted = Self.someConsumer(&dice)
                var record = SettlementRecord(era: Self.era)
                for (verdict, from, through) in Self.verdicts(&dice) {
                    record.add(verdict, from: from, through: through)
                }
                whole.apply(record, at: Self.time)
                while !record.isEmpty {
                    let part = record.takePart(atMost: most)
                    #expect(part.items.count <= most && part.era == Self.era)
                    parted.apply(part, at: Self.time)
                }
                #expect(parted == whole, "seed \(seed)")
            }
        }
    }
}
