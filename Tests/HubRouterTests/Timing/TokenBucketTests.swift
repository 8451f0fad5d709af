import HubRouter
import HubTiming
import Testing

@Suite struct TokenBucketTests {
    @Test func `A burst passes at once, then as much as comes in`() {
        var bucket = TokenBucket(perSecond: 10, burst: 3, nowMilliseconds: 0)
        for _ in 0..<3 { #expect(bucket.take(1, nowMilliseconds: 0) == nil) }
        #expect(bucket.take(1, nowMilliseconds: 0) == 100)
        #expect(bucket.take(1, nowMilliseconds: 99) == 1)
        #expect(bucket.take(1, nowMilliseconds: 100) == nil)
        #expect(bucket.take(2, nowMilliseconds: 100) == 200)
    }

    @Test(
        arguments: [
            // Rate, burst, amount after the bucket was emptied, wait in milliseconds.
            (1, 1, 1, 1000), (3, 10, 1, 334), (3, 10, 2, 667), (3, 10, 3, 1000), (1000, 1000, 1, 1),
            (1_000_000, 1_000_000, 1, 1), (7, 100, 100, 14_286), (1, 1 << 50, 1 << 50, (1 << 50) * 1000),
            (0, 5, 1, Int64.max), (5, 5, 0, nil),
        ] as [(Int64, Int64, Int64, Int64?)])
    func `The wait that is named is enough, and no less would be`(
        _ rate: Int64, _ burst: Int64, _ amount: Int64, _ wait: Int64?
    ) {
        var bucket = TokenBucket(perSecond: rate, burst: burst, nowMilliseconds: 0)
        #expect(bucket.take(burst, nowMilliseconds: 0) == nil)
        #expect(bucket.take(amount, nowMilliseconds: 0) == wait)
        guard let wait, wait < .max else { return }
        #expect(bucket.take(amount, nowMilliseconds: wait - 1) == 1)
        #expect(bucket.take(amount, nowMilliseconds: wait) == nil)
    }

    @Test func `More than the burst passes when the bucket is full and is paid back`() {
        var bucket = TokenBucket(perSecond: 10, burst: 5, nowMilliseconds: 0)
        #expect(bucket.take(20, nowMilliseconds: 0) == nil)
        #expect(bucket.available(nowMilliseconds: 0) == -15)
        #expect(bucket.take(1, nowMilliseconds: 0) == 1600)
        #expect(bucket.take(1, nowMilliseconds: 1600) == nil)
        #expect(bucket.take(20, nowMilliseconds: 1600) == 500)
    }

    @Test func `A pause of any length fills the bucket and no more`() {
        for rate in [0, 1, 1000, TokenBucket.settingMax, .max] as [Int64] {
            var bucket = TokenBucket(perSecond: rate, burst: 4, nowMilliseconds: .min)
            #expect(bucket.take(4, nowMilliseconds: .min) == nil)
            #expect(bucket.available(nowMilliseconds: .max) == (rate == 0 ? 0 : 4))
        }
    }

    @Test func `Extreme settings and amounts are answered`() {
        var bucket = TokenBucket(perSecond: .min, burst: .min, nowMilliseconds: 0)
        #expect((bucket.perSecond, bucket.burst) == (0, 1))
        #expect(bucket.take(.max, nowMilliseconds: 0) == nil)
        #expect(bucket.take(.max, nowMilliseconds: 1) == .max)
        var large = TokenBucket(perSecond: 1, burst: .max, nowMilliseconds: 0)
        #expect(large.take(.max, nowMilliseconds: 0) == nil)
        #expect(large.take(.max, nowMilliseconds: 0) == TokenBucket.settingMax * 1000)
    }

    @Test func `A clock that goes back brings nothing and takes nothing`() {
        var bucket = TokenBucket(perSecond: 1000, burst: 10, nowMilliseconds: 100)
        #expect(bucket.take(10, nowMilliseconds: 100) == nil)
        #expect(bucket.take(1, nowMilliseconds: 50) == 1)
        #expect(bucket.take(1, nowMilliseconds: 101) == nil)
    }

    @Test func `A rate of a third is exact after a million steps`() {
        var bucket = TokenBucket(perSecond: 3, burst: 2, nowMilliseconds: 0)
        var taken: Int64 = 0
        for now in 0..<1_000_000 as Range<Int64> where bucket.take(1, nowMilliseconds: now) == nil {
            taken += 1
        }
        #expect(taken == 2 + 999_999 * 3 / 1000)
    }

    @Test func `Whatever is asked for, never more passes than rate and burst allow`() {
        for seed in propertySeeds(200) {
            var random = DeterministicRandom(seed: seed)
            let (rate, burst) = (Int64(1 + random.below(5000)), Int64(1 + random.below(2000)))
            var bucket = TokenBucket(perSecond: rate, burst: burst, nowMilliseconds: 0)
            // In thousandths, as a model with wide numbers would have it.
            var level = burst * 1000
            var (now, last) = (Int64(0), Int64(0))
            for _ in 0..<200 {
                now += random.once(in: 3) ? 0 : Int64(random.below(400))
                level = min(level + (now - last) * rate, burst * 1000)
                last = now
                let amount = Int64(random.below(Int(burst) + 1))
                let wait = bucket.take(amount, nowMilliseconds: now)
                #expect((wait == nil) == (level >= amount * 1000), "seed \(seed)")
                if let wait {
                    #expect(level + wait * rate >= amount * 1000 && level + (wait - 1) * rate < amount * 1000)
                } else {
                    level -= amount * 1000
                }
            }
        }
    }
}
