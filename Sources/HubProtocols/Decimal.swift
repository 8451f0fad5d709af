import HubBytes

/// Numbers as digits, several at a time.
enum Decimal {
    static let zeros: UInt64 = 0x3030_3030_3030_3030

    /// The eight digits of a number below 100,000,000, as values and not as text, the first in the lowest byte. Each
    /// step divides all parts at once, by multiplying and shifting.
    @inline(__always)
    static func eight(_ value: UInt64) -> UInt64 {
        let fours = value / 10_000 | (value % 10_000) << 32
        let hundreds = (fours &* 10_486) >> 20 & 0x0000_007f_0000_007f
        let twos = hundreds | (fours &- hundreds &* 100) << 16
        let tens = (twos &* 103) >> 10 & 0x000f_000f_000f_000f
        return tens | (twos &- tens &* 10) << 8
    }
}

extension ByteBuffer {
    /// Appends a number as decimal digits, without a string in between.
    mutating func append(decimal value: UInt64) {
        guard value < 100_000_000 else { return append(longDecimal: value) }
        let digits = Decimal.eight(value)
        // The digits before the first that counts; a zero has one.
        let leading = min(digits.trailingZeroBitCount / 8, 7)
        append((digits | Decimal.zeros) >> UInt64(leading &* 8))
        truncate(to: count &- leading)
    }

    private mutating func append(longDecimal value: UInt64) {
        append(decimal: value / 100_000_000)
        append(Decimal.eight(value % 100_000_000) | Decimal.zeros)
    }
}
