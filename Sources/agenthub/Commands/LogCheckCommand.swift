import HubModel
import HubProtocols
import HubStorage
import HubSystem

/// `agenthub log check`: whether a log is whole.
enum LogCheckCommand {
    static let command = CommandSpec(
        name: "check", summary: "Read all of a log and compare everything with everything",
        details: """
            Every checksum is verified, every record is looked for in the indexes and every index entry among the \
            records, names are followed both ways, and counters are compared with what is there. A hub may go on \
            writing meanwhile: the check sees the log as it was when it began.
            """,
        arguments: [LogCommands.directory],
        options: [
            LogCommands.json,
            OptionSpec(
                name: "max-findings", value: "NUMBER",
                summary: "List so many findings, 100 if not given; all are counted"),
        ],
        examples: [
            .init(
                call: "agenthub log check /var/lib/agenthub",
                purpose: "After a crash, or before relying on a backup."),
            .init(
                call: "agenthub log check --json /backup/monday > report.json",
                purpose: "A report for a script."),
        ],
        exitCodes: [
            LogCommands.failed, LogCommands.unavailable,
            (.damaged, "The log is damaged; what was found is listed"),
        ]
    ) { (arguments, console) throws(CommandFailure) in
        let path = arguments.arguments[0]
        let most = Int(clamping: try arguments.number("max-findings") ?? 100)
        let reader = try LogCommands.open(path)
        let begun = SystemClock.monotonicNanoseconds()
        let bar = ProgressBar("checking", console)
        defer { bar.clear() }
        let report = try LogCommands.storage { () throws(StorageError) in
            try LogCheck.run(reader, findingsMax: most) { bar.show($0) }
        }
        bar.clear()
        let seconds = Double(SystemClock.monotonicNanoseconds() - begun) / 1e9
        if arguments.has("json") {
            try writeJSON(report, seconds, console)
        } else {
            try console.write(text(report, seconds, console.outputStyle))
        }
        return report.isClean ? .done : .damaged
    }

    private static func text(_ report: CheckReport, _ seconds: Double, _ style: TextStyle) -> String {
        var text = ""
        for finding in report.findings { text += "\(style.red(finding.part.rawValue)): \(finding)\n" }
        let more = report.findingCount - report.findings.count
        if more > 0 { text += "and \(Quantity.count(more)) more\n" }
        if !report.findings.isEmpty { text += "\n" }
        text +=
            report.isClean
            ? style.green("The log is whole.")
            : style.red("The log is damaged: \(Quantity.count(report.findingCount, "finding")).")
        text +=
            " Read \(Quantity.count(report.records, "record")) in \(Quantity.count(report.blocks, "block"))"
        text += " (\(Quantity.bytes(report.blockBytes))),\n"
        text += "\(Quantity.count(report.entries)) index entries in \(Quantity.count(report.runs, "run"))"
        text += " and \(Quantity.count(report.names, "name")), in \(Quantity.duration(seconds: seconds)).\n"
        for range in report.damaged.prefix(20) {
            text += "Lost: offsets \(range.lowerBound) to \(range.upperBound.rawValue - 1).\n"
        }
        if report.damaged.count > 20 { text += "Lost: \(report.damaged.count - 20) more ranges.\n" }
        return text
    }

    private static func writeJSON(
        _ report: CheckReport, _ seconds: Double, _ console: Console
    ) throws(CommandFailure) {
        var json = JSONWriter()
        json.beginObject()
        json.key("clean")
        json.bool(report.isClean)
        json.member("epoch", text: "\(report.epoch)")
        json.member("start", report.start.rawValue)
        json.member("head", report.head.rawValue)
        json.member("blocks", report.blocks)
        json.member("records", report.records)
        json.member("block_bytes", report.blockBytes)
        json.member("runs", report.runs)
        json.member("entries", report.entries)
        json.member("leftover_entries", report.leftoverEntries)
        json.member("names", report.names)
        json.member("state_values", report.stateValues)
        json.key("seconds")
        json.number(seconds)
        json.member("finding_count", report.findingCount)
        json.key("findings")
        json.beginArray()
        for finding in report.findings {
            json.beginObject()
            json.member("part", text: finding.part.rawValue)
            json.member("offset", finding.offset?.rawValue)
            json.member("name", finding.name?.rawValue)
            json.member("sentence", text: finding.description)
            json.endObject()
        }
        json.endArray()
        json.key("damaged")
        json.ranges(report.damaged)
        json.endObject()
        json.newline()
        try console.write(json.bytes)
    }
}
