import HubProtocols

/// What `agenthub top` shows, as numbers: from two looks at the hub's metrics.
struct TopFigures: Equatable {
    /// One consumer.
    struct Consumer: Equatable {
        let name: String
        let pending: Int
        let inFlight: Int
        let deadLetters: Int
        let members: Int
    }

    /// Two quantiles, in seconds; nil where nothing was observed.
    struct Times: Equatable {
        var median: Double?
        var p99: Double?
    }

    /// Nil where the hub does not say.
    let version: String?
    let phase: String
    let upSeconds: Double?
    let received, delivered, redelivered, refused, deadLetters: Double
    let receivedBytes, deliveredBytes: Double
    let publish, commit: Times
    let commits: Double
    let recordsPerCommit: Double?
    let connections, agents, sessions: Int
    let logBytes, diskFreeBytes: Int?
    let startOffset, headOffset: Int
    let cpuShare: Double
    let memoryBytes: Int?
    let openDescriptors, maxDescriptors: Int?
    /// By state, in a fixed order.
    let consumerStates: [(state: String, count: Int)]
    /// Those with most pending first.
    let consumers: [Consumer]
    let alerts: [String]

    static func == (left: TopFigures, right: TopFigures) -> Bool {
        left.consumers == right.consumers && left.alerts == right.alerts && left.received == right.received
            && left.commit == right.commit
    }

    /// What two looks say, `seconds` apart; the rates are of the time between. `wallSeconds` is now, since 1970.
    init(now: MetricsText, before: MetricsText, seconds: Double, wallSeconds: Double) {
        let rates = Rates(now: now, before: before, seconds: max(seconds, 1e-3))
        version = now.samples("agenthub_build_info").first?.labels["version"]
        phase = now.samples("agenthub_phase").first { $0.value == 1 }?.labels["phase"] ?? "unknown"
        upSeconds = Self.bounded(now.value("process_start_time_seconds").map { max(0, wallSeconds - $0) })
        received = rates.of("agenthub_messages_received_total")
        receivedBytes = rates.of("agenthub_messages_received_bytes_total")
        delivered = rates.of("agenthub_messages_delivered_total")
        deliveredBytes = rates.of("agenthub_messages_delivered_bytes_total")
        redelivered = rates.of("agenthub_messages_redelivered_total")
        refused = rates.of("agenthub_refusals_total")
        deadLetters = rates.of("agenthub_dead_letters_total")
        publish = Self.times("agenthub_publish_seconds", now, before)
        commit = Self.times("agenthub_log_commit_seconds", now, before)
        commits = rates.of("agenthub_log_commits_total")
        recordsPerCommit = Self.bounded(commits > 0 ? rates.of("agenthub_log_records_total") / commits : nil)
        connections = Self.whole(now, "agenthub_connections_open") ?? 0
        agents = Self.whole(now, "agenthub_agent_connections") ?? 0
        sessions = Self.whole(now, "agenthub_sessions_open") ?? 0
        logBytes = Self.whole(now, "agenthub_log_size_bytes")
        diskFreeBytes = Self.whole(now, "agenthub_disk_free_bytes")
        startOffset = Self.whole(now, "agenthub_log_start_offset") ?? 0
        headOffset = Self.whole(now, "agenthub_log_head_offset") ?? 0
        cpuShare = rates.of("process_cpu_seconds_total")
        memoryBytes = Self.whole(now, "process_resident_memory_bytes")
        openDescriptors = Self.whole(now, "process_open_fds")
        maxDescriptors = Self.whole(now, "process_max_fds")
        consumerStates = ["live", "catching_up", "paused", "unattended", "temporary"].map { state in
            (state, Self.whole(now.value("agenthub_consumers", ["state": state])) ?? 0)
        }
        consumers = Self.consumers(now)
        alerts = TopAlerts.sentences(now, rates, commit: commit)
    }

    private static func times(_ name: String, _ now: MetricsText, _ before: MetricsText) -> Times {
        let quantile = BucketQuantile(name, now: now, before: before)
        return Times(median: bounded(quantile.value(0.5)), p99: bounded(quantile.value(0.99)))
    }

    /// A value that can be shown; nil for one that no hub tells.
    static func bounded(_ value: Double?) -> Double? {
        guard let value, abs(value) < valueMax else { return nil }
        return value
    }

    /// Beyond this, nothing is the matter of a hub.
    private static let valueMax = 1e15

    static func whole(_ text: MetricsText, _ name: String) -> Int? { whole(text.sum(name)) }

    /// A value that a hub could tell; nil for one that is no number of things.
    static func whole(_ value: Double?) -> Int? {
        guard let value, abs(value) < 0x1p62 else { return nil }
        return Int(value)
    }

    private static func consumers(_ now: MetricsText) -> [Consumer] {
        func values(_ name: String) -> [[String: String]: Int] {
            now.samples(name).reduce(into: [:]) { $0[$1.labels] = whole($1.value) }
        }
        let inFlight = values("agenthub_consumer_in_flight")
        let letters = values("agenthub_consumer_dead_letters")
        let members = values("agenthub_consumer_members")
        let consumers = values("agenthub_consumer_pending_records").map { labels, pending in
            let tenant = labels["tenant"] ?? ""
            let name = labels["consumer"] ?? ""
            return Consumer(
                name: tenant.isEmpty ? name : "\(tenant)/\(name)", pending: pending,
                inFlight: inFlight[labels] ?? 0, deadLetters: letters[labels] ?? 0,
                members: members[labels] ?? 0)
        }
        return consumers.sorted {
            ($1.pending, $1.inFlight, $0.name) < ($0.pending, $0.inFlight, $1.name)
        }
    }
}

/// How fast counters grew between two looks.
struct Rates {
    private let now: MetricsText
    private let before: MetricsText
    private let seconds: Double

    init(now: MetricsText, before: MetricsText, seconds: Double) {
        self.now = now
        self.before = before
        self.seconds = seconds
    }

    /// How much all series of a name grew in a second.
    func of(_ name: String) -> Double {
        var total = 0.0
        let old = before.samples(name).reduce(into: [[String: String]: Double]()) { $0[$1.labels] = $1.value }
        for sample in now.samples(name) where sample.value.isFinite {
            let known = old[sample.labels] ?? 0
            // A counter that has less than before began at nothing in between: the hub was started again.
            total += sample.value >= known ? sample.value - known : sample.value
        }
        return TopFigures.bounded(total / seconds) ?? 0
    }
}
