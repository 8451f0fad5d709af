/// What a histogram counts in, and where the buckets end that are told to the outside.
package enum HistogramScale: Hashable, Sendable {
    /// Durations, observed in nanoseconds and told in seconds: 50 µs to 60 s.
    case durations
    /// Short durations, as of a turn of a thread: 1 µs to 1 s.
    case shortDurations
    /// Bytes: 64 B to 64 MiB.
    case bytes
    /// How many: 1 to 100,000.
    case amounts

    /// Where buckets end, the end included, in what is observed.
    package var bounds: [UInt64] {
        switch self {
        case .durations:
            [50_000] + Self.decades(from: 100_000, through: 10_000_000_000) + [
                30_000_000_000, 60_000_000_000,
            ]
        case .shortDurations: Self.decades(from: 1_000, through: 100_000_000) + [1_000_000_000]
        case .bytes: (3...13).map { 1 << (2 * UInt64($0)) }
        case .amounts: Self.decades(from: 1, through: 100_000, middle: [2, 5])
        }
    }

    /// What a value that was observed is multiplied with before it is told.
    package var factor: Double {
        switch self {
        case .durations, .shortDurations: 1e-9
        case .bytes, .amounts: 1
        }
    }

    /// How a bound is told: divided, since that rounds to the number that people write.
    package func told(_ bound: UInt64) -> Double {
        switch self {
        case .durations, .shortDurations: Double(bound) / 1e9
        case .bytes, .amounts: Double(bound)
        }
    }

    /// 1, 2.5, 5 and ten times that, up to a power of ten.
    private static func decades(from first: UInt64, through last: UInt64, middle: [Double] = [2.5, 5])
        -> [UInt64]
    {
        var bounds: [UInt64] = []
        var power = first
        while power < last {
            bounds.append(power)
            bounds += middle.map { UInt64(Double(power) * $0) }
            power *= 10
        }
        return bounds + [last]
    }
}
