import HubProtocols

/// What somebody who looks at the hub should see first: the conditions of `config/prometheus-alerts.yml` that two
/// looks are enough for.
enum TopAlerts {
    /// A commit that takes longer than this is felt by senders.
    private static let commitSecondsMax = 0.1
    /// Beyond this share of its descriptors, a process is about to refuse connections.
    private static let descriptorShareMax = 0.8

    static func sentences(_ now: MetricsText, _ rates: Rates, commit: TopFigures.Times) -> [String] {
        var sentences: [String] = []
        func isSet(_ name: String) -> Bool { (now.value(name) ?? 0) >= 1 }
        if isSet("agenthub_storage_failing") { sentences.append("blocks cannot be written: see /health") }
        switch now.value("agenthub_disk_level") ?? 0 {
        case 2...: sentences.append("the disk has no room for new messages")
        case 1...: sentences.append("the disk is low on room")
        default: break
        }
        if now.value("agenthub_ready") == 0, sentences.isEmpty {
            sentences.append("the hub takes no messages: see /ready")
        }
        if let p99 = commit.p99, p99 > commitSecondsMax {
            sentences.append(
                "syncing is slow: the slowest of a hundred commits took \(Quantity.latency(p99))")
        }
        if rates.of("agenthub_dead_letters_total") > 0 { sentences.append("messages go to the dead letters") }
        if rates.of("agenthub_consumer_stalls_total") > 0 {
            sentences.append("consumers wait at their limit of messages in flight")
        }
        if rates.of("agenthub_log_maintenance_failures_total") > 0 {
            sentences.append("checkpoint or retention fails: see the hub's log")
        }
        if let open = now.value("process_open_fds"), let most = now.value("process_max_fds"),
            most > 0, open / most > descriptorShareMax
        {
            sentences.append("\(TopFigures.whole(open / most * 100) ?? 100) % of the descriptors are in use")
        }
        return sentences
    }
}
