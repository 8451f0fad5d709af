import HubBytes

/// Words of at most sixteen bytes, each with a small number: a table that a word's bytes are looked up in, two integers
/// a word.
struct WordTable: ~Copyable, Sendable {
    /// A word as two integers; short words end in zeros, which no word contains.
    struct Word: Equatable, BitwiseCopyable {
        var low: UInt64
        var high: UInt64

        var hash: Int {
            let mixed = (low ^ (high &* 0xc2b2_ae3d_27d4_eb4f)) &* 0x9e37_79b9_7f4a_7c15
            return Int(truncatingIfNeeded: mixed >> 56)
        }
    }

    private struct Slot: BitwiseCopyable {
        var word: Word
        var number: UInt8
    }

    /// The longest word that there can be.
    static let wordBytesMax = 16
    /// What is found for a word that is not there.
    static let unknown = UInt8.max
    private static let free = Slot(word: Word(low: 0, high: 0), number: unknown)

    private var slots = [Slot](repeating: free, count: 256)

    /// The words get the numbers 0, 1, 2 and so on.
    init(_ words: [String]) {
        precondition(words.count <= 128)
        for (number, word) in words.enumerated() {
            precondition((1...Self.wordBytesMax).contains(word.utf8.count))
            let word = word.withBytes { Self.word($0, 0, $0.byteCount) }
            var slot = word.hash
            while slots[slot].number != Self.unknown { slot = (slot + 1) & 255 }
            slots[slot] = Slot(word: word, number: UInt8(number))
        }
    }

    /// The number of the word between two places; `unknown` if it is none of the words.
    func number(of bytes: RawSpan, _ start: Int, _ end: Int) -> UInt8 {
        // An escaped zero at the end would look like a shorter word.
        guard end &- start <= Self.wordBytesMax, end > start, bytes.load(end &- 1, as: UInt8.self) != 0 else {
            return Self.unknown
        }
        let word = Self.word(bytes, start, end)
        var slot = word.hash
        while true {
            let found = slots[slot]
            if found.word == word || found.number == Self.unknown { return found.number }
            slot = (slot &+ 1) & 255
        }
    }

    @inline(__always)
    private static func word(_ bytes: RawSpan, _ start: Int, _ end: Int) -> Word {
        let count = end &- start
        guard start &+ 16 <= bytes.byteCount else { return shortWord(bytes, start, end) }
        let low = bytes.load(start, as: UInt64.self)
        if count <= 8 { return Word(low: low & (UInt64.max >> UInt64((8 &- count) &* 8)), high: 0) }
        let high = bytes.load(start &+ 8, as: UInt64.self)
        return Word(low: low, high: high & (UInt64.max >> UInt64((16 &- count) &* 8)))
    }

    private static func shortWord(_ bytes: RawSpan, _ start: Int, _ end: Int) -> Word {
        var word = Word(low: 0, high: 0)
        var position = start
        while position < end {
            let place = position &- start
            let byte = UInt64(bytes.load(position, as: UInt8.self)) << UInt64((place & 7) &* 8)
            if place < 8 { word.low |= byte } else { word.high |= byte }
            position &+= 1
        }
        return word
    }
}
