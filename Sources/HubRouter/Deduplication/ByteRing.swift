import HubBytes

/// Short byte strings, first in, first out, in one piece of memory that is used round and round.
///
/// A string lies where it was put until it is removed, and never across the end of the memory: so reading one is a
/// span and no copy. Places count on for ever and are taken modulo the size; doubling the size moves strings and
/// changes no place.
struct ByteRing: ~Copyable {
    /// The longest string.
    static let stringBytesMax = 255
    private static let smallest = 1024

    private var memory: ByteBuffer
    private let capacityMax: Int
    /// The place of the oldest string, and the one behind the newest.
    private var oldest = 0
    private var end = 0

    /// A ring that takes up to `capacityMax` bytes, rounded up to a power of two, and begins with fewer.
    init(capacityMax: Int) {
        var capacity = Self.smallest
        while capacity < capacityMax { capacity *= 2 }
        precondition(capacity <= 1 << 31, "places in the ring have 32 bits")
        self.capacityMax = capacity
        memory = ByteBuffer(capacity: Self.smallest)
        memory.append(zeros: Self.smallest)
    }

    /// Bytes that the ring takes.
    var byteCount: Int { memory.count }

    /// Adds a string and returns its place, or nil if the ring is as large as it may be and has no room.
    mutating func append(_ bytes: RawSpan) -> UInt32? {
        precondition(bytes.byteCount <= Self.stringBytesMax)
        var start = place(for: bytes.byteCount + 1)
        while start + bytes.byteCount + 1 - oldest > memory.count {
            guard memory.count < capacityMax else { return nil }
            grow()
            start = place(for: bytes.byteCount + 1)
        }
        let position = start & (memory.count - 1)
        memory.patch(UInt8(bytes.byteCount), at: position)
        memory.patch(bytes, at: position + 1)
        end = start + bytes.byteCount + 1
        return UInt32(truncatingIfNeeded: start)
    }

    /// The string at a place that `append` gave and that was not removed since.
    @_lifetime(borrow self)
    borrowing func bytes(at place: UInt32) -> RawSpan {
        let position = Int(place) & (memory.count &- 1)
        let length = Int(memory.bytes.load(position, as: UInt8.self))
        return memory.bytes.extracting(position &+ 1..<position &+ 1 &+ length)
    }

    /// Removes all strings before the one at `place`.
    mutating func removeAll(before place: UInt32) {
        oldest += Int(place &- UInt32(truncatingIfNeeded: oldest))
    }

    /// Removes the one at `place` and all that came behind it.
    mutating func removeAll(from place: UInt32) {
        end -= Int(UInt32(truncatingIfNeeded: end) &- place)
    }

    /// Removes all strings.
    mutating func removeAll() { oldest = end }

    /// Where the next string of that size would begin: at the end of the last one, or at the beginning of the memory
    /// if it would cross its end.
    private func place(for size: Int) -> Int {
        let position = end & (memory.count - 1)
        return position + size <= memory.count ? end : end + memory.count - position
    }

    private mutating func grow() {
        let old = memory.count
        var larger = ByteBuffer(capacity: old * 2)
        larger.append(zeros: old * 2)
        var place = oldest
        while place < end {
            // As far as neither memory ends: every end of the larger one is an end of the smaller one.
            let piece = min(end - place, old - place & (old - 1))
            let position = place & (old - 1)
            larger.patch(memory.bytes.extracting(position..<position + piece), at: place & (old * 2 - 1))
            place += piece
        }
        memory = larger
    }
}
