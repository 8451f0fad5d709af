import HubBytes
import Testing

@testable import HubRouter

/// A ring in a class, because expectations cannot look at values with one owner.
private final class RingUnderTest {
    private var ring: ByteRing

    init(capacityMax: Int) { ring = ByteRing(capacityMax: capacityMax) }

    var byteCount: Int { ring.byteCount }

    func append(_ bytes: [UInt8]) -> UInt32? { bytes.withBytes { ring.append($0) } }
    func bytes(at place: UInt32) -> [UInt8] { Self.copy(ring, place) }

    /// Apart, since a span cannot come out of a class.
    private static func copy(_ ring: borrowing ByteRing, _ place: UInt32) -> [UInt8] {
        ring.bytes(at: place).array
    }

    func removeAll(before place: UInt32) { ring.removeAll(before: place) }
    func removeAll(from place: UInt32) { ring.removeAll(from: place) }
    func removeAll() { ring.removeAll() }
}

@Suite struct ByteRingTests {
    private static func text(_ length: Int, _ seed: Int) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ seed) }
    }

    @Test func `Strings of every length come back as they were put in`() {
        let ring = RingUnderTest(capacityMax: 1 << 20)
        let places = (0...255).map { length in ring.append(Self.text(length, length)) }
        for (length, place) in places.enumerated() {
            guard let place else { return #expect(place != nil) }
            #expect(ring.bytes(at: place) == Self.text(length, length))
        }
    }

    @Test func `A ring that is full says so and has room again when the oldest are gone`() {
        let ring = RingUnderTest(capacityMax: 1024)
        let bytes = Self.text(255, 1)
        let places = (0..<4).map { _ in ring.append(bytes) }
        #expect(places.allSatisfy { $0 != nil })
        #expect(ring.append(bytes) == nil)
        if let second = places[1] { ring.removeAll(before: second) }
        #expect(ring.append(bytes) != nil)
        ring.removeAll()
        for _ in 0..<4 { #expect(ring.append(bytes) != nil) }
    }

    @Test func `The newest that are taken back leave their room to the next`() {
        let ring = RingUnderTest(capacityMax: 1024)
        let bytes = Self.text(255, 1)
        let places = (0..<4).compactMap { _ in ring.append(bytes) }
        #expect(places.count == 4 && ring.append([]) == nil)
        ring.removeAll(from: places[2])
        let other = Self.text(255, 2)
        #expect(
            ring.append(other) == places[2] && ring.append(other) == places[3] && ring.append(other) == nil)
        #expect(places.map { ring.bytes(at: $0) } == [bytes, bytes, other, other])
        ring.removeAll(from: places[0])
        #expect(ring.append(other) == places[0] && ring.bytes(at: places[0]) == other)
    }

    @Test func `Whatever is added and removed, a ring holds what a queue holds`() {
        for seed in propertySeeds(60) {
            var random = DeterministicRandom(seed: seed)
            let capacity = 1024 << random.below(4)
            let ring = RingUnderTest(capacityMax: capacity)
            var model: [(place: UInt32, bytes: [UInt8])] = []
            for step in 0..<400 {
                let bytes = Self.text(random.once(in: 3) ? random.below(256) : random.below(20), step)
                if let place = ring.append(bytes) {
                    model.append((place, bytes))
                } else {
                    // At worst, a string's length is lost at the end of the memory.
                    #expect(model.reduce(0) { $0 + $1.bytes.count + 1 } + 2 * 256 > capacity)
                    model.removeFirst(1 + random.below(model.count))
                    if let first = model.first {
                        ring.removeAll(before: first.place)
                    } else {
                        ring.removeAll()
                    }
                }
                // Some go before the ring is full: it then grows while its content goes round its end.
                if random.once(in: 3), model.count > 1 {
                    model.removeFirst()
                    ring.removeAll(before: model[0].place)
                }
                // Some of the newest are taken back, the very last one first.
                if random.once(in: 4) {
                    for _ in 0..<min(random.below(4), model.count) {
                        ring.removeAll(from: model.removeLast().place)
                    }
                }
                #expect(model.allSatisfy { ring.bytes(at: $0.place) == $0.bytes }, "seed \(seed)")
            }
            #expect(ring.byteCount <= capacity)
        }
    }
}
