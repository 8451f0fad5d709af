import HubModel

/// The log, what it keeps, and the router's bounds.
extension Option {
    static let retentionAge = Option(
        "log.retention.age", .duration(1000...(3_650 * 86_400_000)), .none, reloads: true,
        "How old records may become. None means that age is no reason to remove them.",
        because: "Nothing is removed that nobody has said may go.")
    static let retentionBytes = Option(
        "log.retention.bytes", .bytes((1 << 20)...(1 << 46)), .none, reloads: true,
        "How many bytes of records are kept.", because: "Nothing is removed that nobody has said may go.")
    static let retentionRecords = Option(
        "log.retention.records", .number(1...(1 << 46)), .none, reloads: true, "How many records are kept.",
        because: "Nothing is removed that nobody has said may go.")
    static let retentionTopics = Option(
        "log.retention.topics", .entries(topicFields, count: 0...1000), .entries([]), reloads: true,
        "Limits for topics of their own, each topic for itself; of the entries that match a topic the first counts.",
        because: "The log as a whole has limits above.")

    static let topicFields: [Option] = [
        Option(
            "pattern", .text(patternObjection), .none,
            "The topics: * stands for one token, > for all that follow.",
            because: "It must be given."),
        Option(
            "age", .duration(1000...(3_650 * 86_400_000)), .none, "How old their records may become.",
            because: "No limit of its own."),
        Option(
            "bytes", .bytes(1024...(1 << 46)), .none, "How many bytes of records each topic keeps.",
            because: "No limit of its own."),
        Option(
            "records", .number(1...(1 << 46)), .none, "How many records each topic keeps.",
            because: "No limit of its own."),
    ]

    static func patternObjection(_ text: String) -> String? {
        do throws(Refusal) {
            _ = try TopicPattern(text)
            return nil
        } catch {
            return error.message
        }
    }

    static let logOptions: [Option] = [
        Option(
            "log.size_max", .bytes((64 << 20)...(16 << 40)), .number(1 << 40),
            "How large the log's file may grow before messages are refused.",
            because: "It costs address space, not memory or disk; the disk's own room is watched beside it."),
        Option(
            "log.growth", .bytes((1 << 20)...(1 << 30)), .number(64 << 20),
            "How far ahead of its content the file is extended.",
            because: "Commits seldom wait for the file system to find room."),
        retentionAge, retentionBytes, retentionRecords, retentionTopics,
        Option(
            "log.retention.bytes_per_pass", .bytes((1 << 20)...(1 << 30)), .number(64 << 20),
            "How much is removed or rewritten before storage looks after messages again.",
            because: "It bounds for how long a message may wait behind retention."),
        Option(
            "log.checkpoint.interval", .duration(100...3_600_000), .number(5000),
            "The longest time between checkpoints while records come.",
            because: "A start after a crash reads what came since the last one: well under a second."),
        Option(
            "log.checkpoint.bytes", .bytes((1 << 20)...(64 << 30)), .number(256 << 20),
            "The most bytes of blocks between checkpoints.",
            because: "As with the interval, for hubs with much to do."),
        Option(
            "log.checkpoint.names", .number(1000...10_000_000), .number(100_000),
            "The most sessions and topics touched between checkpoints.",
            because: "It bounds the length of the one write that a checkpoint is."),
    ]

