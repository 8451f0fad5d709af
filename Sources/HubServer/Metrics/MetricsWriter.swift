import HubBytes

/// Writes the values of metrics as text.
struct MetricsWriter: ~Copyable {
    private let format: ExpositionFormat
    private var buffer: ByteBuffer

    /// Writes all of a reading behind what a buffer holds.
    static func write(_ reading: MetricReading, as format: ExpositionFormat, to buffer: inout ByteBuffer) {
        var writer = MetricsWriter(format: format, buffer: ByteBuffer(capacity: 1 << 16))
        for family in reading.families { writer.write(family, reading) }
        if format == .openMetrics { writer.buffer.append("# EOF\n") }
        buffer.append(contentsOf: writer.buffer)
    }

    private init(format: ExpositionFormat, buffer: consuming ByteBuffer) {
        self.format = format
        self.buffer = buffer
    }

    private mutating func write(_ family: MetricFamily, _ reading: MetricReading) {
        let title = format == .openMetrics ? family.name : family.queryName
        buffer.append("# HELP ")
        buffer.append(utf8: title)
        buffer.append(" ")
        appendEscaped(family.help, quotes: format == .openMetrics)
        buffer.append("\n# TYPE ")
        buffer.append(utf8: title)
        buffer.append(" ")
        buffer.append(family.typeWord)
        buffer.append("\n")
        if format == .openMetrics, let unit = family.unit {
            buffer.append(utf8: "# UNIT \(title) \(unit)\n")
        }
        for series in reading.series(family) {
            switch series.value {
            case .number(let number): sample(family.queryName, family.labels, series.labels, number)
            case .histogram(let snapshot): write(snapshot, family, series.labels)
            }
        }
    }

    private mutating func write(_ snapshot: HistogramSnapshot, _ family: MetricFamily, _ labels: [String]) {
        let names = family.labels + ["le"]
        for (bound, count) in zip(snapshot.scale.bounds, snapshot.cumulative) {
            let end = snapshot.scale.told(bound).description
            sample(family.name + "_bucket", names, labels + [end], Double(count))
        }
        let count = Double(snapshot.count)
        sample(family.name + "_bucket", names, labels + ["+Inf"], count)
        let sum = Double(snapshot.sum) * snapshot.scale.factor
        sample(family.name + "_sum", family.labels, labels, sum)
        sample(family.name + "_count", family.labels, labels, count)
    }

    private mutating func sample(_ name: String, _ labels: [String], _ values: [String], _ number: Double) {
        buffer.append(utf8: name)
        if !labels.isEmpty {
            for (index, label) in labels.enumerated() {
                buffer.append(index == 0 ? "{" as StaticString : ",")
                buffer.append(utf8: label)
                buffer.append("=\"")
                appendEscaped(values[index], quotes: true)
                buffer.append("\"")
            }
            buffer.append("}")
        }
        buffer.append(" ")
        append(number)
        buffer.append("\n")
    }

    private mutating func append(_ number: Double) {
        if number.isNaN {
            buffer.append("NaN")
        } else if number.isInfinite {
            buffer.append(number < 0 ? "-Inf" as StaticString : "+Inf")
        } else if let whole = Int64(exactly: number), abs(number) < 0x1p53 {
            buffer.append(utf8: String(whole))
        } else {
            buffer.append(utf8: number.description)
        }
    }

    /// Writes text in which a backslash and a line end are escaped, and a quotation mark where it would end a value.
    private mutating func appendEscaped(_ text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): buffer.append("\\\\")
            case UInt8(ascii: "\n"): buffer.append("\\n")
            case UInt8(ascii: "\"") where quotes: buffer.append("\\\"")
            default: buffer.append(byte)
            }
        }
    }
}
