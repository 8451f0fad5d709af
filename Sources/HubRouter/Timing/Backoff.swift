package import HubModel

/// How long a message rests before it is delivered again: longer with each attempt, and not the same for all.
///
/// Without jitter, everything that one fault pushed back returns in the same millisecond and meets the next fault.
/// The jitter comes from a hash of what is delivered to whom, not from a generator: it does not depend on the order
/// in which things fail, so a replay arrives at the same delays.
package struct Backoff: Hashable, Sendable {
    /// The delay after the first attempt.
    package let initialMilliseconds: UInt32
    /// What each further attempt multiplies the delay by, in thousandths; 2,000 doubles it.
    package let factorThousandths: UInt32
    /// No delay is longer, jitter included.
    package let maxMilliseconds: UInt32
    /// How far a delay may lie from what the formula says, in percent of it.
    package let jitterPercent: UInt32

    /// Milliseconds and the factor have 32 bits before the binary point and 32 behind it. Whole milliseconds would
    /// not do: one millisecond times 1.5 would stay one for ever.
    private static let one: UInt64 = 1 << 32

    /// Delays shrink with no attempt and lie within a hundred percent: other settings are moved to the nearest that
    /// make sense.
    package init(
        initialMilliseconds: UInt32, factorThousandths: UInt32, maxMilliseconds: UInt32, jitterPercent: UInt32
    ) {
        self.initialMilliseconds = min(initialMilliseconds, maxMilliseconds)
        self.factorThousandths = max(factorThousandths, 1000)
        self.maxMilliseconds = maxMilliseconds
        self.jitterPercent = min(jitterPercent, 100)
    }

    /// The delay behind an attempt, counted from 1, without jitter.
    package func delay(afterAttempt attempt: UInt32) -> UInt32 {
        let limit = UInt64(maxMilliseconds) * Self.one
        var delay = UInt64(initialMilliseconds) * Self.one
        var power = (UInt64(factorThousandths) * Self.one + 500) / 1000
        var exponent = attempt == 0 ? 0 : attempt - 1
        // By squaring, so that the four billionth attempt costs no more than 32 rounds.
        while exponent > 0, delay > 0, delay < limit {
            if exponent & 1 == 1 { delay = min(Self.product(delay, power), limit) }
            power = Self.product(power, power)
            exponent >>= 1
        }
        return UInt32(min((delay + Self.one / 2) / Self.one, UInt64(maxMilliseconds)))
    }

    /// The delay after an attempt to deliver the record at `offset` to a consumer. At the maximum the whole spread
    /// lies below it: a limit is a limit, and cutting off what is above would gather half of the deliveries there.
    package func delay(
        afterAttempt attempt: UInt32, consumer: NameID, offset: Offset, seed: UInt64
    ) -> UInt32 {
        let middle = UInt64(delay(afterAttempt: attempt))
        let spread = middle * UInt64(jitterPercent) / 100
        let lowest = middle - spread
        let highest = min(middle + spread, UInt64(maxMilliseconds))
        var chance = DeterministicRandom(seed: Self.seed(attempt, consumer, offset, seed))
        return UInt32(lowest + chance.below(highest - lowest + 1))
    }

    private static func seed(_ attempt: UInt32, _ consumer: NameID, _ offset: Offset, _ seed: UInt64)
        -> UInt64
    {
        let whom = DeterministicRandom.mix(seed ^ (UInt64(consumer.rawValue) << 32 | UInt64(attempt)))
        return DeterministicRandom.mix(whom ^ offset.rawValue)
    }

    /// The rounded product of two numbers with 32 bits behind the point; the largest one if it does not fit.
    private static func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (high, low) = left.multipliedFullWidth(by: right)
        guard high < one else { return .max }
        let (rounded, overflows) = (high << 32 | low >> 32).addingReportingOverflow(low >> 31 & 1)
        return overflows ? .max : rounded
    }
}
