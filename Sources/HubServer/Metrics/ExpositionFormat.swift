/// The two forms in which metrics are told.
package enum ExpositionFormat: Sendable, CaseIterable {
    /// Prometheus' own text, version 0.0.4: what whoever asks for nothing in particular gets.
    case text
    /// OpenMetrics 1.0.
    case openMetrics

    /// The content type of an answer.
    package var contentType: StaticString {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// What an Accept field asks for. OpenMetrics is given to whoever names it and does not like the other better;
    /// everybody else gets the text, since a scrape that fails over a field is of no use to anybody.
    package init(accept: String) {
        var openMetrics = 0.0
        var text = 0.0
        for range in accept.split(separator: ",", maxSplits: Self.rangesMax) {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let type = parts.first else { continue }
            let weight = Self.weight(parts)
            switch type {
            case "application/openmetrics-text":
                let version = parts.first { $0.hasPrefix("version=") }
                if version == nil || version == "version=1.0.0" { openMetrics = max(openMetrics, weight) }
            case "text/plain": text = max(text, weight)
            default: continue
            }
        }
        self = openMetrics > 0 && openMetrics >= text ? .openMetrics : .text
    }

    /// More ranges than this are not looked at.
    private static let rangesMax = 32

    private static func weight(_ parts: [String]) -> Double {
        guard let weight = parts.first(where: { $0.hasPrefix("q=") }) else { return 1 }
        guard let value = Double(weight.dropFirst(2)), (0...1).contains(value) else { return 0 }
        return value
    }
}
