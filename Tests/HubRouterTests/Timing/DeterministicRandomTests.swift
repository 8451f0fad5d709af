import HubRouter
import Testing

@Suite struct DeterministicRandomTests {
    @Test func `The numbers are those that SplitMix64 is published with`() {
        var random = DeterministicRandom(seed: 1_234_567)
        let published: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect(published.map { _ in random.next() } == published)
    }

    @Test(arguments: [1, 2, 3, 10, 1000] as [UInt64])
    func `Numbers below a bound are below it, and all of them come up`(_ bound: UInt64) {
        var random = DeterministicRandom(seed: 5)
        let drawn = Set((0..<20_000).map { _ in random.below(bound) })
        #expect(drawn.count == Int(bound) && drawn.allSatisfy { $0 < bound })
    }
}
