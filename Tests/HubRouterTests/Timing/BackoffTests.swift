import Glibc
import HubModel
import HubRouter
import Testing

@Suite struct BackoffTests {
    private static func backoff(
        _ initial: UInt32, _ factor: UInt32, _ most: UInt32, jitter: UInt32 = 0
    ) -> Backoff {
        Backoff(
            initialMilliseconds: initial, factorThousandths: factor, maxMilliseconds: most,
            jitterPercent: jitter)
    }

    @Test(
        arguments: [
            (1000, 2000, 60_000, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]),
            (1000, 1500, 10_000, [1000, 1500, 2250, 3375, 5063, 7594, 10_000, 10_000]),
            (1, 1500, 1000, [1, 2, 2, 3, 5, 8, 11, 17, 26, 38, 58]),
            (1000, 1100, 1500, [1000, 1100, 1210, 1331, 1464, 1500]),
            (500, 1000, 9000, [500, 500, 500]), (0, 5000, 9000, [0, 0, 0]), (5, 10_000, 0, [0, 0]),
            (9000, 2000, 50, [50, 50]), (100, 0, 9000, [100, 100]),
            (.max, .max, .max, [.max, .max]), (1, .max, .max, [1, 4_294_967, .max, .max]),
        ] as [(UInt32, UInt32, UInt32, [UInt32])])
    func `Delays grow by the factor up to the maximum`(
        _ initial: UInt32, _ factor: UInt32, _ most: UInt32, _ delays: [UInt32]
    ) {
        let backoff = Self.backoff(initial, factor, most)
        #expect(delays.indices.map { backoff.delay(afterAttempt: UInt32($0 + 1)) } == delays)
    }

    @Test(
        arguments: [
            (1000, 2000, 60_000), (1, 1001, .max), (250, 1333, 3_600_000), (1, 3000, .max),
            (7, 1999, 86_400_000),
        ] as [(UInt32, UInt32, UInt32)])
    func `A hundred attempts are within a millisecond or a millionth of the formula, and never shrink`(
        _ initial: UInt32, _ factor: UInt32, _ most: UInt32
    ) {
        let backoff = Self.backoff(initial, factor, most)
        var last: UInt32 = 0
        for attempt in 1...100 as ClosedRange<UInt32> {
            let exact = min(Double(initial) * pow(Double(factor) / 1000, Double(attempt - 1)), Double(most))
            let delay = backoff.delay(afterAttempt: attempt)
            #expect(abs(Double(delay) - exact) <= max(1, exact / 1e6), "attempt \(attempt)")
            #expect(delay >= last)
            last = delay
        }
    }

    @Test func `Attempts without end stay at the maximum, and one before the first is the first`() {
        #expect(Self.backoff(1, 1001, .max).delay(afterAttempt: .max) == .max)
        #expect(Self.backoff(10, 1000, 500).delay(afterAttempt: .max) == 10)
        #expect(Self.backoff(10, 2000, 500).delay(afterAttempt: 0) == 10)
    }

    private static func delays(_ backoff: Backoff, _ attempt: UInt32, seed: UInt64 = 1) -> [UInt32] {
        (0..<2000).map {
            backoff.delay(
                afterAttempt: attempt, consumer: NameID(UInt32($0 % 7)), offset: Offset($0), seed: seed)
        }
    }

    @Test(
        arguments: [(1, 900, 1100), (2, 1800, 2200), (3, 2700, 3000), (50, 2700, 3000)]
            as [(UInt32, UInt32, UInt32)])
    func `Jitter spreads evenly within its percentage and never exceeds the maximum`(
        _ attempt: UInt32, _ lowest: UInt32, _ highest: UInt32
    ) {
        let delays = Self.delays(Self.backoff(1000, 2000, 3000, jitter: 10), attempt)
        #expect(delays.allSatisfy { $0 >= lowest && $0 <= highest })
        let quarter = (highest - lowest) / 4
        for part in 0..<4 as Range<UInt32> {
            let from = lowest + part * quarter
            let share = delays.filter { $0 >= from && $0 < from + quarter }.count
            #expect((350...650).contains(share), "\(part)")
        }
    }

    @Test func `Jitter follows from consumer, offset, attempt and seed, and from nothing else`() {
        let backoff = Self.backoff(100_000, 1000, 1_000_000, jitter: 50)
        func delay(_ attempt: UInt32, _ consumer: UInt32, _ offset: UInt64, _ seed: UInt64) -> UInt32 {
            backoff.delay(
                afterAttempt: attempt, consumer: NameID(consumer), offset: Offset(offset), seed: seed)
        }
        #expect(delay(1, 2, 3, 4) == delay(1, 2, 3, 4))
        let others = [
            delay(1, 2, 3, 4), delay(2, 2, 3, 4), delay(1, 3, 3, 4), delay(1, 2, 4, 4), delay(1, 2, 3, 5),
        ]
        #expect(Set(others).count == others.count)
        #expect(Self.delays(backoff, 1) == Self.delays(backoff, 1))
        #expect(Self.delays(backoff, 1) != Self.delays(backoff, 1, seed: 2))
    }

    @Test func `Jitter of a hundred percent and more, on the longest delay, stays in bounds`() {
        let backoff = Self.backoff(.max, .max, .max, jitter: .max)
        #expect(backoff.jitterPercent == 100)
        let delays = Self.delays(backoff, .max)
        #expect(delays.contains { $0 < 1 << 30 } && delays.contains { $0 > 3 << 30 })
    }
}
