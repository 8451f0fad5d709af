import HubProtocols

/// `agenthub message`: a message and its life.
enum MessageCommand {
    static let command = CommandSpec(
        name: "message", summary: "Show a message and what became of it",
        details: """
            Every delivery, each attempt, what was acknowledged, refused or given up, by which consumer and when, as the \
            log has it; and who has it still to settle.
            """,
        arguments: [ArgumentSpec(name: "OFFSET", summary: "Its place in the log, as receipts tell it")],
        options: [MessageOptions.json] + HubPlace.options,
        examples: [.init(call: "agenthub message 1042", purpose: "The life of one message.")],
        exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let offset = try DeadCommands.offset(arguments.arguments[0])
        let biography = try HubInterface(arguments).ask(.get, "/messages/\(offset)")
        if arguments.has("json") {
            try console.write(biography)
        } else {
            try console.write(text(biography, offset, console.outputStyle))
        }
        return .done
    }

    static func text(_ biography: JSONValue, _ offset: UInt64, _ style: TextStyle) -> String {
        var table = Table(style: style)
        table.heading("Message \(offset)")
        for member in biography["message"]?.object?.members ?? [] where member.name != "offset" {
            table.row(member.name, member.name == "data" ? member.value.json : member.value.plain)
        }
        let holders = biography["holders"]?.array ?? []
        if !holders.isEmpty { table.row("with", holders.map(\.plain).joined(separator: ", ")) }
        let rows = (biography["life"]?.array ?? []).map { event in
            [
                event.time("time"), event.cell("event"), event.cell("consumer"), event.cell("attempt"),
                remark(event),
            ]
        }
        return table.text + "\n"
            + Columns.text(["TIME", "EVENT", "CONSUMER", "ATTEMPT", "REMARK"], rows, style)
    }

    private static func remark(_ event: JSONValue) -> String {
        var remarks: [String] = []
        if let milliseconds = event["delay_ms"]?.integer {
            remarks.append("again in \(Quantity.duration(seconds: Double(milliseconds) / 1000))")
        }
        if let reason = event["reason"] { remarks.append(reason.plain) }
        if let answer = event["answer"] { remarks.append("by message \(answer.plain)") }
        return remarks.joined(separator: "; ")
    }
}

/// `agenthub state`: what the hub was at an offset.
enum StateCommand {
    static let command = CommandSpec(
        name: "state", summary: "Show what the hub knew at a place in its log",
        details:
            "Agents, sessions, consumers with what each had not settled, and commands without an answer.",
        options: [
            OptionSpec(name: "at", value: "OFFSET", summary: "The offset (now)"), MessageOptions.json,
        ] + HubPlace.options,
        examples: [
            .init(
                call: "agenthub state --at 1042 --json | jq .consumers",
                purpose: "What consumers had not settled then.")
        ],
        exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let at = try arguments.number("at")
        let state = try HubInterface(arguments).ask(.get, "/state" + (at.map { "?at=\($0)" } ?? ""))
        if arguments.has("json") {
            try console.write(state)
        } else {
            try console.write(text(state, console.outputStyle))
        }
        return .done
    }

    static func text(_ state: JSONValue, _ style: TextStyle) -> String {
        var table = Table(style: style)
        table.heading("State")
        table.row("up to offset", state.cell("applied_to"))
        table.row("time", state.time("time"))
        var text = table.text
        let parts: [(list: String, titles: [String], members: [String])] = [
            ("agents", ["AGENT", "STATE", "SINCE"], ["agent", "state", "since"]),
            ("sessions", ["SESSION", "PHASE", "OPENER", "PARTNER"], ["id", "phase", "opener", "partner"]),
            ("commands", ["COMMAND", "FROM", "TO", "UNTIL"], ["id", "sender", "destination", "deadline"]),
            ("retained", ["RETAINED", "OFFSET"], ["topic", "offset"]),
        ]
        text += consumers(state, style)
        for part in parts {
            let rows = (state[part.list]?.array ?? []).map { item in
                part.members.map { ["since", "deadline"].contains($0) ? item.time($0) : item.cell($0) }
            }
            if !rows.isEmpty { text += "\n" + Columns.text(part.titles, rows, style) }
        }
        return text
    }

    private static func consumers(_ state: JSONValue, _ style: TextStyle) -> String {
        let rows = (state["consumers"]?.array ?? []).map { item in
            [
                item.cell("name"), item.cell("position"), item.cell("paused"),
                "\(item["unsettled"]?.array?.count ?? 0)", "\(item["dead_letters"]?.array?.count ?? 0)",
            ]
        }
        guard !rows.isEmpty else { return "" }
        return "\n" + Columns.text(["CONSUMER", "POSITION", "PAUSED", "UNSETTLED", "DEAD"], rows, style)
    }
}
