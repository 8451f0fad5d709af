/// Where a value is counted: in one of eight equal parts of each power of two, so that a part is at most an eighth
/// as wide as its values are large, whatever their size.
///
/// Each part has two cells, parted at a bound that is told to the outside if one lies in it: what is told for the
/// bound is then exact, though it is no power of two.
enum HistogramGrid {
    /// Bits of a value behind its first one that choose the part.
    private static let partBits = 3
    private static let partsOfPower = 1 << partBits
    /// Values from here on count as the largest one: 2⁴⁰ nanoseconds are 18 minutes.
    private static let powerMax = 40
    /// The number of parts.
    static let parts = (powerMax - partBits + 1) << partBits
    /// The number of cells.
    static let cells = parts * 2
    private static let valueMax: UInt64 = (1 << UInt64(powerMax)) - 1

    /// The part for a value.
    @inline(__always) static func part(of value: UInt64) -> Int {
        let value = min(value, valueMax)
        guard value >= UInt64(partsOfPower) else { return Int(truncatingIfNeeded: value) }
        let shift = 63 &- value.leadingZeroBitCount &- partBits
        // The leading bit stands for the parts of all powers below.
        return (shift &<< partBits) &+ Int(truncatingIfNeeded: value &>> UInt64(truncatingIfNeeded: shift))
    }

    /// The smallest value of a part.
    static func start(ofPart part: Int) -> UInt64 {
        guard part >= partsOfPower else { return UInt64(part) }
        let shift = part / partsOfPower - 1
        return UInt64(partsOfPower + part % partsOfPower) << UInt64(shift)
    }

    /// For each part the bound that parts its cells; the largest number where there is none.
    static func splits(_ bounds: [UInt64]) -> [UInt64] {
        var splits = Array(repeating: UInt64.max, count: parts)
        for bound in bounds {
            let part = part(of: bound)
            precondition(bound <= valueMax && splits[part] == .max, "two bounds in one part of a histogram")
            splits[part] = bound
        }
        return splits
    }
}
