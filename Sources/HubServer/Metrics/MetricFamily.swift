/// What a metric is called and what it means. Every family is declared once, in `Declarations`; the page for
/// operators, the dashboard and the alerts are compared with the declarations by tests.
package struct MetricFamily: Hashable, Sendable {
    /// What kind of values it has.
    package enum Kind: Hashable, Sendable {
        /// Only grows while the process lives.
        case counter
        /// Goes up and down; what several shards say is added.
        case gauge
        /// Goes up and down; of what several shards say the largest is told.
        case largest
        /// How values were distributed.
        case histogram(HistogramScale)
    }

    /// The name without what its kind appends.
    package let name: String
    /// What kind of values it has.
    package let kind: Kind
    /// What it means, in a sentence without a line end.
    package let help: String
    /// The names of its labels.
    package let labels: [String]
    /// Series that it has at most; those beyond are added up in one whose labels say `other`.
    package let seriesMax: Int

    /// What labels say of series that were added up.
    package static let other = "other"
    /// More series than this make a scrape slow and a graph unreadable.
    private static let usualSeriesMax = 256

    private init(_ name: String, _ kind: Kind, _ help: String, _ labels: [String], _ seriesMax: Int) {
        precondition(Self.isName(name) && labels.allSatisfy(Self.isName) && !labels.contains("le"))
        precondition(!name.hasSuffix("_total") && seriesMax > 0)
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        self.seriesMax = seriesMax
    }

    /// Declares a counter; `_total` is appended to its name.
    static func counter(
        _ name: String, labels: [String] = [], seriesMax: Int = usualSeriesMax, _ help: String
    ) -> MetricFamily {
        MetricFamily(name, .counter, help, labels, seriesMax)
    }

    /// Declares a gauge.
    static func gauge(
        _ name: String, labels: [String] = [], seriesMax: Int = usualSeriesMax, _ help: String
    ) -> MetricFamily {
        MetricFamily(name, .gauge, help, labels, seriesMax)
    }

    /// Declares a gauge of which the largest value counts.
    static func largest(_ name: String, _ help: String) -> MetricFamily {
        MetricFamily(name, .largest, help, [], usualSeriesMax)
    }

    /// Declares a histogram.
    static func histogram(
        _ name: String, _ scale: HistogramScale, labels: [String] = [], _ help: String
    ) -> MetricFamily {
        MetricFamily(name, .histogram(scale), help, labels, usualSeriesMax)
    }

    /// The word for the kind in a TYPE line.
    package var typeWord: StaticString {
        switch kind {
        case .counter: "counter"
        case .gauge, .largest: "gauge"
        case .histogram: "histogram"
        }
    }

    /// The name as a query has it: that of the samples, and for a histogram what they have in common.
    package var queryName: String { kind == .counter ? name + "_total" : name }

    /// The names of all samples.
    package var sampleNames: [String] {
        if case .histogram = kind { return ["_bucket", "_sum", "_count"].map { name + $0 } }
        return [queryName]
    }

    /// The unit, if the name says one.
    package var unit: String? { ["seconds", "bytes"].first { name.hasSuffix("_" + $0) } }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
    }
}
