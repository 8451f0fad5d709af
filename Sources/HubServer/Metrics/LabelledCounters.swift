import Synchronization

/// Counters of one family whose labels are not known beforehand. One thread writes; it asks for a place once and
/// counts there without a lock. Beyond the family's bound all share the place `other`.
final class LabelledCounters: MetricSource {
    /// Where a series is counted.
    struct Place: Hashable, Sendable {
        fileprivate let index: Int
        /// The place of those that have none of their own.
        static let other = Place(index: 0)
    }

    private let family: MetricFamily
    private let cells: MetricCells
    /// By label values, in the order of places.
    private let known = Mutex<(places: [[String]: Int], labels: [[String]])>(([:], []))

    init(_ family: MetricFamily) {
        precondition(family.kind == .counter && !family.labels.isEmpty)
        self.family = family
        cells = MetricCells(count: family.seriesMax + 1)
    }

    /// The place for a series, for the writing thread to keep.
    func place(_ labels: [String]) -> Place {
        precondition(labels.count == family.labels.count)
        return known.withLock { known in
            if let index = known.places[labels] { return Place(index: index) }
            guard known.labels.count < family.seriesMax else { return .other }
            known.labels.append(labels)
            known.places[labels] = known.labels.count
            return Place(index: known.labels.count)
        }
    }

    @inline(__always) func add(_ place: Place, _ amount: UInt64 = 1) { cells.add(place.index, amount) }

    func contribute(to reading: inout MetricReading) {
        let labels = known.withLock { $0.labels }
        for (index, labels) in labels.enumerated() { reading.add(family, labels, Double(cells[index + 1])) }
        let rest = cells[0]
        if rest > 0 { reading.add(family, family.labels.map { _ in MetricFamily.other }, Double(rest)) }
    }
}
