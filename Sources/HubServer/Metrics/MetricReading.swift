/// Something that has values of metrics. Asked by the thread that answers a scrape.
package protocol MetricSource: Sendable {
    /// Adds its values.
    func contribute(to reading: inout MetricReading)
}

/// The values of all metrics, put together from what sources say: shards of one series are added up.
package struct MetricReading {
    /// The value of one series.
    enum Value {
        case number(Double)
        case histogram(HistogramSnapshot)
    }

    private var values: [MetricFamily: [[String]: Value]] = [:]
    /// Series that were added up under `other`, since their family had as many as it may.
    private(set) var foldedSeries = 0

    /// Nothing yet.
    package init() {}

    /// Adds a value of a series.
    package mutating func add(_ family: MetricFamily, _ labels: [String], _ number: Double) {
        if case .histogram = family.kind { preconditionFailure("\(family.name) is a histogram") }
        merge(family, labels, .number(number))
    }

    /// Adds a value of a series.
    package mutating func add(_ family: MetricFamily, _ labels: [String], _ number: Int) {
        add(family, labels, Double(number))
    }

    /// Adds a value of a family without labels.
    package mutating func add(_ family: MetricFamily, _ number: Double) { add(family, [], number) }

    /// Adds a value of a family without labels.
    package mutating func add(_ family: MetricFamily, _ number: Int) { add(family, [], Double(number)) }

    mutating func add(_ family: MetricFamily, _ labels: [String], _ histogram: HistogramSnapshot) {
        precondition(family.kind == .histogram(histogram.scale))
        merge(family, labels, .histogram(histogram))
    }

    private mutating func merge(_ family: MetricFamily, _ labels: [String], _ value: Value) {
        precondition(labels.count == family.labels.count, "\(family.name) has other labels")
        var key = labels
        var ofFamily = values[family, default: [:]]
        let isOther = labels.allSatisfy { $0 == MetricFamily.other } && !labels.isEmpty
        if ofFamily[key] == nil, ofFamily.count >= family.seriesMax, !isOther {
            key = labels.map { _ in MetricFamily.other }
            foldedSeries += 1
        }
        ofFamily[key] = Self.merged(ofFamily[key], value, family.kind)
        values[family] = ofFamily
    }

    private static func merged(_ known: Value?, _ new: Value, _ kind: MetricFamily.Kind) -> Value {
        switch (known, new) {
        case (.number(let old), .number(let new)): .number(kind == .largest ? max(old, new) : old + new)
        case (.histogram(var old), .histogram(let new)):
            {
                old.add(new)
                return .histogram(old)
            }()
        case (nil, let new): new
        default: preconditionFailure("a series is a number or a histogram")
        }
    }

    /// Families that have values, by name.
    var families: [MetricFamily] { values.keys.sorted { $0.name < $1.name } }

    /// The series of a family, in the order of their labels.
    func series(_ family: MetricFamily) -> [(labels: [String], value: Value)] {
        let known = values[family] ?? [:]
        return known.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value) }
    }

    /// The number of a series; nil if nobody told one.
    package func number(_ family: MetricFamily, _ labels: [String] = []) -> Double? {
        if case .number(let number) = values[family]?[labels] { return number }
        return nil
    }

    /// What share of a histogram's values does not exceed what is returned; nil if nothing was observed.
    package func quantile(_ family: MetricFamily, _ share: Double, _ labels: [String] = []) -> Double? {
        if case .histogram(let snapshot) = values[family]?[labels] { return snapshot.quantile(share) }
        return nil
    }
}
