package import HubConnection
import HubModel
import HubProtocols
package import HubRouter
package import HubStorage

/// What each part of the hub is made with.
extension Configuration {
    /// Where the hub listens.
    package var listeners: [ListenerSettings] { entries("listeners").compactMap { ListenerSettings($0) } }

    /// The directory of the log, as `environment` has it where nobody has said anything.
    package func dataDirectory(_ environment: [String: String]) -> String {
        if let path = optionalText("data") { return path }
        // systemd lists several if there are several; ours has one.
        if let state = environment["STATE_DIRECTORY"], let first = state.split(separator: ":").first {
            return String(first)
        }
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return "\(state)/agenthub" }
        if let home = environment["HOME"], home.hasPrefix("/") { return "\(home)/.local/state/agenthub" }
        return "agenthub-data"
    }

    /// Threads that serve connections on a machine with so many processors.
    package func loops(processors: Int) -> Int {
        optionalNumber("loops").map { Int($0) } ?? max(1, processors / 2)
    }

    /// Over how long connections are closed when the hub ends.
    package var drainMilliseconds: Int64 { number("drain") }

    // MARK: Access

    /// The file that says who may connect.
    package func accessFile(dataDirectory: String) -> String {
        optionalText("access.file") ?? "\(dataDirectory)/access.json"
    }

    /// Whether everyone gets in, as whoever he says he is.
    package var isInsecure: Bool { flag("access.insecure") }
    /// Failed attempts that an address has at once.
    package var attemptsBurst: Int64 { number("access.attempts.burst") }
    /// How long it takes for one more, in milliseconds.
    package var attemptsIntervalMilliseconds: Int64 { number("access.attempts.interval") }

    // MARK: The log

    /// How the log is opened and kept.
    package var log: LogOptions {
        LogOptions(
            sizeBytesMax: count("log.size_max"), growthBytes: count("log.growth"),
            checkpoint: CheckpointPolicy(
                intervalMilliseconds: number("log.checkpoint.interval"), bytes: count("log.checkpoint.bytes"),
                names: count("log.checkpoint.names")),
            retention: retention, retentionBytesPerCall: count("log.retention.bytes_per_pass"))
    }

    /// What is kept.
    package var retention: RetentionPolicy {
        let log = RetentionLimits(
            ageMilliseconds: optionalNumber("log.retention.age"),
            bytes: optionalNumber("log.retention.bytes").map { Int($0) },
            records: optionalNumber("log.retention.records").map { Int($0) })
        let topics = entries("log.retention.topics").map { entry in
            RetentionPolicy.TopicRule(
                TopicPattern(unchecked: entry.text("pattern") ?? ">"),
                RetentionLimits(
                    ageMilliseconds: entry.number("age"), bytes: entry.number("bytes").map { Int($0) },
                    records: entry.number("records").map { Int($0) }))
        }
        return RetentionPolicy(log: log, topics: topics)
    }

    // MARK: The router

    /// Limits and defaults of the router.
    package var router: RouterSettings {
        var settings = RouterSettings()
        settings.consumer = consumer
        settings.dedupMilliseconds = number("router.dedup.window")
        settings.dedupEntries = count("router.dedup.entries")
        settings.dedupIDBytes = count("router.dedup.bytes")
        settings.consumersMax = count("router.consumers_max")
        settings.sessionsMax = count("router.sessions_max")
        settings.namesMax = count("router.names_max")
        settings.agentQuota = quota("agent")
        settings.tenantQuota = quota("tenant")
        settings.tenantQuota.storedBytes = optionalNumber("quota.tenant.stored") ?? 0
        settings.payloadBytesMax = count("router.payload_max")
        settings.commandMilliseconds = number("router.command.wait")
        settings.commandMillisecondsMax = number("router.command.wait_max")
        settings.lazyMilliseconds = number("router.bookkeeping")
        settings.pageRecordsMax = count("router.page_records")
        return settings
    }

    private var consumer: ConsumerSettings {
        var settings = ConsumerSettings()
        settings.acknowledgement = text("consumer.acknowledgement") == "automatic" ? .automatic : .explicit
        settings.inFlightMax = count("consumer.in_flight")
        settings.ackWaitMilliseconds = number("consumer.ack_wait")
        settings.deliveriesMax = count("consumer.deliveries_max")
        settings.backoffInitialMilliseconds = number("consumer.backoff.initial")
        settings.backoffFactorThousandths = Int((decimal("consumer.backoff.factor") * 1000).rounded())
        settings.backoffMaxMilliseconds = number("consumer.backoff.max")
        settings.backoffJitterPercent = count("consumer.backoff.jitter")
        return settings
    }

    /// Where the router counts none as 0.
    private func quota(_ whose: String) -> Quota {
        var quota = Quota()
        quota.messagesPerSecond = optionalNumber("quota.\(whose).messages_per_second") ?? 0
        quota.bytesPerSecond = optionalNumber("quota.\(whose).bytes_per_second") ?? 0
        quota.sessions = Int(optionalNumber("quota.\(whose).sessions") ?? 0)
        quota.consumers = Int(optionalNumber("quota.\(whose).consumers") ?? 0)
        return quota
    }

    // MARK: Connections

    /// Bounds and deadlines of a loop's connections.
    package var connections: ConnectionSettings {
        var settings = ConnectionSettings()
        settings.handshakeMilliseconds = number("connections.handshake")
        settings.idleMilliseconds = number("connections.idle")
        settings.writeMilliseconds = number("connections.write")
        settings.lingerMilliseconds = number("connections.linger")
        settings.outboundMax = count("connections.outbound_max")
        settings.outboundHighWater = count("connections.outbound_high")
        settings.outboundLowWater = count("connections.outbound_low")
        settings.acceptsPerSecondMax = number("connections.accepts_per_second")
        return settings
    }

    /// How many connections there may be, none of them counted yet.
    package func admission() -> AdmissionLimits {
        AdmissionLimits(
            totalMax: count("connections.max"), perAddressMax: count("connections.per_address_max"))
    }

    /// Bounds, times and manners of a loop's web connections; TLS and subprotocols are for others to fill in.
    package var web: WebSettings {
        var settings = WebSettings()
        settings.http.contentBytesMax = UInt64(number("http.content_max"))
        settings.firstRequestMilliseconds = number("http.first_request")
        settings.keepAliveMilliseconds = number("http.keep_alive")
        settings.headMilliseconds = number("http.head")
        settings.contentBytesPerSecondMin = count("http.content_rate_min")
        settings.contentBytesMax = count("http.content_total_max")
        settings.outstandingMax = count("http.outstanding_max")
        settings.eventCommentMilliseconds = number("http.event_comment")
        // For WebSockets the gateway looks at origins, which knows its own.
        settings.crossOrigin = HTTPCrossOrigin(origins: texts("http.origins"))
        settings.webSocket = webSocket
        settings.compresses = flag("websocket.compression")
        settings.handshake.deflate = settings.compresses ? DeflateSettings() : nil
        return settings
    }

    private var webSocket: WebSocketSettings {
        let nanoseconds = { (name: String) in UInt64(number(name)) * 1_000_000 }
        var settings = WebSocketSettings()
        settings.messageBytesMax = count("websocket.message_max")
        settings.pingAfter = nanoseconds("websocket.ping_after")
        settings.pongWithin = nanoseconds("websocket.pong_within")
        settings.closeWithin = nanoseconds("websocket.close_within")
        settings.compressAboveBytes = count("websocket.compress_above")
        return settings
    }

    // MARK: Logging and health

    /// What the hub tells of itself, and how.
    package var logging: HubLog.Settings {
        var settings = HubLog.Settings()
        settings.level = LogLevel(text("logging.level")) ?? settings.level
        settings.format = LogFormat(rawValue: text("logging.format")) ?? settings.format
        settings.destination = optionalText("logging.file").map { .file($0) } ?? .standardError
        settings.repeatsMax = count("logging.repeats")
        settings.waitingMax = count("logging.waiting")
        return settings
    }

    /// Whether metrics are shown without credentials where these are asked for.
    package var showsMetricsToAnyone: Bool { flag("health.anonymous_metrics") }
    /// Room on the disk below which the hub warns, in bytes.
    package var diskLowBytes: Int { count("health.disk_low") }
    /// Room on the disk below which it takes no more messages, in bytes.
    package var diskRefuseBytes: Int { count("health.disk_refuse") }
    /// Whether the disk's syncs are measured at the start.
    package var probesSync: Bool { flag("health.sync_probe") }
}
