import Foundation
import HubBytes
import HubProtocols
import Testing

@testable import HubServer

/// What is declared, what the hub tells, what the page for operators says, and what alerts and dashboard ask for are
/// the same.
@Suite struct DeclarationTests {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func file(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test(
        "names are the habits of the field: unique, in base units, with a sentence",
        arguments: MetricFamily.all)
    func names(family: MetricFamily) {
        #expect(MetricFamily.all.count { $0.queryName == family.queryName } == 1)
        #expect(family.name.hasPrefix("agenthub_") || family.name.hasPrefix("process_"))
        #expect(family.help.hasSuffix(".") && !family.help.contains("\n"))
        for unit in ["milliseconds", "microseconds", "ms", "kilobytes", "mb", "percent"] {
            #expect(!family.name.hasSuffix("_" + unit))
        }
        // What a histogram appends may not make another family's name.
        let samples = Set(family.sampleNames)
        for other in MetricFamily.all where other != family {
            #expect(samples.isDisjoint(with: other.sampleNames))
        }
        if case .histogram(let scale) = family.kind, scale == .durations || scale == .shortDurations {
            #expect(family.unit == "seconds")
        }
    }

    /// Names of metrics in a text, wherever they stand.
    private static func names(in text: String) -> Set<String> {
        Set(text.matches(of: /\b(?:agenthub|process)_[a-z0-9_]+/).map { String($0.output) })
    }

    @Test(
        "alerts and dashboard ask for nothing that is not declared",
        arguments: ["config/prometheus-alerts.yml", "config/grafana-dashboard.json"])
    func configuration(path: String) throws {
        let lines = try Self.file(path).split(separator: "\n")
        let isProse = { (line: Substring) in line.contains(#/^ *(summary|reason|action): /#) }
        let asked = Self.names(in: lines.filter { !isProse($0) }.joined(separator: "\n"))
        #expect(asked.count > 15)
        let declared = Set(MetricFamily.all.flatMap(\.sampleNames))
        #expect(asked.subtracting(declared).sorted() == [])
        // In a sentence a histogram is one thing.
        let told = Self.names(in: lines.filter(isProse).joined(separator: "\n"))
        #expect(told.subtracting(MetricFamily.all.map(\.queryName)).sorted() == [])
    }

    @Test("alerts and dashboard use labels that their metrics have") func labels() throws {
        let known = Set(MetricFamily.all.flatMap(\.labels) + ["instance", "job", "le"])
        let text = try Self.file("config/prometheus-alerts.yml") + Self.file("config/grafana-dashboard.json")
        let used = text.matches(of: /sum by \(([^)]*)\)|\$labels\.([a-z_]+)|\{\{([a-z_]+)\}\}/).flatMap {
            match in
            let word = match.1 ?? match.2 ?? match.3 ?? ""
            return word.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        #expect(used.count > 40)
        #expect(Set(used).subtracting(known) == [])
    }

    @Test("each alert has an expression, a severity, a reason and what to do") func alerts() throws {
        let text = try Self.file("config/prometheus-alerts.yml")
        let rules = text.components(separatedBy: "      - alert: ").dropFirst()
        #expect(rules.count >= 15)
        for rule in rules {
            for part in ["expr: ", "labels: {severity: ", "summary: \"", "reason: \"", "action: \""] {
                #expect(rule.components(separatedBy: part).count == 2, "\(rule.prefix(40)) \(part)")
            }
        }
        #expect(Set(rules.map { $0.prefix { $0 != "\n" } }).count == rules.count)
    }

    @Test("the dashboard is JSON, and each panel has a title, a place of its own and a question")
    func dashboard() throws {
        let data = Data(try Self.file("config/grafana-dashboard.json").utf8)
        let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(object["panels"] as? [[String: Any]])
        #expect(panels.count > 20)
        var taken: Set<[Int]> = []
        for panel in panels {
            #expect((panel["title"] as? String)?.isEmpty == false)
            let targets = try #require(panel["targets"] as? [[String: Any]])
            #expect(targets.allSatisfy { ($0["expr"] as? String)?.isEmpty == false })
            let place = try #require(panel["gridPos"] as? [String: Int])
            for x in 0..<(place["w"] ?? 0) {
                for y in 0..<(place["h"] ?? 0) {
                    #expect(taken.insert([(place["x"] ?? 0) + x, (place["y"] ?? 0) + y]).inserted)
                }
            }
        }
        #expect(taken.allSatisfy { $0[0] < 24 })
    }

    // MARK: The page for operators

    private static let begin =
        "<!-- The table is made from the declarations; DeclarationTests compares it. -->\n"
    private static let end = "<!-- End of the table. -->"

    private static func table() -> String {
        var text = "| metric | kind | labels | meaning |\n|---|---|---|---|\n"
        for family in MetricFamily.all {
            let labels = family.labels.map { "`\($0)`" }.joined(separator: ", ")
            text += "| `\(family.queryName)` | \(family.typeWord) | \(labels) | \(family.help) |\n"
        }
        return text
    }

    /// With AGENTHUB_UPDATE_TABLES set, the table is written into the page instead.
    @Test("docs/operations.md has every metric as it is declared") func page() throws {
        let path = "docs/operations.md"
        let text = try Self.file(path)
        let parts = text.components(separatedBy: Self.begin)
        let front = try #require(parts.first)
        let rest = try #require(parts.count == 2 ? parts[1].range(of: Self.end) : nil)
        let back = String(parts[1][rest.lowerBound...])
        if ProcessInfo.processInfo.environment["AGENTHUB_UPDATE_TABLES"] != nil {
            try (front + Self.begin + Self.table() + back)
                .write(to: Self.root.appendingPathComponent(path), atomically: true, encoding: .utf8)
            return
        }
        #expect(String(parts[1][..<rest.lowerBound]) == Self.table())
    }

    @Test("docs/operations.md names every alert") func alertsOnThePage() throws {
        let page = try Self.file("docs/operations.md")
        let alerts = try Self.file("config/prometheus-alerts.yml").matches(of: /- alert: (\w+)/).map {
            String($0.1)
        }
        for alert in alerts { #expect(page.contains("`\(alert)`"), "\(alert)") }
    }
}
