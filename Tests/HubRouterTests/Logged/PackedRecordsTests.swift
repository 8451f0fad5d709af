import HubBytes
import HubModel
import Testing

@testable import HubRouter

/// The payloads that bookkeeping records carry.
@Suite struct PackedRecordsTests {
    private static let rounds = 100_000

    // MARK: Consumers

    private static let consumers = PackedKind<ConsumerRecord>(
        make: { dice in .random(&dice) }, pack: { $0.pack(&$1) },
        read: { $0.withBytes { ConsumerRecord($0) } })

    @Test func `A consumer's record comes back as it was`() {
        Self.consumers.expectRoundTrips(20_000, seed: 11)
    }

    @Test func `Any bytes are no consumer's record, or a whole one`() {
        Self.consumers.expectAnyBytes(Self.rounds, seed: 12)
    }

    @Test func `A consumer may begin now, with the last values, or at either end of the log`() {
        for (start, expected) in [
            (ConsumerStart.new, ConsumerStart.new), (.last, .last), (.all, .offset(.zero)),
            (.offset(Offset(1)), .offset(Offset(1))), (.offset(.end), .offset(.end)),
            (.offset(Offset(UInt64.max)), .offset(.end)),
        ] {
            let record = ConsumerRecord(filter: .inbox(NameID(4)), settings: ConsumerSettings(), start: start)
            let found = Self.consumers.read(Self.consumers.bytes(record))
            #expect(found?.start == expected && found?.filter == record.filter)
        }
    }

    @Test func `A consumer may have as many patterns as are allowed, and no more`() {
        for (count, isTaken) in [(0, false), (1, true), (256, true), (257, false)] {
            let filter = ConsumerFilter.topics(
                (0..<count).map { TopicPattern(unchecked: "jobs.\($0).>") })
            let record = ConsumerRecord(filter: filter, settings: ConsumerSettings(), start: .new)
            #expect((Self.consumers.read(Self.consumers.bytes(record)) == record) == isTaken)
        }
    }

    @Test func `How a consumer shares and sticks comes back as it was`() {
        for (isSticky, isShared) in [(false, false), (true, false), (false, true), (true, true)] {
            var settings = ConsumerSettings()
            settings.isSticky = isSticky
            settings.isShared = isShared
            let record = ConsumerRecord(filter: .inbox(NameID(4)), settings: settings, start: .new)
            #expect(Self.consumers.read(Self.consumers.bytes(record)) == record)
        }
    }

    // MARK: Deliveries

    private static let deliveries = PackedKind<DeliveryRecord>(
        make: { dice in .random(&dice) }, pack: { $0.pack(&$1) },
        read: { $0.withBytes { DeliveryRecord($0) } })

    @Test func `A record of deliveries comes back as it was`() {
        Self.deliveries.expectRoundTrips(20_000, seed: 21)
    }

    @Test func `Any bytes are no record of deliveries, or a whole one`() {
        Self.deliveries.expectAnyBytes(Self.rounds, seed: 22)
    }

    @Test func `Deliveries that follow each other take a few bytes together`() {
        var record = DeliveryRecord(era: Offset(7), cursor: Offset(1_000_000_000))
        for offset in 0..<8192 { record.addFirst(Offset(1_000_000_000 + UInt64(offset))) }
        #expect(record.count == 8192 && record.stretches.count == 1)
        #expect(Self.deliveries.bytes(record).count < 20)
    }

    @Test func `Every other message takes less than three bytes`() {
        var record = DeliveryRecord(era: Offset(7), cursor: Offset(1_000_000_000))
        for offset in 0..<8192 { record.addFirst(Offset(1_000_000_000 + 2 * UInt64(offset))) }
        #expect(record.count == 8192 && record.stretches.count == 8192)
        #expect(Self.deliveries.bytes(record).count < 3 * 8192)
    }

