import HubBytes

/// Reads one line of metrics.
struct MetricsLine {
    private var position: Int
    private let end: Int
    private let line: Int
    private let labelsMax: Int

    /// Longer numbers mean nothing more.
    private static let numberBytesMax = 64

    init(range: Range<Int>, line: Int, labelsMax: Int) {
        position = range.lowerBound
        end = range.upperBound
        self.line = line
        self.labelsMax = labelsMax
    }

    /// The sample in the line; nil if it is empty or a comment.
    mutating func sample(_ bytes: RawSpan) throws(MetricsTextFault) -> MetricsText.Sample? {
        skipBlanks(bytes)
        guard position < end, peek(bytes) != UInt8(ascii: "#") else { return nil }
        let name = try name(bytes, .badName, allowsColon: true)
        skipBlanks(bytes)
        let labels = peek(bytes) == UInt8(ascii: "{") ? try labels(bytes) : [:]
        skipBlanks(bytes)
        guard let value = Self.number(word(bytes)) else { throw fault(.badValue) }
        skipBlanks(bytes)
        // A time may follow, and in OpenMetrics an exemplar; neither is of use here.
        if position < end, peek(bytes) != UInt8(ascii: "#"), Self.number(word(bytes)) == nil {
            throw fault(.badTime)
        }
        skipBlanks(bytes)
        guard position == end || peek(bytes) == UInt8(ascii: "#") else { throw fault(.badTime) }
        return MetricsText.Sample(name: name, labels: labels, value: value)
    }

    private func fault(_ reason: MetricsTextFault.Reason) -> MetricsTextFault {
        MetricsTextFault(reason, line: line)
    }

    /// The next byte; 0, which has no place in a line, at its end.
    private func peek(_ bytes: RawSpan) -> UInt8 { position < end ? bytes.load(position, as: UInt8.self) : 0 }

    private mutating func skipBlanks(_ bytes: RawSpan) {
        while peek(bytes) == UInt8(ascii: " ") || peek(bytes) == UInt8(ascii: "\t") { position += 1 }
    }

    private mutating func name(
        _ bytes: RawSpan, _ reason: MetricsTextFault.Reason, allowsColon: Bool
    ) throws(MetricsTextFault) -> String {
        let start = position
        while true {
            let byte = peek(bytes)
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            let isColon = allowsColon && byte == UInt8(ascii: ":")
            guard isLetter || byte == UInt8(ascii: "_") || isColon || isDigit && position > start else {
                break
            }
            position += 1
        }
        guard position > start else { throw fault(reason) }
        return bytes.extracting(start..<position).text
    }

    private mutating func labels(_ bytes: RawSpan) throws(MetricsTextFault) -> [String: String] {
        var labels: [String: String] = [:]
        position += 1
        while true {
            skipBlanks(bytes)
            if peek(bytes) == UInt8(ascii: "}") { break }
            guard labels.count < labelsMax else { throw fault(.tooManyLabels) }
            let name = try name(bytes, .badLabel, allowsColon: false)
            skipBlanks(bytes)
            try expect(UInt8(ascii: "="), bytes)
            skipBlanks(bytes)
            try expect(UInt8(ascii: "\""), bytes)
            let value = try quoted(bytes)
            guard labels.updateValue(value, forKey: name) == nil else { throw fault(.repeatedLabel) }
            skipBlanks(bytes)
            if peek(bytes) == UInt8(ascii: "}") { break }
            try expect(UInt8(ascii: ","), bytes)
        }
        position += 1
        return labels
    }

    private mutating func expect(_ byte: UInt8, _ bytes: RawSpan) throws(MetricsTextFault) {
        guard peek(bytes) == byte else { throw fault(.badLabel) }
        position += 1
    }

    /// Text up to the quotation mark that ends it.
    private mutating func quoted(_ bytes: RawSpan) throws(MetricsTextFault) -> String {
        var text: [UInt8] = []
        while position < end {
            let byte = peek(bytes)
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: text, as: UTF8.self) else { throw fault(.notUTF8) }
                return text
            case UInt8(ascii: "\\"):
                switch peek(bytes) {
                case UInt8(ascii: "n"): text.append(UInt8(ascii: "\n"))
                case UInt8(ascii: "\\"), UInt8(ascii: "\""): text.append(peek(bytes))
                default: throw fault(.badEscape)
                }
                position += 1
            default: text.append(byte)
            }
        }
        throw fault(.badLabel)
    }

    private mutating func word(_ bytes: RawSpan) -> String {
        let start = position
        while position < end, peek(bytes) != UInt8(ascii: " "), peek(bytes) != UInt8(ascii: "\t") {
            position += 1
        }
        return position - start <= Self.numberBytesMax ? bytes.extracting(start..<position).text : ""
    }

    /// A number as it is written in metrics. Hexadecimal ones, which the standard library takes, are none of them.
    private static func number(_ text: String) -> Double? {
        switch text.lowercased() {
        case "+inf", "inf", "+infinity", "infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        case "nan": return .nan
        default:
            let allowed = text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || "+-.eE".utf8.contains($0)
            }
            return allowed ? Double(text) : nil
        }
    }
}
