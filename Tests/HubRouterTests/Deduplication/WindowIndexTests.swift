import Testing

@testable import HubRouter

/// An index with the window that it is of: numbers are added at the end and leave at the beginning.
private struct IndexedWindow: ~Copyable {
    private var index = WindowIndex()
    /// The numbers in the window, with their hashes.
    private(set) var hashes: [UInt32] = []
    private(set) var oldest: Int

    init(oldest: Int = 0) { self.oldest = oldest }

    var end: Int { oldest + hashes.count }
    var capacity: Int { index.capacity }

    mutating func add(_ hash: UInt32) {
        index.insert(end, hash, WindowIndex.Live(oldest..<end))
        hashes.append(hash)
    }

    mutating func takeBack() {
        let hash = hashes.removeLast()
        index.removeNewest(end, hash, WindowIndex.Live(oldest..<end))
    }

    mutating func forget(_ count: Int) {
        hashes.removeFirst(count)
        oldest += count
    }

    /// What a search for a hash shows.
    func found(_ hash: UInt32) -> [Int] {
        var probe = index.probe(hash)
        var found: [Int] = []
        let live = WindowIndex.Live(oldest..<end)
        while let distance = index.next(&probe, live) { found.append(oldest + distance) }
        return found
    }

    /// Numbers that a search for their hash does not show, or shows twice.
    func missing() -> [Int] {
        (oldest..<end).filter { number in
            found(hashes[number - oldest]).count { $0 == number } != 1
        }
    }
}

@Suite struct WindowIndexTests {
    @Test(arguments: [1, 2, 40, 1 << 32] as [UInt64], [0, 1 << 32 - 3000])
    func `Whatever is added, taken back and left behind, all of the window is found, each once`(
        spread: UInt64, oldest: Int
    ) {
        for seed in propertySeeds(10) {
            var random = DeterministicRandom(seed: seed)
            var window = IndexedWindow(oldest: oldest)
            for step in 0..<6000 {
                // In turn it fills up and empties, so that lines pass on and are free again.
                let fills = step / 500 % 2 == 0
                switch random.below(20) {
                case 0..<4 where !window.hashes.isEmpty: window.takeBack()
                case 4..<(fills ? 6 : 14) where !window.hashes.isEmpty:
                    window.forget(1 + random.below(min(3, window.hashes.count)))
                default:
                    guard window.hashes.count < window.capacity else { break }
                    // Few different ones, spread over all bits.
                    window.add(UInt32(truncatingIfNeeded: random.next() % spread &* 0x9e37_79b9))
                }
                guard step % 25 == 0 else { continue }
                let missing = window.missing()
                #expect(missing.isEmpty, "seed \(seed), step \(step)")
            }
        }
    }

    @Test func `What has left the window is not shown, and a full index says so of what it does not have`() {
        var window = IndexedWindow()
        // All in one line: it passes on what it has no room for, to the next ones.
        for _ in 0..<window.capacity { window.add(7) }
        let all = Set(window.found(7))
        #expect(all == Set(0..<window.capacity))
        let other = window.found(7 | 1 << 31)
        #expect(other.isEmpty)
        window.forget(window.capacity)
        let left = window.found(7)
        #expect(left.isEmpty)
    }

    @Test func `A number that passed a full line and was taken back does not hide one that passed before`() {
        var window = IndexedWindow()
        // One more than a line takes, and another.
        for _ in 0..<17 { window.add(3) }
        window.takeBack()
        let missing = window.missing()
        #expect(missing.isEmpty && window.hashes.count == 16)
    }

    @Test func `A window that goes on for ever finds all it has in an index of one size`() {
        var window = IndexedWindow()
        var random = DeterministicRandom(seed: 5)
        for _ in 0..<100_000 {
            if window.hashes.count == window.capacity { window.forget(1) }
            window.add(UInt32(truncatingIfNeeded: random.next()))
        }
        let missing = window.missing()
        #expect(missing.isEmpty)
    }
}
