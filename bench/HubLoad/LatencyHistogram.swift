/// How long things took, in nanoseconds: counted in 32 equal parts of each power of two, so that what is read from it is
/// at most a thirty-second off, whatever its size.
struct LatencyHistogram: Sendable {
    private static let partBits = 5
    private static let powerMax = 40
    private var counts = [UInt64](repeating: 0, count: (powerMax - partBits + 1) << partBits)
    private(set) var count: UInt64 = 0
    private(set) var max: UInt64 = 0
    private var sum = 0.0

    mutating func add(_ value: UInt64) {
        counts[Self.part(of: value)] &+= 1
        count &+= 1
        sum += Double(value)
        if value > max { max = value }
    }

    /// The value that a share of all do not exceed; 0 if there are none.
    func quantile(_ share: Double) -> UInt64 {
        guard count > 0 else { return 0 }
        let rank = Swift.max(1, UInt64((share * Double(count)).rounded(.up)))
        var before: UInt64 = 0
        for (part, inPart) in counts.enumerated() {
            before += inPart
            if before >= rank { return min(max, Self.start(ofPart: part + 1) - 1) }
        }
        return max
    }

    var mean: Double { count == 0 ? 0 : sum / Double(count) }

    private static func part(of value: UInt64) -> Int {
        let value = min(value, (1 << UInt64(powerMax)) - 1)
        guard value >= 1 << UInt64(partBits) else { return Int(value) }
        let shift = 63 - value.leadingZeroBitCount - partBits
        return (shift << partBits) + Int(value >> UInt64(shift))
    }

    private static func start(ofPart part: Int) -> UInt64 {
        guard part >= 1 << partBits else { return UInt64(part) }
        let shift = (part >> partBits) - 1
        return UInt64((1 << partBits) + part & (1 << partBits - 1)) << UInt64(shift)
    }
}
