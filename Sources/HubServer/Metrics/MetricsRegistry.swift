package import HubBytes
import Synchronization

/// All that has metrics to tell.
package final class MetricsRegistry: Sendable {
    private let sources = Mutex<[any MetricSource]>([])

    /// Nothing yet.
    package init() {}

    /// Has a source asked from now on.
    package func add(_ source: any MetricSource) { sources.withLock { $0.append(source) } }

    /// The values of all metrics now.
    package func read() -> MetricReading {
        // Outside of the lock: a source may take its time, and others come in meanwhile.
        let sources = sources.withLock { $0 }
        var reading = MetricReading()
        for source in sources { source.contribute(to: &reading) }
        reading.add(MetricFamily.foldedSeries, reading.foldedSeries)
        return reading
    }

    /// Writes the values of all metrics now.
    package func write(as format: ExpositionFormat, to buffer: inout ByteBuffer) {
        MetricsWriter.write(read(), as: format, to: &buffer)
    }
}
