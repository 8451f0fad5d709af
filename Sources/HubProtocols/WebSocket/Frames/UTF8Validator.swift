import HubBytes

/// Checks UTF-8 that comes in pieces, cut anywhere, and finds fault with the first byte that cannot be right.
///
/// ASCII is skipped 32 bytes at a time. Everything else goes through an automaton without branches: what a byte does
/// to each of the nine states lies in one word, six bits for each state, and the state is the number of bits by which
/// that word is shifted. Its speed so depends neither on the text nor on what a sender could do to branch prediction.
package struct UTF8Validator: Sendable {
    /// Bits to shift by; the higher bits are of no meaning.
    private var state: UInt64 = Self.complete

    /// A validator at the start of a text.
    package init() {}

    /// Takes more bytes; false if, with them, the text cannot become UTF-8 any more, and from then on.
    package mutating func take(_ bytes: RawSpan) -> Bool {
        // Safety: the bytes are only read while the span is alive, and inside its bounds.
        let next = unsafe bytes.withUnsafeBytes { unsafe Self.run($0, from: state) }
        state = next & 63
        return state != Self.broken
    }

    /// Whether the bytes so far end with a whole character.
    package var isComplete: Bool { state == Self.complete }

    /// Whether bytes are UTF-8 from end to end.
    package static func isValid(_ bytes: RawSpan) -> Bool {
        var validator = UTF8Validator()
        return validator.take(bytes) && validator.isComplete
    }

    // MARK: The automaton

    private static let complete: UInt64 = 0
    /// One, two or three continuation bytes are due.
    private static let one: UInt64 = 6, two: UInt64 = 12, three: UInt64 = 18
    /// The byte behind E0, ED, F0 or F4 is due: there, some continuation bytes would make an overlong form, a
    /// surrogate or a number beyond Unicode.
    private static let afterE0: UInt64 = 24, afterED: UInt64 = 30, afterF0: UInt64 = 36, afterF4: UInt64 = 42
    private static let broken: UInt64 = 48

    private static let rows: [UInt64] = (0...255).map { byte in
        transitions(UInt8(byte)).reduce(broken << broken) { $0 | $1.to << $1.from }
            | missing(UInt8(byte)).reduce(0) { $0 | broken << $1 }
    }

    private static let states = [complete, one, two, three, afterE0, afterED, afterF0, afterF4]

    private static func missing(_ byte: UInt8) -> [UInt64] {
        let known = transitions(byte).map(\.from)
        return states.filter { !known.contains($0) }
    }

    /// Where a byte leads from each state in which it is allowed.
    private static func transitions(_ byte: UInt8) -> [(from: UInt64, to: UInt64)] {
        switch byte {
        case 0..<0x80: [(complete, complete)]
        case 0x80..<0x90: continuations + [(afterED, one), (afterF4, two)]
        case 0x90..<0xa0: continuations + [(afterED, one), (afterF0, two)]
        case 0xa0..<0xc0: continuations + [(afterE0, one), (afterF0, two)]
        case 0xc2...0xdf: [(complete, one)]
        case 0xe0: [(complete, afterE0)]
        case 0xed: [(complete, afterED)]
        case 0xe1...0xef: [(complete, two)]
        case 0xf0: [(complete, afterF0)]
        case 0xf1...0xf3: [(complete, three)]
        case 0xf4: [(complete, afterF4)]
        default: []
        }
    }

    private static let continuations = [
        (from: one, to: complete), (from: two, to: one), (from: three, to: two),
    ]

    // Safety: every read lies inside `bytes`: a step of n bytes is taken while n are left. A row's number is a byte, and
    // there are 256 rows.
    @unsafe private static func run(_ bytes: UnsafeRawBufferPointer, from start: UInt64) -> UInt64 {
        var state = start
        var position = 0
        guard let base = bytes.baseAddress else { return state }
        return unsafe rows.withUnsafeBufferPointer { rows in
            while position < bytes.count {
                if state & 63 == complete {
                    unsafe skipASCII(base, &position, bytes.count)
                    if position == bytes.count { break }
                }
                // Eight at a time between looks at the state: a look costs more than the bytes.
                let end = min(position &+ 8, bytes.count)
                while position < end {
                    let byte = unsafe base.load(fromByteOffset: position, as: UInt8.self)
                    unsafe state = rows[Int(byte)] &>> state
                    position &+= 1
                }
                if state & 63 == broken { break }
            }
            return state
        }
    }

    // Safety: as for `run`.
    @unsafe @inline(__always)
    private static func skipASCII(_ base: UnsafeRawPointer, _ position: inout Int, _ count: Int) {
        let highs: UInt64 = 0x8080_8080_8080_8080
        while position &+ 32 <= count {
            let first = unsafe base.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let second = unsafe base.loadUnaligned(fromByteOffset: position &+ 8, as: UInt64.self)
            let third = unsafe base.loadUnaligned(fromByteOffset: position &+ 16, as: UInt64.self)
            let fourth = unsafe base.loadUnaligned(fromByteOffset: position &+ 24, as: UInt64.self)
            guard (first | second | third | fourth) & highs == 0 else { break }
            position &+= 32
        }
        while position &+ 8 <= count {
            let word = unsafe base.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            guard word & highs == 0 else { break }
            position &+= 8
        }
    }
}
