/// Random numbers that repeat with their seed, by SplitMix64.
///
/// The router may not ask the system for chance: the same events must lead to the same effects, in a simulation and
/// when a log is replayed.
package struct DeterministicRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A source that gives the same numbers whenever it begins with the same seed.
    package init(seed: UInt64) { state = seed }

    /// The next number.
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mix(state)
    }

    /// A number from 0 up to `bound`, which itself is not drawn.
    package mutating func below(_ bound: UInt64) -> UInt64 {
        precondition(bound > 0)
        // The high half of the product: as even as a remainder for bounds far below 2⁶⁴, and without a division.
        return next().multipliedFullWidth(by: bound).high
    }

    /// Spreads a number's bits over all of the result's; different numbers stay different.
    package static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
