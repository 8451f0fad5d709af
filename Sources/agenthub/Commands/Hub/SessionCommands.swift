import HubProtocols

/// `agenthub sessions` and `agenthub topics`: what there is in the log.
enum SessionCommands {
    static let sessions = CommandSpec(
        name: "sessions", summary: "Show the sessions that the hub knows, or one of them",
        details: """
            The list has sessions that agents opened by name. Each topic and each pair of agents has one besides, topic:NAME \
            or dm:ONE:OTHER, which can be shown and replayed as well.
            """,
        arguments: [ArgumentSpec(name: "SESSION", count: .atMostOne, summary: "One session")],
        options: ListCommand.options,
        examples: [.init(call: "agenthub sessions --json | jq .id", purpose: "All ids.")],
        exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        if let id = arguments.arguments.first {
            try ListCommand.one("/sessions/\(HubInterface.encoded(id))", arguments, console) {
                session, table in
                table.heading(id)
                for name in ["phase", "opener", "partner"] { table.row(name, session.cell(name)) }
                table.row("since", session.time("since"))
                table.row("messages", session.cell("messages"))
                table.row("last number", session.cell("last_seq"))
            }
        } else {
            try ListCommand.run(
                "/sessions", arguments, console,
                titles: ["SESSION", "PHASE", "OPENER", "PARTNER", "MESSAGES", "LAST"]
            ) { item in
                ["id", "phase", "opener", "partner", "messages", "last_seq"].map { item.cell($0) }
            }
        }
        return .done
    }

    static let topics = CommandSpec(
        name: "topics", summary: "Show the topics that anything was published to",
        options: ListCommand.options,
        examples: [.init(call: "agenthub topics", purpose: "All topics, each with its last offset.")],
        exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        try ListCommand.run(
            "/topics", arguments, console, titles: ["TOPIC", "LAST OFFSET", "RETAINED"]
        ) { item in ["topic", "last_offset", "retained_offset"].map { item.cell($0) } }
        return .done
    }
}
