/// Counters and gauges that one thread writes: cells in a row, each with the series that it is of.
final class MetricShard: MetricSource {
    /// Where what is counted goes, decided before the shard is made.
    struct Plan {
        fileprivate struct Series {
            let family: MetricFamily
            let labels: [String]
            /// Whether it is not told of before anything was counted.
            let isHiddenAtZero: Bool
        }

        fileprivate var series: [Series?] = []

        init() {}

        /// One cell for a family without labels; says which.
        mutating func cell(_ family: MetricFamily, _ labels: String...) -> Int {
            precondition(labels.count == family.labels.count)
            series.append(Series(family: family, labels: labels, isHiddenAtZero: false))
            return series.count - 1
        }

        /// A cell for each value of a family's one label, in order; says which is the first.
        mutating func cells(_ family: MetricFamily, _ values: [String]) -> Int {
            let first = series.count
            for value in values { _ = cell(family, value) }
            return first
        }

        /// Cells for values that are numbered with gaps; says which would be that of 0.
        mutating func cells(
            _ family: MetricFamily, count: Int, hidesZeros: Bool = false, _ values: [Int: String]
        ) -> Int {
            let first = series.count
            for number in 0..<count {
                series.append(
                    values[number].map { Series(family: family, labels: [$0], isHiddenAtZero: hidesZeros) })
            }
            return first
        }
    }

    let cells: MetricCells
    private let plan: Plan

    init(_ plan: Plan) {
        self.plan = plan
        cells = MetricCells(count: plan.series.count)
    }

    func contribute(to reading: inout MetricReading) {
        for (index, series) in plan.series.enumerated() {
            guard let series else { continue }
            let value = cells[index]
            if value > 0 || !series.isHiddenAtZero {
                reading.add(series.family, series.labels, Double(value))
            }
        }
    }
}