    @Test func `A first delivery moves the cursor behind it, one that is repeated does not`() {
        var record = DeliveryRecord(era: Offset(7), cursor: Offset(10))
        #expect(record.isEmpty && record.cursor == Offset(10))
        record.addRepeat(Offset(4), attempt: 3)
        #expect(!record.isEmpty && record.cursor == Offset(10))
        record.addFirst(Offset(12))
        record.addFirst(Offset(13))
        record.addFirst(Offset(15))
        #expect(record.cursor == Offset(16) && record.count == 4)
        #expect(
            record.stretches == [
                DeliveryRecord.Stretch(from: Offset(12), count: 2),
                DeliveryRecord.Stretch(from: Offset(15), count: 1),
            ])
    }

    @Test func `Nothing is delivered behind the cursor, twice, or beyond what a record can hold`() {
        /// A record of version 1 and era 3.
        func read(_ numbers: UInt64...) -> DeliveryRecord? {
            Self.deliveries.read(packed { packer in for number in [1, 3] + numbers { packer.put(number) } })
        }
        #expect(read(10, 1, 8, 2, 0, 0)?.count == 2 && read(10, 0, 0, 0)?.era == Offset(3))
        #expect(read(10, 1, 8, 3, 0, 0) == nil)
        #expect(read(10, 1, 8, 0, 0, 0) == nil)
        #expect(read(10, 2, 3, 2, 0, 1, 0, 0) == nil)
        #expect(read(10, 0, 1, 9, 2, 0)?.repeats == [DeliveryRecord.Repeat(offset: Offset(9), attempt: 2)])
        #expect(read(10, 0, 1, 9, 65_536, 0) == nil)
        #expect(read(10, 0, 1, UInt64(Int64.max), 1, 0) == nil)
        let held = DeliveryRecord.Held(offset: Offset(9), session: NameID(6), isDue: true)
        #expect(read(10, 0, 0, 1, 9, 13)?.held == [held])
        #expect(read(10, 0, 0, 1, 10, 13) == nil)
        #expect(read(10, 0, 0, 1, 9, 1 << 33) == nil)
        #expect(read(10, 0, 0, 1, 9, 1 << 33 - 1)?.held.first?.session == NameID(.max))
        let all = UInt64(DeliveryRecord.countMax)
        #expect(read(2 * all, 1, 0, all, 0, 0)?.count == DeliveryRecord.countMax)
        #expect(read(2 * all, 1, 0, all + 1, 0, 0) == nil)
        #expect(read(2 * all, 1, 0, all, 1, 5, 2, 0) == nil)
        #expect(read(2 * all, 1, 0, all, 0, 1, all, 2) == nil)
        #expect(read(UInt64(Int64.max), 1, 0, UInt64(Int64.max), 0, 0) == nil)
        #expect(read(UInt64.max, 1, UInt64.max, UInt64.max, 0, 0) == nil)
        #expect(
            read(10, UInt64.max) == nil && read(10, 0, UInt64.max) == nil && read(10, 0, 0, UInt64.max) == nil
        )
    }

    @Test func `What another version wrote is none of this one's records`() {
        var dice = Dice(seed: 61)
        for version in [UInt8(0), 2, 127] {
            let kept = Self.deliveries.bytes(.random(&dice)).dropFirst()
            #expect(Self.deliveries.read([version] + kept) == nil)
            #expect(
                Self.settlements.read([version] + Self.settlements.bytes(.random(&dice)).dropFirst()) == nil)
            #expect(Self.letters.read([version] + Self.letters.bytes(.random(&dice)).dropFirst()) == nil)
            #expect(Self.consumers.read([version] + Self.consumers.bytes(.random(&dice)).dropFirst()) == nil)
        }
    }

    // MARK: Settlements

    private static let settlements = PackedKind<SettlementRecord>(
        make: { dice in .random(&dice) }, pack: { $0.pack(&$1) },
        read: { $0.withBytes { SettlementRecord($0) } })

    @Test func `A settlement comes back as it was`() {
        Self.settlements.expectRoundTrips(20_000, seed: 31)
    }

    @Test func `Any bytes are no settlement, or a whole one`() {
        Self.settlements.expectAnyBytes(Self.rounds, seed: 32)
    }

    @Test func `The same said of offsets that follow each other is said once`() {
        var record = SettlementRecord(era: Offset(7))
        #expect(record.isEmpty)
        for offset in UInt64(5)..<9 {
            record.add(.acknowledged, from: Offset(offset), through: Offset(offset))
        }
        record.add(.working, from: Offset(9), through: Offset(9))
        record.add(.refused(delayMilliseconds: 5), from: Offset(10), through: Offset(10))
        record.add(.refused(delayMilliseconds: 6), from: Offset(11), through: Offset(11))
        record.add(.refused(delayMilliseconds: 6), from: Offset(13), through: Offset(13))
        #expect(record.items.map(\.from.rawValue) == [5, 9, 10, 11, 13])
        #expect(record.items.map(\.through.rawValue) == [8, 9, 10, 11, 13])
    }

    @Test func `A settlement may name any offset, as clients do`() {
        let most = Offset(UInt64.max)
        var record = SettlementRecord(era: Offset(7))
        record.add(.acknowledged, from: .zero, through: most)
        record.add(.acknowledged, from: most, through: most)
        record.add(.working, from: .end, through: .end)
        let found = Self.settlements.read(Self.settlements.bytes(record))
        #expect(found == record)
        #expect(found?.items.first?.through == .end)
    }

    // MARK: Dead letters

    private static let letters = PackedKind<DeadLetter>(
        make: { dice in .random(&dice) }, pack: { $0.pack(&$1) }, read: { $0.withBytes { DeadLetter($0) } })

    @Test func `A dead letter comes back as it was`() { Self.letters.expectRoundTrips(20_000, seed: 41) }

    @Test func `Any bytes are no dead letter, or a whole one`() {
        Self.letters.expectAnyBytes(Self.rounds, seed: 42)
    }

    // MARK: Keys of the checkpoint

    @Test func `A key comes back as it was`() {
        var dice = Dice(seed: 51)
        for _ in 0..<20_000 {
            let key = StateKey.random(&dice)
            #expect(StateKey(key.bytes.bytes) == key)
        }
    }

    @Test func `Any bytes are no key, or those of the key that they give`() {
        var dice = Dice(seed: 52)
        for _ in 0..<Self.rounds {
            var changed = StateKey.random(&dice).bytes.bytes.array
            changed[dice.below(changed.count)] = UInt8(truncatingIfNeeded: dice.next())
            var bytes = dice.bytes(upTo: 12)
            if !bytes.isEmpty, !dice.once(in: 4) { bytes[0] = UInt8(dice.below(11)) }
            for bytes in [bytes, changed] {
                guard let key = bytes.withBytes({ StateKey($0) }) else { continue }
                if key.bytes.bytes.array != bytes { Issue.record("\(bytes) gave \(key)") }
            }
        }
    }

    @Test func `Keys are in the order of their bytes, as the database lists them`() {
        var dice = Dice(seed: 53)
        let keys = (0..<2000).map { _ in StateKey.random(&dice) }
        let sorted = keys.sorted { $0.order < $1.order }.map { $0.bytes.bytes.array }
        #expect(sorted == sorted.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(StateKey.session(NameID(255)).order < StateKey.session(NameID(256)).order)
        #expect(StateKey.session(NameID(9)).order < StateKey.consumer(NameID(1)).order)
    }
}
