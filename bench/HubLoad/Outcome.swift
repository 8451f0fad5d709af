/// What a run came to.
struct Outcome: Sendable {
    var workload: Workload
    /// From the first message to the last receipt.
    var publishing = 0.0
    /// From the first message to the last delivery, settled.
    var delivering = 0.0
    var receipts = 0
    var deliveries = 0
    var redeliveries = 0
    /// From when a message was sent, or should have been, to its receipt.
    var receiptLatency = LatencyHistogram()
    /// The same to its delivery.
    var deliveryLatency = LatencyHistogram()
    /// Processor time of this process, and of the hub if it was named, in nanoseconds.
    var ownTime: UInt64 = 0
    var hubTime: UInt64?

    var receiptsPerSecond: Double { publishing > 0 ? Double(receipts) / publishing : 0 }
    var deliveriesPerSecond: Double { delivering > 0 ? Double(deliveries) / delivering : 0 }
    private var ownNanoseconds: Double { Double(ownTime) / Double(workload.messages) }
    private var hubNanoseconds: Double? { hubTime.map { Double($0) / Double(workload.messages) } }

    /// On one line.
    var json: String {
        var fields = [
            "\"workload\":\"\(workload.name)\"", "\"messages\":\(workload.messages)",
            "\"publishers\":\(workload.publishers)", "\"consumers\":\(workload.consumers)",
            "\"window\":\(workload.window)", "\"size\":\(workload.size)", "\"rate\":\(workload.rate)",
            "\"ack\":\"\(workload.settling.rawValue)\"", "\"receipts_per_s\":\(Int(receiptsPerSecond))",
            "\"receipt_ns\":\(Self.json(receiptLatency))", "\"client_cpu_ns\":\(Int(ownNanoseconds))",
        ]
        if workload.consumers > 0 {
            fields += [
                "\"deliveries_per_s\":\(Int(deliveriesPerSecond))", "\"redeliveries\":\(redeliveries)",
                "\"delivery_ns\":\(Self.json(deliveryLatency))",
            ]
        }
        if let hubNanoseconds { fields.append("\"hub_cpu_ns\":\(Int(hubNanoseconds))") }
        return "{\(fields.joined(separator: ","))}"
    }

    private static func json(_ histogram: LatencyHistogram) -> String {
        "{\"mean\":\(Int(histogram.mean)),\"p50\":\(histogram.quantile(0.5)),"
            + "\"p90\":\(histogram.quantile(0.9)),\"p99\":\(histogram.quantile(0.99)),"
            + "\"p999\":\(histogram.quantile(0.999)),\"max\":\(histogram.max)}"
    }

    /// For people.
    var table: String {
        var lines = ["\(workload.name): \(workload.summary)"]
        lines.append(
            "  receipts    \(Self.padded(Self.thousands(receiptsPerSecond), 10))/s  "
                + Self.text(receiptLatency))
        if workload.consumers > 0 {
            lines.append(
                "  deliveries  \(Self.padded(Self.thousands(deliveriesPerSecond), 10))/s  "
                    + Self.text(deliveryLatency))
            if redeliveries > 0 { lines.append("  redeliveries \(redeliveries)") }
        }
        let hub = hubNanoseconds.map { ", hub \(Int($0)) ns" } ?? ""
        lines.append("  processor time for each message: client \(Int(ownNanoseconds)) ns\(hub)")
        return lines.joined(separator: "\n")
    }

    private static func text(_ histogram: LatencyHistogram) -> String {
        [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("max", 1)].map { name, share in
            "\(name) \(padded(milliseconds(histogram.quantile(share)), 8)) ms"
        }.joined(separator: "  ")
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> String {
        let micros = (nanoseconds + 500) / 1000
        let digits = "\(micros % 1000)"
        return "\(micros / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
    }

    private static func thousands(_ value: Double) -> String {
        var digits = Array("\(Int(value))")
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return String(digits)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
