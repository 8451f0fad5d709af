import HubModel
import Testing

@testable import HubRouter

@Suite struct UnsettledTests {
    private static let standings: [UnsettledDelivery.Standing] = [.leased, .givenUp, .owed, .revived, .held]

    private static func delivery(
        _ offset: UInt64, attempts: Int = 1, _ standing: UnsettledDelivery.Standing = .leased
    ) -> UnsettledDelivery {
        UnsettledDelivery(
            offset: Offset(offset), attempts: attempts, since: Timestamp(microseconds: 1), standing,
            session: NameID(UInt32(attempts)))
    }

    private static func list(_ unsettled: Unsettled) -> [UnsettledDelivery] {
        var found: [UnsettledDelivery] = []
        unsettled.forEach { found.append($0) }
        return found
    }

    /// The same said simply.
    private struct Model {
        var deliveries: [UInt64: UnsettledDelivery] = [:]
        var sorted: [UnsettledDelivery] { deliveries.values.sorted { $0.offset < $1.offset } }

        var owedCount: Int { deliveries.values.count { [.owed, .revived, .held].contains($0.standing) } }

        func keys(_ range: ClosedRange<UInt64>) -> [UInt64] { deliveries.keys.filter(range.contains) }
    }

    /// One step on both; `last` is the newest offset so far.
    private static func step(
        _ unsettled: inout Unsettled, _ model: inout Model, _ last: inout UInt64, _ dice: inout Dice
    ) {
        let some = dice.one(of: Array(model.deliveries.keys)) ?? last
        let any = dice.once(in: 4) ? UInt64(dice.below(Int(last) + 2)) : some
        let range = any...any + UInt64(dice.below(dice.once(in: 8) ? 200 : 6))
        let attempts = dice.below(100)
        let standing = dice.once(in: 3) ? standings[dice.below(standings.count)] : .leased
        switch dice.below(100) {
        case 0..<45:
            last += 1 + UInt64(dice.below(3))
            unsettled.add(delivery(last, standing))
            model.deliveries[last] = delivery(last, standing)
        case 45..<75:
            let isThere = model.deliveries.removeValue(forKey: any) != nil
            #expect(unsettled.settle(Offset(any)) == isThere)
        case 75..<82:
            unsettled.settle(from: Offset(range.lowerBound), through: Offset(range.upperBound))
            for key in model.keys(range) where model.deliveries[key]?.isOwed == false {
                model.deliveries[key] = nil
            }
        case 82..<88:
            let isThere = model.deliveries[any] != nil
            model.deliveries[any]?.standing = standing
            #expect(unsettled.update(Offset(any)) { $0.standing = standing } == isThere)
        case 88..<93:
            unsettled.update(from: Offset(range.lowerBound), through: Offset(range.upperBound)) {
                $0.attempts = attempts
                if $0.offset.rawValue % 2 == 0 { $0.standing = standing }
            }
            for key in model.keys(range) {
                model.deliveries[key]?.attempts = attempts
                if key % 2 == 0 { model.deliveries[key]?.standing = standing }
            }
        case 93..<99:
            let old = UInt64(dice.below(Int(last) + 1))
            unsettled.add(delivery(old, attempts: attempts, standing))
            model.deliveries[old] = delivery(old, attempts: attempts, standing)
        default:
            guard dice.once(in: 10) else { return }
            unsettled.removeAll()
            model.deliveries.removeAll()
        }
    }

    @Test(arguments: 0..<20)
    func `Whatever is added, changed, settled and brought back, it is what a dictionary says`(seed: Int) {
        var dice = Dice(seed: UInt64(seed))
        var unsettled = Unsettled()
        var model = Model()
        var last: UInt64 = 0
        for round in 0..<3000 {
            Self.step(&unsettled, &model, &last, &dice)
            #expect(unsettled.count == model.deliveries.count && unsettled.owedCount == model.owedCount)
            #expect(unsettled.inFlight == model.deliveries.count - model.owedCount)
            let probe = UInt64(dice.below(Int(last) + 2))
            #expect(unsettled.find(Offset(probe)) == model.deliveries[probe])
            guard round % 10 == 0 else { continue }
            let sorted = model.sorted
            #expect(Self.list(unsettled) == sorted && unsettled.oldest == sorted.first?.offset)
        }
    }

