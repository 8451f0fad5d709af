import HubBytes

/// Finds numbers by a hash, where the oldest numbers go first: the index of a window.
///
/// Memory is what looking up in a large window costs, so all slots that a hash may be in lie in one line of the cache,
/// with four bytes each: as many of a number's lowest bits as there are slots, the rest of the hash. Nothing is done when
/// a number leaves the window: a slot whose number is before the oldest counts as free. Every few additions clear one
/// line, all in turn, so that a number that left is gone from the index before its bits stand for another.
///
/// A line that is full passes what else is added on to the next one and keeps a mark: the newest number that passed.
/// Once that has left the window, whoever looks for something need not look behind the line any more.
struct WindowIndex: ~Copyable {
    /// Numbers that are in the window.
    struct Live {
        fileprivate let oldest: UInt32
        fileprivate let count: UInt32

        init(_ numbers: Range<Int>) {
            oldest = UInt32(truncatingIfNeeded: numbers.lowerBound)
            count = UInt32(numbers.count)
        }

        @inline(__always)
        fileprivate func contains(mark: UInt32) -> Bool {
            // What was taken back may be before the mark again: the window has not come that far.
            mark != 0 && Int32(bitPattern: mark &- oldest) >= 0
        }
    }

    /// Where a search is.
    struct Probe {
        fileprivate var line: Int
        /// Slots of the line that have the same tag and were not looked at yet, by a bit each.
        fileprivate var matches: UInt32
        fileprivate let home: Int
        fileprivate let tag: UInt32
    }

    private static let lineBytes = 64
    /// The first is the line's mark, the others are slots; a slot that is 0 is free.
    private static let lineWords = 16
    /// Of 15: more would pass too often.
    private static let numbersPerLine = 10
    private static let linesMin = 16
    private static let linesMax = 1 << 27
    /// Additions for each line that is cleared. All lines are cleared while as many numbers are added as a quarter of the
    /// words, and at most five eighths as many are in the window: so no two in the index have the same bits.
    private static let additionsPerLine = 4

    private var memory: ByteBuffer
    private let lineMask: Int
    /// How many bits of a slot are the number's.
    private let numberBits: UInt32
    private var additions = 0

    /// An empty index for a window of at least so many numbers.
    init(capacity: Int = 0) {
        var lines = Self.linesMin
        while lines * Self.numbersPerLine < capacity { lines *= 2 }
        precondition(lines <= Self.linesMax, "more messages than a window can number are on their way")
        memory = ByteBuffer(capacity: lines * Self.lineBytes)
        memory.append(zeros: lines * Self.lineBytes)
        lineMask = lines - 1
        numberBits = UInt32((lines * Self.lineWords).trailingZeroBitCount)
    }

    /// Numbers that may be in the window.
    var capacity: Int { (lineMask + 1) * Self.numbersPerLine }

    /// Bytes that the index takes.
    var byteCount: Int { memory.count }

    /// Begins a search for a hash.
    @inline(__always)
    func probe(_ hash: UInt32) -> Probe {
        let home = (Int(hash) & lineMask) &* Self.lineBytes
        let tag = tag(hash)
        return Probe(line: home, matches: matches(in: home, tag), home: home, tag: tag)
    }

    /// The next number that may have this hash, as its distance from the oldest, or nil.
    @inline(__always)
    func next(_ probe: inout Probe, _ live: Live) -> Int? {
        let bits: UInt32 = 1 &<< numberBits &- 1
        while true {
            while probe.matches != 0 {
                let word = probe.matches.trailingZeroBitCount
                probe.matches &= probe.matches &- 1
                let slot = memory.bytes.load(probe.line &+ word &* 4, as: UInt32.self)
                let distance = (slot &- live.oldest) & bits
                if distance < live.count { return Int(distance) }
            }
            guard live.contains(mark: memory.bytes.load(probe.line, as: UInt32.self)) else { return nil }
            probe.line = following(probe.line)
            if probe.line == probe.home { return nil }
            probe.matches = matches(in: probe.line, probe.tag)
        }
    }

    /// The slots of a line with a tag, by a bit each. All are compared, without a branch for each: which one it is
    /// nobody can foresee.
    @inline(__always)
    private func matches(in line: Int, _ tag: UInt32) -> UInt32 {
        let words = memory.bytes.extracting(line..<line &+ Self.lineBytes)
        let bits: UInt32 = 1 &<< numberBits &- 1
        var matches: UInt32 = 0
        for word in 1..<Self.lineWords {
            let slot = words.load(word &* 4, as: UInt32.self)
            matches |= (slot ^ tag <= bits ? 1 : 0) &<< UInt32(word)
        }
        return matches
    }

    /// Adds the number behind those in the window.
    mutating func insert(_ number: Int, _ hash: UInt32, _ live: Live) {
        precondition(Int(live.count) < capacity)
        let number = UInt32(truncatingIfNeeded: number)
        let bits: UInt32 = 1 &<< numberBits &- 1
        var line = (Int(hash) & lineMask) &* Self.lineBytes
        while true {
            if let place = freeWord(in: line, live, bits) {
                memory.patch(tag(hash) | number & bits, at: place)
                break
            }
            // 0 is no mark: one more is as good.
            memory.patch(max(number, 1), at: line)
            line = following(line)
        }
        additions &+= 1
        if additions & (Self.additionsPerLine &- 1) == 0 {
            clear((additions / Self.additionsPerLine & lineMask) &* Self.lineBytes, live, bits)
        }
    }

    /// Takes out the newest number of those in the window; it must be there.
    mutating func removeNewest(_ number: Int, _ hash: UInt32, _ live: Live) {
        let wanted = tag(hash) | UInt32(truncatingIfNeeded: number) & (1 &<< numberBits &- 1)
        var line = (Int(hash) & lineMask) * Self.lineBytes
        while true {
            for word in 1..<Self.lineWords
            where memory.bytes.load(line + word * 4, as: UInt32.self) == wanted {
                memory.patch(0 as UInt32, at: line + word * 4)
                return
            }
            precondition(
                live.contains(mark: memory.bytes.load(line, as: UInt32.self)),
                "a number that should be in the index is not")
            line = following(line)
        }
    }

    /// What is left of a hash when the line is known: as it stands in a slot, and never 0.
    @inline(__always)
    private func tag(_ hash: UInt32) -> UInt32 { max(hash &>> numberBits, 1) &<< numberBits }

    private func following(_ line: Int) -> Int { (line &+ Self.lineBytes) & (memory.count &- 1) }

    /// The place of a slot that has no number of those in the window.
    @inline(__always)
    private func freeWord(in line: Int, _ live: Live, _ bits: UInt32) -> Int? {
        let words = memory.bytes.extracting(line..<line &+ Self.lineBytes)
        var word = 1
        while word < Self.lineWords {
            let slot = words.load(word &* 4, as: UInt32.self)
            if slot == 0 || (slot &- live.oldest) & bits >= live.count { return line &+ word &* 4 }
            word &+= 1
        }
        return nil
    }

    /// Frees the slots of a line whose numbers have left the window.
    private mutating func clear(_ line: Int, _ live: Live, _ bits: UInt32) {
        if !live.contains(mark: memory.bytes.load(line, as: UInt32.self)) {
            memory.patch(0 as UInt32, at: line)
        }
        for word in 1..<Self.lineWords {
            let slot = memory.bytes.load(line &+ word &* 4, as: UInt32.self)
            // The number that was just added is behind those in the window.
            if slot != 0, (slot &- live.oldest) & bits > live.count {
                memory.patch(0 as UInt32, at: line &+ word &* 4)
            }
        }
    }
}
