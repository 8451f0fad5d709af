import HubModel
import HubProtocols
import HubStorage

/// `agenthub log stats`: the log in numbers.
enum LogStatsCommand {
    static let command = CommandSpec(
        name: "stats", summary: "Show how large a log is and what is in it",
        details: """
            The numbers come from counters and from the ends of the log, so this is quick whatever the log's size.
            """,
        arguments: [LogCommands.directory], options: [LogCommands.json],
        examples: [
            .init(call: "agenthub log stats /var/lib/agenthub", purpose: "A table for people."),
            .init(
                call: "agenthub log stats --json /var/lib/agenthub | jq .records",
                purpose: "One number for a script."),
        ],
        exitCodes: [
            LogCommands.failed, LogCommands.unavailable,
            (.damaged, "The log is damaged where the numbers are"),
        ]
    ) { (arguments, console) throws(CommandFailure) in
        let path = arguments.arguments[0]
        let reader = try LogCommands.open(path)
        let statistics = try LogCommands.storage { () throws(StorageError) in try LogStatistics(of: reader) }
        if arguments.has("json") {
            try writeJSON(statistics, console)
        } else {
            try console.write(table(statistics, path, console.outputStyle))
        }
        return statistics.damaged.isEmpty ? .done : .damaged
    }

    // MARK: For people

    private static func table(_ statistics: LogStatistics, _ path: String, _ style: TextStyle) -> String {
        var table = Table(style: style)
        table.heading("Log")
        table.row("directory", path)
        table.row("epoch", "\(statistics.epoch)")
        table.row("created", "\(statistics.created)")
        table.row("format", "\(statistics.format)")
        table.row("offsets", offsets(statistics))
        table.row("oldest record", statistics.oldest.map { "\($0)" } ?? "none")
        table.row("newest record", statistics.newest.map { "\($0)" } ?? "none")
        if !statistics.damaged.isEmpty {
            let ranges = statistics.damaged.map { "\($0.lowerBound) to \($0.upperBound.rawValue - 1)" }
            table.row("damaged", style.red(ranges.joined(separator: ", ")))
        }
        table.heading("Records")
        table.row("records", Quantity.count(statistics.records))
        table.row("since checkpoint", Quantity.count(statistics.recordsSinceCheckpoint))
        table.row("blocks", blocks(statistics))
        table.row("bytes of blocks", Quantity.bytes(statistics.blockBytes))
        table.row("bytes a record", statistics.bytesPerRecord.map(Quantity.decimal) ?? "–")
        table.row("records a block", statistics.recordsPerBlock.map(Quantity.decimal) ?? "–")
        table.heading("Names")
        for (kind, noun) in nouns { table.row(noun, Quantity.count(statistics.names(kind))) }
        table.heading("File")
        table.row("size", Quantity.bytes(statistics.fileBytes))
        table.row("on disk", Quantity.bytes(statistics.allocatedBytes))
        table.row("in use", inUse(statistics))
        table.row("free for reuse", Quantity.bytes(statistics.freePages * statistics.pageBytes))
        table.row("other readers", statistics.readers.map { Quantity.count($0) } ?? "cannot be known here")
        table.heading("Databases")
        for database in statistics.databases {
            table.row(
                database.name,
                Quantity.count(database.entries, "value") + " in "
                    + Quantity.bytes(database.pages * statistics.pageBytes))
        }
        return table.text
    }

    private static let nouns: [(NameKind, String)] = [
        (.tenant, "tenants"), (.agent, "agents"), (.session, "sessions"), (.topic, "topics"),
        (.consumer, "consumers"),
    ]

    private static func offsets(_ statistics: LogStatistics) -> String {
        guard statistics.head > statistics.start else { return "none, \(statistics.head) is next" }
        return "\(statistics.start) to \(statistics.head.rawValue - 1)"
    }

    private static func blocks(_ statistics: LogStatistics) -> String {
        let all = Quantity.count(statistics.blocks)
        return statistics.sparseBlocks.map { "\(all), \(Quantity.count($0)) of them sparse" } ?? all
    }

    private static func inUse(_ statistics: LogStatistics) -> String {
        Quantity.bytes((statistics.pages - statistics.freePages) * statistics.pageBytes)
    }

    // MARK: For programs

    private static func writeJSON(_ statistics: LogStatistics, _ console: Console) throws(CommandFailure) {
        var json = JSONWriter()
        json.beginObject()
        json.member("epoch", text: "\(statistics.epoch)")
        json.member("created", text: "\(statistics.created)")
        json.member("format", statistics.format)
        json.member("start", statistics.start.rawValue)
        json.member("head", statistics.head.rawValue)
        json.member("indexed_to", statistics.indexedTo.rawValue)
        json.member("state_applied_to", statistics.stateAppliedTo.rawValue)
        json.member("oldest", text: statistics.oldest.map { "\($0)" })
        json.member("newest", text: statistics.newest.map { "\($0)" })
        json.member("records", statistics.records)
        json.member("records_since_checkpoint", statistics.recordsSinceCheckpoint)
        json.member("blocks", statistics.blocks)
        json.member("sparse_blocks", statistics.sparseBlocks)
        json.member("block_bytes", statistics.blockBytes)
        json.member("file_bytes", statistics.fileBytes)
        json.member("allocated_bytes", statistics.allocatedBytes)
        json.member("page_bytes", statistics.pageBytes)
        json.member("pages", statistics.pages)
        json.member("free_pages", statistics.freePages)
        json.member("readers", statistics.readers)
        json.key("names")
        json.beginObject()
        for (kind, noun) in nouns {
            json.key(text: noun)
            json.number(statistics.names(kind))
        }
        json.endObject()
        json.key("databases")
        json.beginObject()
        for database in statistics.databases {
            json.key(text: database.name)
            json.beginObject()
            json.member("values", database.entries)
            json.member("pages", database.pages)
            json.endObject()
        }
        json.endObject()
        json.key("damaged")
        json.ranges(statistics.damaged)
        json.endObject()
        json.newline()
        try console.write(json.bytes)
    }
}
