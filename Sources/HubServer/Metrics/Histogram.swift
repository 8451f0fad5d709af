/// How values were distributed: observed by one thread, read by any.
final class Histogram: MetricSource {
    private let family: MetricFamily
    private let scale: HistogramScale
    private let labels: [String]
    /// The splits of the grid, then its cells, then the sum.
    private let cells: MetricCells

    private static let firstCell = HistogramGrid.parts
    private static let sum = firstCell + HistogramGrid.cells

    init(_ family: MetricFamily, _ labels: [String] = []) {
        guard case .histogram(let scale) = family.kind else {
            preconditionFailure("\(family.name) is not declared as a histogram")
        }
        precondition(labels.count == family.labels.count)
        self.family = family
        self.scale = scale
        self.labels = labels
        cells = MetricCells(count: Self.sum + 1)
        // With the cells, and not in an array beside them: one object is at hand, not two.
        for (part, split) in HistogramGrid.splits(scale.bounds).enumerated() { cells.set(part, split) }
    }

    /// Counts a value. For the writing thread.
    @inline(__always) func observe(_ value: UInt64) {
        let part = HistogramGrid.part(of: value)
        let isBehindSplit = value > cells[part]
        cells.add(Self.firstCell &+ part &* 2 &+ (isBehindSplit ? 1 : 0))
        cells.add(Self.sum, value)
    }

    /// All that was counted, as of a moment ago.
    var snapshot: HistogramSnapshot {
        HistogramSnapshot(
            scale: scale, counts: (0..<HistogramGrid.cells).map { cells[Self.firstCell + $0] },
            sum: cells[Self.sum])
    }

    func contribute(to reading: inout MetricReading) { reading.add(family, labels, snapshot) }
}

/// What a histogram had counted at some moment.
struct HistogramSnapshot: Equatable, Sendable {
    let scale: HistogramScale
    private var counts: [UInt64]
    /// The sum of all values observed; told apart from the counts, it may be a moment older or newer.
    private(set) var sum: UInt64

    init(scale: HistogramScale, counts: [UInt64], sum: UInt64) {
        precondition(counts.count == HistogramGrid.cells)
        self.scale = scale
        self.counts = counts
        self.sum = sum
    }

    /// How many values were observed. Made from the cells, so that it never differs from the last bucket.
    var count: UInt64 { counts.reduce(0, &+) }

    /// Adds what another shard counted.
    mutating func add(_ other: HistogramSnapshot) {
        precondition(scale == other.scale)
        for index in counts.indices { counts[index] &+= other.counts[index] }
        sum &+= other.sum
    }

    /// For each bound of the scale how many values do not exceed it.
    var cumulative: [UInt64] {
        var result: [UInt64] = []
        var total: UInt64 = 0
        var cell = 0
        for bound in scale.bounds {
            // The part's first cell ends with the bound.
            let end = HistogramGrid.part(of: bound) * 2 + 1
            while cell < end {
                total &+= counts[cell]
                cell += 1
            }
            result.append(total)
        }
        return result
    }

    /// The value that a share of all do not exceed, to within an eighth; nil if nothing was observed.
    func quantile(_ share: Double) -> Double? {
        let total = count
        guard total > 0 else { return nil }
        let rank = min(max(share, 0), 1) * Double(total)
        let splits = HistogramGrid.splits(scale.bounds)
        var before: UInt64 = 0
        for (cell, inCell) in counts.enumerated() where inCell > 0 {
            guard Double(before + inCell) >= rank else {
                before += inCell
                continue
            }
            let part = cell / 2
            let end = HistogramGrid.start(ofPart: part + 1)
            let split = min(splits[part], end)
            let range =
                cell.isMultiple(of: 2)
                ? (HistogramGrid.start(ofPart: part), split) : (split, end)
            let within = max(0, rank - Double(before)) / Double(inCell)
            return (Double(range.0) + within * Double(range.1 - range.0)) * scale.factor
        }
        return nil
    }
}
