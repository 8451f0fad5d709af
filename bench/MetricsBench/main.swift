import HubBytes
import HubModel
import HubRouter
import HubServer
import HubSystem

// What counting costs the thread that counts, and what a scrape costs the one that answers it.
// usage: MetricsBench [--print text|openmetrics]

/// Values that differ, as observed ones do: the least of several runs of ten million calls each.
@inline(never)
nonisolated func nanosecondsPerCall(_ name: String, _ body: (UInt64) -> Void) {
    let calls = 10_000_000
    var best = Double.infinity
    for _ in 0..<5 {
        var random: UInt64 = 0x9e37_79b9_7f4a_7c15
        // Processor time: others may want the processor meanwhile.
        let begun = CurrentProcess.figures().cpuSeconds
        for _ in 0..<calls {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            body(random >> 40)
        }
        best = min(best, (CurrentProcess.figures().cpuSeconds - begun) * 1e9 / Double(calls))
    }
    print("\(name): \(Double(Int(best * 100)) / 100) ns")
}

nonisolated func fill(_ metrics: HubMetrics) {
    let router = metrics.router
    let network = metrics.network()
    for value in 0..<2000 as Range<UInt64> {
        router.received(.message, payloadBytes: 256)
        router.published(nanoseconds: value * 10_000)
        network.answered(status: 200, nanoseconds: value * 1000)
    }
    for tenant in ["default", "a \"quoted\" one", "back\\slash", "two\nlines"] {
        router.received(router.place(ofTenant: tenant))
    }
}

nonisolated func text(_ metrics: HubMetrics, _ format: ExpositionFormat) -> ByteBuffer {
    var buffer = ByteBuffer(capacity: 1 << 16)
    metrics.registry.write(as: format, to: &buffer)
    return buffer
}

/// What is counted is taken by its thread once, not found anew for each count.
nonisolated func measure(_ metrics: HubMetrics) {
    let router = metrics.router
    let tenant = router.place(ofTenant: "default")
    var sum: UInt64 = 0
    nanosecondsPerCall("the loop itself") { sum &+= $0 }
    nanosecondsPerCall("a count") { router.delivered(payloadBytes: Int($0)) }
    nanosecondsPerCall("two counts, the first by kind") { router.received(.message, payloadBytes: Int($0)) }
    nanosecondsPerCall("a count by tenant") { _ in router.received(tenant) }
    nanosecondsPerCall("an observation") { router.published(nanoseconds: $0) }
    precondition(sum > 0)
    fill(metrics)
    let begun = SystemClock.monotonicNanoseconds()
    let bytes = text(metrics, .text).count
    print("a scrape of \(bytes) bytes: \((SystemClock.monotonicNanoseconds() - begun) / 1000) µs")
}

let arguments = Array(CommandLine.arguments.dropFirst())
let metrics = HubMetrics(version: "bench")
if arguments.first == "--print" {
    fill(metrics)
    try StandardStream.output.write(
        text(metrics, arguments.last == "openmetrics" ? .openMetrics : .text).bytes)
} else {
    measure(metrics)
}
