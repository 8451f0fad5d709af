import HubModel
import HubProtocols
import HubStorage

/// `agenthub log dump`: records as JSON, a line each.
enum LogDumpCommand {
    static let command = CommandSpec(
        name: "dump", summary: "Write records as JSON, a line for each",
        details: """
            A payload that is JSON stands in "data" as it is, any other in "data_base64". Records that were asked for \
            and are not there show as a line {"gap": ...} with the reason. Without further options the whole log is \
            written.
            Positions are offsets in the log, or with --session the numbers of its messages. The first is included, \
            the last is not. Times are ISO 8601, in UTC if they do not say otherwise, as 2026-11-20 or \
            2026-11-20T10:18:54Z.
            """,
        arguments: [LogCommands.directory],
        options: [
            OptionSpec(name: "session", letter: "s", value: "ID", summary: "Only this session"),
            OptionSpec(
                name: "topic", letter: "t", value: "PATTERN",
                summary: "Only topics that match, as jobs.new or jobs.>"),
            OptionSpec(
                name: "agent", letter: "a", value: "ID", summary: "Only what is addressed to this agent"),
            OptionSpec(
                name: "consumer", letter: "c", value: "NAME", summary: "Only what is about this consumer"),
            OptionSpec(
                name: "tenant", value: "NAME",
                summary: "Whose session, topics, agent or consumer; needed if there are several tenants"),
            OptionSpec(name: "from", value: "POSITION", summary: "Begin at this position"),
            OptionSpec(name: "to", value: "POSITION", summary: "End before this position"),
            OptionSpec(name: "since", value: "TIME", summary: "Begin with what was taken at this time"),
            OptionSpec(name: "until", value: "TIME", summary: "End before what was taken at this time"),
            OptionSpec(name: "limit", letter: "n", value: "NUMBER", summary: "Write so many records at most"),
            OptionSpec(name: "reverse", letter: "r", summary: "Newest first"),
        ],
        examples: [
            .init(
                call: "agenthub log dump /var/lib/agenthub | jq .kind | sort | uniq -c",
                purpose: "What there is of each kind."),
            .init(call: "agenthub log dump -s dm:alice:bob /var/lib/agenthub", purpose: "One conversation."),
            .init(
                call: "agenthub log dump -t 'jobs.>' --since 2026-11-20T10:00Z -n 100 /var/lib/agenthub",
                purpose: "The first hundred jobs since ten o'clock."),
        ],
        exitCodes: [
            LogCommands.failed, LogCommands.unavailable,
            (.damaged, "Some of what was asked for is damaged, and missing"),
        ]
    ) { (arguments, console) throws(CommandFailure) in
        let request = try DumpRequest(arguments)
        let reader = try LogCommands.open(arguments.arguments[0])
        guard var query = try request.query(reader) else { return .done }
        var dump = Dump(request, reader, console)
        while true {
            let page = try LogCommands.storage { () throws(StorageError) in
                try reader.page(query, PageLimit())
            }
            try dump.write(page)
            guard let next = page.next, dump.left > 0, !dump.isPast else { break }
            query = next
        }
        try dump.finish()
        return dump.isDamaged ? .damaged : .done
    }
}
