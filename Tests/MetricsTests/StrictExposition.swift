/// Reads the text that a scrape gets and accepts nothing that the formats do not allow, though many readers do.
struct StrictExposition {
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    struct Family {
        var type = ""
        var help = ""
        var unit: String?
        var samples: [(name: String, labels: [(String, String)], value: Double)] = []
    }

    private(set) var families: [String: Family] = [:]
    private var current = ""
    private let isOpenMetrics: Bool

    init(_ text: String, openMetrics: Bool) throws {
        isOpenMetrics = openMetrics
        guard text.hasSuffix("\n") else { throw Fault(description: "no line end behind the last line") }
        var lines = text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if openMetrics, lines.popLast() != "# EOF" { throw Fault(description: "no EOF") }
        for line in lines { try read(line) }
        for (name, family) in families { try check(name, family) }
    }

    private mutating func read(_ line: String) throws {
        let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(
            String.init)
        guard words.first == "#" else { return try readSample(line) }
        guard words.count == 4 else { throw Fault(description: "a comment: \(line)") }
        switch words[1] {
        case "HELP":
            guard families[words[2]] == nil, !words[3].isEmpty else {
                throw Fault(description: "repeated: \(line)")
            }
            current = words[2]
            families[current, default: Family()].help = try Self.unescaped(words[3], quotes: isOpenMetrics)
        case "TYPE":
            guard words[2] == current, families[current]?.type == "" else {
                throw Fault(description: "lost: \(line)")
            }
            guard ["counter", "gauge", "histogram"].contains(words[3]) else { throw Fault(description: line) }
            families[current]?.type = words[3]
        case "UNIT" where isOpenMetrics:
            guard words[2] == current, current.hasSuffix("_" + words[3]) else {
                throw Fault(description: line)
            }
            families[current]?.unit = words[3]
        default: throw Fault(description: "a comment: \(line)")
        }
    }

    private mutating func readSample(_ line: String) throws {
        guard let space = line.lastIndex(of: " ") else { throw Fault(description: "no value: \(line)") }
        let word = String(line[line.index(after: space)...])
        let value: Double? = word == "+Inf" ? .infinity : word == "NaN" ? .nan : Double(word)
        guard let value else { throw Fault(description: "no number: \(line)") }
        let series = line[..<space]
        let brace = series.firstIndex(of: "{") ?? series.endIndex
        let name = String(series[..<brace])
        guard name.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) != nil else {
            throw Fault(description: "name: \(line)")
        }
        guard let family = families[current], allowed(family).contains(name) else {
            throw Fault(description: "not of \(current): \(line)")
        }
        let labels = brace == series.endIndex ? [] : try Self.labels(String(series[brace...]))
        let isKnown = family.samples.contains { sample in
            sample.name == name && sample.labels.elementsEqual(labels) { $0 == $1 }
        }
        guard !isKnown else { throw Fault(description: "repeated: \(line)") }
        families[current]?.samples.append((name, labels, value))
    }

    private func allowed(_ family: Family) -> [String] {
        switch family.type {
        case "histogram": ["_bucket", "_sum", "_count"].map { current + $0 }
        case "counter" where isOpenMetrics: [current + "_total"]
        default: [current]
        }
    }

    private static func labels(_ text: String) throws -> [(String, String)] {
        var rest = text.dropFirst()
        var labels: [(String, String)] = []
        while !rest.hasPrefix("}") {
            guard
                let match = rest.prefixMatch(
                    of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[n"\\])*)"(,(?!})|(?=}))/)
            else { throw Fault(description: "labels: \(text)") }
            let name = String(match.1)
            guard !labels.contains(where: { $0.0 == name }) else {
                throw Fault(description: "repeated label: \(text)")
            }
            labels.append((name, try unescaped(String(match.2), quotes: true)))
            rest = rest[match.range.upperBound...]
        }
        guard rest == "}" else { throw Fault(description: "behind the labels: \(text)") }
        return labels
    }

    private static func unescaped(_ text: String, quotes: Bool) throws -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                switch character {
                case "n": result += "\n"
                case "\\": result += "\\"
                case "\"" where quotes: result += "\""
                default: throw Fault(description: "escape: \(text)")
                }
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        if isEscaped { throw Fault(description: "escape: \(text)") }
        return result
    }

    private func check(_ name: String, _ family: Family) throws {
        guard !family.type.isEmpty else { throw Fault(description: "\(name) has no type") }
        if family.type == "counter" {
            guard family.samples.allSatisfy({ $0.value >= 0 && $0.name.hasSuffix("_total") }) else {
                throw Fault(description: "\(name) is no counter")
            }
        }
        guard family.type == "histogram" else { return }
        for sum in family.samples where sum.name == name + "_sum" {
            let buckets = family.samples.filter { sample in
                sample.name == name + "_bucket"
                    && sample.labels.filter { $0.0 != "le" }.elementsEqual(sum.labels) { $0 == $1 }
            }
            let ends = try buckets.map { bucket -> Double in
                guard let end = bucket.labels.last, end.0 == "le" else {
                    throw Fault(description: "\(name): no le")
                }
                guard let value = end.1 == "+Inf" ? .infinity : Double(end.1) else {
                    throw Fault(description: "\(name): le \(end.1)")
                }
                return value
            }
            let count = family.samples.first { sample in
                sample.name == name + "_count" && sample.labels.elementsEqual(sum.labels) { $0 == $1 }
            }
            guard zip(ends, ends.dropFirst()).allSatisfy(<), ends.last == .infinity,
                zip(buckets, buckets.dropFirst()).allSatisfy({ $0.value <= $1.value }),
                let count, count.value == buckets.last?.value
            else { throw Fault(description: "\(name)'s buckets do not fit together") }
        }
    }

    /// The value of a series.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        for family in families.values {
            for sample in family.samples where sample.name == name {
                let own = Dictionary(sample.labels, uniquingKeysWith: { first, _ in first })
                if own == labels { return sample.value }
            }
        }
        return nil
    }
}
