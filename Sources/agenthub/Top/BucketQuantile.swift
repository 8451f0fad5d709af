import HubProtocols

/// Quantiles of what was observed between two looks at a histogram.
struct BucketQuantile {
    /// Where each bucket ends, and how many values are in it and those before.
    private let buckets: [(end: Double, count: Double)]

    /// The buckets of a histogram without labels, less what they had before; with nothing before, since the beginning.
    init(_ name: String, now: MetricsText, before: MetricsText?) {
        let old = before.map { Self.counts(name, $0) } ?? [:]
        let new = Self.counts(name, now)
        // A histogram that has less than before was begun anew.
        let isNew = new.contains { $0.value < old[$0.key, default: 0] }
        buckets = new.sorted { $0.key < $1.key }.map {
            ($0.key, $0.value - (isNew ? 0 : old[$0.key, default: 0]))
        }
    }

    private static func counts(_ name: String, _ text: MetricsText) -> [Double: Double] {
        var counts: [Double: Double] = [:]
        for sample in text.samples(name + "_bucket") {
            guard let end = sample.labels["le"], sample.labels.count == 1 else { continue }
            guard let bound = end == "+Inf" ? .infinity : Double(end), !bound.isNaN else { continue }
            counts[bound] = sample.value
        }
        return counts
    }

    /// How many values there are.
    var count: Double { buckets.last?.count ?? 0 }

    /// The value that a share of all do not exceed, as if values lay evenly in their bucket; the end of the last but
    /// one bucket for those beyond it, nil if there are no values.
    func value(_ share: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = share * count
        var start = 0.0
        var before = 0.0
        for bucket in buckets {
            if bucket.count >= rank, bucket.count > before {
                guard bucket.end.isFinite else { return start }
                return start + (bucket.end - start) * (rank - before) / (bucket.count - before)
            }
            (start, before) = (bucket.end, bucket.count)
        }
        return nil
    }
}
