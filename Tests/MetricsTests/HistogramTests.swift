import Testing

@testable import HubServer

/// What is observed is counted where it belongs, and told exactly at the bounds that are told.
@Suite struct HistogramTests {
    static let scales: [HistogramScale] = [.durations, .shortDurations, .bytes, .amounts]

    @Test("parts follow each other without a gap, and each is at most an eighth as wide as where it begins")
    func parts() {
        for part in 0..<HistogramGrid.parts {
            let start = HistogramGrid.start(ofPart: part)
            let next = HistogramGrid.start(ofPart: part + 1)
            #expect(next > start)
            #expect(HistogramGrid.part(of: start) == part)
            #expect(HistogramGrid.part(of: next - 1) == part)
            #expect(next - start == 1 || (next - start) * 8 <= start)
        }
        #expect(HistogramGrid.part(of: .max) == HistogramGrid.parts - 1)
    }

    @Test("a value at a bound counts as not beyond it, and the next one as beyond", arguments: scales)
    func bounds(scale: HistogramScale) {
        for (index, bound) in scale.bounds.enumerated() {
            let histogram = Histogram(.histogram("test_values", scale, "For tests."))
            histogram.observe(bound - 1)
            histogram.observe(bound)
            histogram.observe(bound + 1)
            let cumulative = histogram.snapshot.cumulative
            #expect(cumulative[index] == 2)
            // The value below may lie below the bound before, if the two are neighbours.
            if index > 0 { #expect(cumulative[index - 1] == (scale.bounds[index - 1] == bound - 1 ? 1 : 0)) }
            #expect(histogram.snapshot.count == 3)
            #expect(histogram.snapshot.sum == bound * 3)
        }
    }

    @Test("told bounds are the numbers that people write") func told() {
        let texts = HistogramScale.durations.bounds.map { HistogramScale.durations.told($0).description }
        #expect(texts.first == "5e-05")
        #expect(texts.contains("0.00025"))
        #expect(texts.contains("0.1"))
        #expect(texts.last == "60.0")
        #expect(texts.allSatisfy { $0.count <= 8 })
        #expect(HistogramScale.bytes.bounds.first == 64)
        #expect(HistogramScale.bytes.bounds.last == 64 << 20)
    }

    @Test("a quantile is off by no more than an eighth", arguments: [0.0, 0.1, 0.5, 0.9, 0.99, 0.999, 1])
    func quantiles(share: Double) throws {
        let histogram = Histogram(.histogram("test_values", .durations, "For tests."))
        let values = (1...10_000).map { UInt64($0 * $0) * 1000 }
        for value in values { histogram.observe(value) }
        let told = try #require(histogram.snapshot.quantile(share)) * 1e9
        let exact = Double(values[max(0, Int((share * Double(values.count)).rounded(.up)) - 1)])
        #expect(abs(told - exact) <= exact / 8)
    }

    @Test("of nothing there is no quantile") func nothing() {
        #expect(Histogram(.histogram("test_values", .bytes, "For tests.")).snapshot.quantile(0.5) == nil)
    }

    @Test("shards add up") func shards() {
        let left = Histogram(.histogram("test_values", .amounts, "For tests."))
        let right = Histogram(.histogram("test_values", .amounts, "For tests."))
        left.observe(3)
        right.observe(3)
        right.observe(UInt64.max)
        var sum = left.snapshot
        sum.add(right.snapshot)
        #expect(sum.count == 3)
        #expect(sum.cumulative.last == 2)
    }
}