    @Test func `Two are equal if the same is unsettled, whatever was settled before`() {
        var left = Unsettled()
        var right = Unsettled()
        #expect(left == right)
        for offset in UInt64(0)..<1000 { left.add(Self.delivery(offset)) }
        left.settle(from: .zero, through: Offset(997))
        right.add(Self.delivery(998))
        #expect(left != right)
        right.add(Self.delivery(999))
        #expect(left == right)
        right.update(Offset(999)) { $0.standing = .givenUp }
        #expect(left != right)
    }

    @Test func `A range settles what was delivered in it, however wide it is`() {
        var unsettled = Unsettled()
        for offset in [UInt64(3), 5, 9] { unsettled.add(Self.delivery(offset)) }
        unsettled.settle(from: Offset(4), through: Offset(UInt64.max))
        unsettled.settle(from: .zero, through: Offset(2))
        unsettled.settle(from: Offset(9), through: Offset(3))
        #expect(unsettled.oldest == Offset(3) && unsettled.count == 1)
        #expect(!unsettled.settle(Offset(5)) && unsettled.settle(Offset(3)) && unsettled.oldest == nil)
    }

    @Test(arguments: [
        (UnsettledDelivery.Standing.leased, false), (.givenUp, false), (.owed, true), (.revived, true),
        (.held, true),
    ])
    func `What is owed was not delivered, so a range leaves it, and its own settlement does not`(
        standing: UnsettledDelivery.Standing, isOwed: Bool
    ) {
        var unsettled = Unsettled()
        unsettled.add(Self.delivery(4, standing))
        #expect(unsettled.find(Offset(4))?.isOwed == isOwed)
        #expect(unsettled.owedCount == (isOwed ? 1 : 0) && unsettled.inFlight == (isOwed ? 0 : 1))
        unsettled.settle(from: .zero, through: .end)
        #expect(unsettled.count == (isOwed ? 1 : 0))
        #expect(unsettled.settle(Offset(4)) == isOwed)
        #expect(unsettled.count == 0 && unsettled.owedCount == 0 && unsettled.oldest == nil)
    }

    @Test func `What is owed from earlier goes to its place, before the queue and in it`() {
        var unsettled = Unsettled()
        for offset in UInt64(10)..<14 { unsettled.add(Self.delivery(offset)) }
        for offset in UInt64(10)..<12 { unsettled.settle(Offset(offset)) }
        for offset in [UInt64(2), 11, 13, 1] { unsettled.add(Self.delivery(offset, .owed)) }
        #expect(Self.list(unsettled).map(\.offset.rawValue) == [1, 2, 11, 12, 13])
        #expect(unsettled.owedCount == 4 && unsettled.inFlight == 1 && unsettled.oldest == Offset(1))
    }

    @Test func `Attempts are counted as far as they can be`() {
        var delivery = Self.delivery(1, attempts: 65_535)
        delivery.attempts += 1
        #expect(delivery.attempts == 65_535)
        delivery.attempts = -1
        #expect(delivery.attempts == 0)
    }

    @Test func `What was settled and is brought back is unsettled again`() {
        var unsettled = Unsettled()
        for offset in UInt64(10)..<20 { unsettled.add(Self.delivery(offset)) }
        for offset in UInt64(10)..<20 { unsettled.settle(Offset(offset)) }
        #expect(unsettled.oldest == nil)
        for offset in [UInt64(15), 12, 19, 30, 11] { unsettled.add(Self.delivery(offset, attempts: 7)) }
        #expect(Self.list(unsettled).map(\.offset.rawValue) == [11, 12, 15, 19, 30])
        #expect(unsettled.oldest == Offset(11) && unsettled.find(Offset(12))?.attempts == 7)
    }

    @Test func `One that stays unsettled does not keep those behind it in memory`() {
        var unsettled = Unsettled()
        unsettled.add(Self.delivery(0))
        var most = 0
        for offset in UInt64(1)...1_000_000 {
            unsettled.add(Self.delivery(offset))
            unsettled.settle(Offset(offset))
            most = max(most, unsettled.footprint)
        }
        #expect(unsettled.count == 1 && unsettled.oldest == .zero)
        #expect(most < 200)
    }

    @Test func `What is settled in order and late does not stay in memory`() {
        var unsettled = Unsettled()
        var most = 0
        for offset in UInt64(0)..<200_000 {
            unsettled.add(Self.delivery(offset))
            if offset >= 256 { unsettled.settle(Offset(offset - 256)) }
            most = max(most, unsettled.footprint)
        }
        #expect(unsettled.count == 256 && most <= 1024)
    }
}
