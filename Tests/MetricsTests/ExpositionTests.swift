import HubBytes
import HubModel
import HubProtocols
import HubSystem
import Testing

@testable import HubConnection
@testable import HubServer

/// What a scrape gets is what was counted, in a form that the strictest reader takes.
@Suite struct ExpositionTests {
    static func text(_ registry: MetricsRegistry, _ format: ExpositionFormat) -> String {
        var buffer = ByteBuffer(capacity: 64)
        registry.write(as: format, to: &buffer)
        return buffer.bytes.text
    }

    private struct Awkward: MetricSource {
        static let texts = ["", "plain", "a \"quoted\" one", "back\\slash", "two\nlines", "naïve 🐝", "\\n"]
        let family = MetricFamily.gauge("test_awkward", labels: ["text"], "Says \"no\" \\ or\nyes.")
        let numbers = MetricFamily.gauge("test_numbers", labels: ["text"], "Numbers.")

        func contribute(to reading: inout MetricReading) {
            for (index, text) in Self.texts.enumerated() { reading.add(family, [text], index) }
            for (text, number) in [
                ("half", 0.5), ("big", 1e300), ("whole", 4_503_599_627_370_497), ("less", -3),
                ("inf", .infinity),
                ("nan", .nan),
            ] {
                reading.add(numbers, [text], number)
            }
        }
    }

    @Test(
        "labels, help and numbers of every kind survive being written and read",
        arguments: ExpositionFormat.allCases)
    func awkward(format: ExpositionFormat) throws {
        let registry = MetricsRegistry()
        registry.add(Awkward())
        let read = try StrictExposition(Self.text(registry, format), openMetrics: format == .openMetrics)
        for (index, text) in Awkward.texts.enumerated() {
            #expect(read.value("test_awkward", ["text": text]) == Double(index))
        }
        #expect(read.families["test_awkward"]?.help == "Says \"no\" \\ or\nyes.")
        #expect(read.value("test_numbers", ["text": "half"]) == 0.5)
        #expect(read.value("test_numbers", ["text": "big"]) == 1e300)
        #expect(read.value("test_numbers", ["text": "whole"]) == 4_503_599_627_370_497)
        #expect(read.value("test_numbers", ["text": "less"]) == -3)
        #expect(read.value("test_numbers", ["text": "inf"]) == .infinity)
        #expect(read.value("test_numbers", ["text": "nan"])?.isNaN == true)
    }

