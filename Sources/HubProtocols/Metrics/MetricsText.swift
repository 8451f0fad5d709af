import HubBytes

/// Metrics as somebody told them, in Prometheus' text format 0.0.4 or OpenMetrics: the samples, without what
/// comments say of them.
package struct MetricsText: Sendable, Equatable {
    /// One value of one series.
    package struct Sample: Sendable, Equatable {
        /// The name, with what its kind appended.
        package let name: String
        /// Label names with their values.
        package let labels: [String: String]
        /// The value.
        package let value: Double
    }

    /// How much is read.
    package struct Limits: Sendable {
        /// Bytes in all.
        package var bytesMax = 16 << 20
        /// Bytes of a line, without its end.
        package var lineBytesMax = 64 << 10
        /// Samples.
        package var samplesMax = 100_000
        /// Labels of a sample.
        package var labelsMax = 32

        /// More than a hub tells.
        package init() {}
    }

    private let samples: [String: [Sample]]

    /// The number of samples.
    package let count: Int

    /// Reads text.
    package init(_ bytes: RawSpan, _ limits: Limits = Limits()) throws(MetricsTextFault) {
        guard bytes.byteCount <= limits.bytesMax else { throw MetricsTextFault(.tooLong, line: 0) }
        var samples: [String: [Sample]] = [:]
        var count = 0
        var line = 1
        var start = 0
        while start < bytes.byteCount {
            var end = start
            while end < bytes.byteCount, bytes.load(end, as: UInt8.self) != UInt8(ascii: "\n") { end += 1 }
            guard end - start <= limits.lineBytesMax else { throw MetricsTextFault(.lineTooLong, line: line) }
            var reader = MetricsLine(range: start..<end, line: line, labelsMax: limits.labelsMax)
            if let sample = try reader.sample(bytes) {
                guard count < limits.samplesMax else { throw MetricsTextFault(.tooManySamples, line: line) }
                samples[sample.name, default: []].append(sample)
                count += 1
            }
            line += 1
            start = end + 1
        }
        self.samples = samples
        self.count = count
    }

    /// All samples of a name, in the order in which they came.
    package func samples(_ name: String) -> [Sample] { samples[name] ?? [] }

    /// The value of a series; nil if there is none with exactly these labels.
    package func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples[name]?.first { $0.labels == labels }?.value
    }

    /// The sum of all series of a name; nil if there is none.
    package func sum(_ name: String) -> Double? { samples[name].map { $0.reduce(0) { $0 + $1.value } } }
}

/// Why text is no metrics.
package struct MetricsTextFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package enum Reason: String, Sendable, CaseIterable {
        case tooLong = "the text is longer than is read"
        case lineTooLong = "the line is longer than is read"
        case tooManySamples = "there are more samples than are read"
        case tooManyLabels = "the sample has more labels than are read"
        case badName = "a name of letters, digits, colons and underscores should begin the line"
        case badLabel = "a label is written as name=\"value\", with a comma before the next one"
        case repeatedLabel = "the label is there already"
        case badEscape = "a backslash is followed by something other than n, a backslash or a quotation mark"
        case notUTF8 = "a label's value is not UTF-8"
        case badValue = "the value is no number"
        case badTime = "the time behind the value is no number"
    }

    /// What is wrong.
    package let reason: Reason
    /// In which line, counted from 1; 0 for the whole.
    package let line: Int

    init(_ reason: Reason, line: Int) {
        self.reason = reason
        self.line = line
    }

    /// The line and what is wrong with it.
    package var description: String { line == 0 ? reason.rawValue : "line \(line): \(reason.rawValue)" }
}
