import Testing

@testable import HubRouter

@Suite struct HashIndexTests {
    /// Few different hashes, so that most numbers are not where they belong, and the end of the slots is crossed.
    private static func hash(_ number: Int, spread: UInt64) -> UInt64 {
        (DeterministicRandom.mix(UInt64(number)) % spread) &* 0xffff_ffff
    }

    private static func contains(_ index: HashIndex, _ number: Int, spread: UInt64) -> Bool {
        var probe = index.probe(hash(number, spread: spread))
        while let found = index.next(&probe) { if found == number { return true } }
        return false
    }

    @Test(arguments: [1, 3, 40, 1 << 40] as [UInt64])
    func `An index holds what a set holds, however many hashes collide`(spread: UInt64) {
        for seed in propertySeeds(20) {
            var random = DeterministicRandom(seed: seed)
            var index = HashIndex()
            var model: Set<Int> = []
            for _ in 0..<400 {
                let number = random.below(60)
                if model.remove(number) != nil {
                    index.remove(number, Self.hash(number, spread: spread))
                } else {
                    index.insert(number, Self.hash(number, spread: spread))
                    model.insert(number)
                }
                #expect(index.count == model.count)
                let wrong = (0..<60).filter { Self.contains(index, $0, spread: spread) != model.contains($0) }
                #expect(wrong.isEmpty, "seed \(seed)")
            }
        }
    }

    @Test func `An index that was emptied has room for as many again`() {
        var index = HashIndex()
        for number in 0..<1000 { index.insert(number, UInt64(number)) }
        let bytes = index.byteCount
        index.removeAll()
        #expect(index.count == 0)
        for number in 0..<1000 { index.insert(number, UInt64(number)) }
        #expect(index.byteCount == bytes)
    }

    @Test func `An index made for so many does not grow before that`() {
        var index = HashIndex(capacity: 1000)
        let bytes = index.byteCount
        for number in 0..<1000 { index.insert(number, UInt64(number)) }
        #expect(index.byteCount == bytes)
    }
}