    @Test(
        "a whole hub's metrics are well formed, in both forms, and the reader for programs takes them",
        arguments: ExpositionFormat.allCases)
    func wholeHub(format: ExpositionFormat) throws {
        let metrics = HubMetrics(version: "1.2.3")
        let network = metrics.network()
        metrics.add(WebCounters())
        metrics.add(LoopCounters())
        metrics.router.received(.sessionOpen, payloadBytes: 10)
        metrics.router.received(.message, payloadBytes: 32)
        metrics.router.settled(.nak, 3)
        metrics.router.refused(.badJSON)
        metrics.router.published(nanoseconds: 2_000_000)
        network.answered(status: 503, nanoseconds: 1)
        network.tlsFailed(.expired)
        network.authenticated(by: .jwt, isAccepted: false)
        let text = Self.text(metrics.registry, format)
        let read = try StrictExposition(text, openMetrics: format == .openMetrics)
        #expect(read.value("agenthub_messages_received_total", ["kind": "session_open"]) == 1)
        #expect(read.value("agenthub_messages_received_total", ["kind": "message"]) == 1)
        #expect(read.value("agenthub_messages_received_total", ["kind": "command"]) == 0)
        #expect(read.value("agenthub_messages_received_bytes_total") == 42)
        #expect(read.value("agenthub_settlements_total", ["verdict": "nak"]) == 3)
        #expect(read.value("agenthub_refusals_total", ["code": "bad_json"]) == 1)
        #expect(read.value("agenthub_publish_seconds_bucket", ["le": "0.001"]) == 0)
        #expect(read.value("agenthub_publish_seconds_bucket", ["le": "0.0025"]) == 1)
        #expect(read.value("agenthub_publish_seconds_sum") == 0.002)
        #expect(read.value("agenthub_http_responses_total", ["code": "503"]) == 1)
        #expect(read.value("agenthub_http_responses_total", ["code": "200"]) == nil)
        #expect(read.value("agenthub_tls_failures_total", ["reason": "expired"]) == 1)
        #expect(
            read.value("agenthub_authentications_total", ["credential": "jwt", "outcome": "refused"]) == 1)
        #expect(read.value("agenthub_build_info", ["version": "1.2.3", "log_format": "1"]) == 1)
        #expect(read.value("agenthub_connections_closed_total", ["reason": "timeout_idle"]) == 0)
        #expect((read.value("process_cpu_seconds_total") ?? 0) > 0)
        #expect((read.value("process_resident_memory_bytes") ?? 0) > 1_000_000)
        #expect((read.value("process_open_fds") ?? 0) >= 3)
        let start = try #require(read.value("process_start_time_seconds"))
        let now = Double(SystemClock.wallMicroseconds()) / 1e6
        #expect((now - 86400...now + 2).contains(start))
        let samples = read.families.values.reduce(0) { $0 + $1.samples.count }
        let lenient = try text.withBytes { try MetricsText($0) }
        #expect(lenient.count == samples)
        // Whatever is told was declared.
        let declared = Set(MetricFamily.all.flatMap(\.sampleNames))
        #expect(Set(read.families.values.flatMap(\.samples).map(\.name)).subtracting(declared).isEmpty)
    }

    @Test(
        "the form follows the Accept field",
        arguments: [
            ("", ExpositionFormat.text), ("*/*", .text), ("text/plain", .text),
            ("application/openmetrics-text", .openMetrics),
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics),
            ("application/openmetrics-text;version=0.0.1", .text),
            (
                "application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics
            ),
            ("application/openmetrics-text;q=0.1,text/plain;q=0.9", .text),
            ("application/openmetrics-text;q=0", .text),
            ("application/openmetrics-text;q=nonsense", .text),
            ("APPLICATION/OPENMETRICS-TEXT; Version=1.0.0", .openMetrics),
            (String(repeating: "a/b,", count: 1000) + "application/openmetrics-text", .text),
        ])
    func accept(field: String, format: ExpositionFormat) {
        #expect(ExpositionFormat(accept: field) == format)
    }

    @Test("a family has no more series than declared, and the rest is added up, whoever folds it")
    func folding() throws {
        let family = MetricFamily.counter("test_folded", labels: ["who"], seriesMax: 3, "For tests.")
        let counters = LabelledCounters(family)
        let places = (0..<10).map { counters.place(["agent \($0)"]) }
        #expect(Set(places).count == 4)
        #expect(places[2] == counters.place(["agent 2"]))
        for place in places { counters.add(place) }
        var reading = MetricReading()
        counters.contribute(to: &reading)
        #expect(reading.number(family, ["agent 2"]) == 1)
        #expect(reading.number(family, ["other"]) == 7)
        #expect(reading.foldedSeries == 0)
        // A source that does not fold itself.
        for agent in 10..<15 { reading.add(family, ["agent \(agent)"], 1) }
        #expect(reading.number(family, ["other"]) == 12)
        #expect(reading.number(family, ["agent 12"]) == nil)
        #expect(reading.foldedSeries == 5)
    }

    @Test("of shards counters and gauges are added, and of a largest the largest is told") func shards() {
        let sum = MetricFamily.gauge("test_sum", "For tests.")
        let most = MetricFamily.largest("test_most", "For tests.")
        var reading = MetricReading()
        for value in [3, 9, 4] {
            reading.add(sum, value)
            reading.add(most, value)
        }
        #expect(reading.number(sum) == 16)
        #expect(reading.number(most) == 9)
    }
}