    static let routerOptions: [Option] = [
        Option(
            "router.payload_max", .bytes(1...Int64(Limits.payloadBytesMax)), .number(1 << 20),
            "Bytes of a message's payload.",
            because: "Large results belong in a store, with their address in the message."),
        Option(
            "router.dedup.window", .duration(0...86_400_000), .number(120_000),
            "How long a message's id is remembered, so that a repeated one is not delivered twice.",
            because: "A sender without a receipt tries again within its longest pause, which is two minutes."),
        Option(
            "router.dedup.entries", .number(0...100_000_000), .number(1_000_000),
            "How many ids are remembered.",
            because: "8,000 messages a second for two minutes."),
        Option(
            "router.dedup.bytes", .bytes(0...(16 << 30)), .number(64 << 20), "Bytes of these ids together.",
            because: "A million ids of 64 bytes."),
        Option(
            "router.consumers_max", .number(1...10_000_000), .number(100_000),
            "Consumers of the hub, nameless ones included.", because: "Each takes about a kibibyte of memory."
        ),
        Option(
            "router.sessions_max", .number(1...100_000_000), .number(1_000_000),
            "Sessions that agents opened and nobody closed.",
            because: "They are held in memory, and in checkpoints."),
        Option(
            "router.names_max", .number(1000...1_000_000_000), .number(10_000_000),
            "Names that the log may come to know: agents, topics, sessions, consumers, tenants.",
            because: "Names are never forgotten; a client that makes one up for each message comes to an end."
        ),
        Option(
            "router.command.wait", .duration(1...86_400_000), .number(30_000),
            "How long a command waits for its answer if its sender does not say.",
            because: "Longer than tools take, shorter than people wait."),
        Option(
            "router.command.wait_max", .duration(1...(30 * 86_400_000)), .number(3_600_000),
            "The longest that a command may wait.", because: "What takes longer reports with statuses."),
        Option(
            "router.bookkeeping", .duration(0...1000), .number(5),
            "How long acknowledgements and the like wait for a message to be written with.",
            because: "On a quiet hub they need no commit of their own."),
        Option(
            "router.page_records", .number(1...65_536), .number(1024),
            "Records that a consumer reads at a time.",
            because: "Enough that seeking does not matter, and few enough that nobody waits behind a page."),
    ]

    static let consumerOptions: [Option] = [
        Option(
            "consumer.acknowledgement", .choice(["explicit", "automatic"]), .text("explicit"),
            "Whether a delivery counts as done when the consumer says so, or when it was handed to the connection.",
            because: "What an agent was working on when it died comes again."),
        Option(
            "consumer.in_flight", .number(1...65_536), .number(256),
            "Deliveries that may be undone at a time.",
            because: "Enough to keep an agent busy over a slow line."),
        Option(
            "consumer.ack_wait", .duration(10...86_400_000), .number(30_000),
            "How long a delivery may stay undone before the message comes again.",
            because: "Who needs longer says that it is working."),
        Option(
            "consumer.deliveries_max", .number(1...1000), .number(20),
            "Deliveries of one message before it becomes a dead letter.",
            because: "With the delays below, that is half an hour of trying."),
        Option(
            "consumer.backoff.initial", .duration(0...86_400_000), .number(1000),
            "The delay before a message comes for the second time.",
            because: "Most failures pass at once or not soon."),
        Option(
            "consumer.backoff.factor", .decimal(1...100), .decimal(2),
            "By how much each delay is longer than the last.",
            because: "Doubling finds the right order of magnitude in a few steps."),
        Option(
            "consumer.backoff.max", .duration(0...86_400_000), .number(120_000), "The longest delay.",
            because: "Whoever repairs something sees within two minutes that it works."),
        Option(
            "consumer.backoff.jitter", .number(0...100), .number(20),
            "By how many percent of themselves delays are spread, either way.",
            because: "What failed together need not come again together."),
    ]

    static let quotaOptions: [Option] = ["agent", "tenant"].flatMap { whose in quota(whose) }

    private static func quota(_ whose: String) -> [Option] {
        let what = whose == "agent" ? "an agent" : "all agents of a tenant together"
        let unlimited = "Agents are trusted until somebody knows what they need."
        var options = [
            Option(
                "quota.\(whose).messages_per_second", .number(1...100_000_000), .none,
                "Messages that \(what) may send in a second, with a burst of as many.", because: unlimited),
            Option(
                "quota.\(whose).bytes_per_second", .bytes(1...(1 << 40)), .none,
                "Bytes of payload that \(what) may send in a second, with a burst of as many.",
                because: unlimited),
            Option(
                "quota.\(whose).sessions", .number(1...100_000_000), .none,
                "Sessions that \(what) may have open.",
                because: unlimited),
            Option(
                "quota.\(whose).consumers", .number(1...10_000_000), .none,
                "Consumers that \(what) may have, or be members of.", because: unlimited),
        ]
        if whose == "tenant" {
            options.append(
                Option(
                    "quota.tenant.stored", .bytes(1...(1 << 46)), .none,
                    "Bytes that a tenant may have in the log.",
                    because: unlimited))
        }
        return options
    }
}
