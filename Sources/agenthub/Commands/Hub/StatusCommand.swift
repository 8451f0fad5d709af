import HubProtocols

/// `agenthub status`: how a hub is; and what an agent says of itself.
enum StatusCommand {
    static let command = CommandSpec(
        name: "status", summary: "Show how the hub is, or say how an agent is",
        details: """
            Without a word the hub is asked whether it takes messages, and how much it has. With a word, that is the \
            status of the agent of --as: the hub keeps the last one, and tells it to whoever watches.
            """,
        arguments: [
            ArgumentSpec(name: "WORD", count: .atMostOne, summary: "How the agent is, such as busy or idle")
        ],
        options: [
            OptionSpec(name: "task", value: "TEXT", summary: "What the agent is doing"),
            OptionSpec(name: "progress", value: "SHARE", summary: "How far it has come, 0 to 1"),
            MessageOptions.json,
        ] + HubPlace.options,
        examples: [
            .init(call: "agenthub status", purpose: "Whether the hub is there and takes messages."),
            .init(
                call: "agenthub status busy --as worker-1 --task resize --progress 0.4",
                purpose: "What worker-1 is at."),
        ],
        exitCodes: [(.failed, "The hub is there and takes no messages, or the system failed")]
            + ListCommand.exitCodes.filter { $0.code != .failed }
    ) { (arguments, console) throws(CommandFailure) in
        if let word = arguments.arguments.first { return try tell(word, arguments, console) }
        for option in ["task", "progress"] where arguments.has(option) {
            throw .usage(UsageError("--\(option) goes with a status: agenthub status WORD"))
        }
        return try look(arguments, console)
    }

    private static func look(
        _ arguments: ParsedArguments, _ console: Console
    ) throws(CommandFailure) -> ExitCode {
        let interface = try HubInterface(arguments)
        let ready = try interface.answer("/ready")
        guard let phase = ready.value["status"]?.text else {
            throw .absent("whoever answers there is no hub: status \(ready.status)")
        }
        var object = ready.value.object ?? JSONObject()
        object["url"] = .string(interface.url)
        let counts: [(name: String, target: String)] = [
            ("agents", "/agents"), ("sessions", "/sessions"), ("topics", "/topics"),
            ("consumers", "/consumers"), ("dead_letters", "/dead-letters"),
        ]
        for (name, target) in counts {
            // Who may not see one of these may still see the others.
            if let count = try? count(target, interface) { object[name] = .integer(Int64(count)) }
        }
        if counts.contains(where: { object[$0.name]?.integer == Int64(countMax) }) {
            object["counted_to"] = .integer(Int64(countMax))
        }
        let isReady = ready.status == 200
        if arguments.has("json") {
            try console.write(.object(object))
            return isReady ? .done : .failed
        }
        var table = Table(style: console.outputStyle)
        let style = console.outputStyle
        table.heading("Hub")
        table.row("url", interface.url)
        table.row("status", isReady ? style.green(phase) : style.red(phase))
        if let reason = ready.value["reason"] { table.row("because", reason.plain) }
        if ready.value["version"] != nil { table.row("version", ready.value.cell("version")) }
        for (name, _) in counts {
            guard let count = object[name]?.integer else { continue }
            let more = count == Int64(countMax) ? " or more" : ""
            table.row(String(name.map { $0 == "_" ? " " : $0 }), Quantity.count(count) + more)
        }
        try console.write(table.text)
        return isReady ? .done : .failed
    }

    private static func count(_ target: String, _ interface: HubInterface) throws(CommandFailure) -> Int {
        var count = 0
        try interface.items(target, limit: countMax) { _ in count += 1 }
        return count
    }

    /// Beyond that, counting would take longer than anybody looks at the answer.
    private static let countMax = 1000

    private static func tell(
        _ word: String, _ arguments: ParsedArguments, _ console: Console
    ) throws(CommandFailure) -> ExitCode {
        var data = JSONObject()
        data["status"] = .string(word)
        data["current_task"] = arguments.value("task").map { .string($0) }
        if let text = arguments.value("progress") {
            guard let share = Double(text), (0...1).contains(share) else {
                throw .usage(UsageError("--progress takes a number from 0 to 1, not \"\(text)\""))
            }
            data["progress"] = .double(share)
        }
        // Not by a connection of the agent's: that would replace the one it has.
        let receipt = try HubInterface(arguments).ask(
            .post, "/messages", ["type": "status", "data": .object(data)])
        if arguments.has("json") {
            try console.write(receipt)
        } else {
            try console.write("The hub has the status, at offset \(receipt.cell("offset")).\n")
        }
        return .done
    }
}

/// `agenthub agents online`: where agents are.
enum AgentStateCommand {
    static let command = CommandSpec(
        name: "online", summary: "Show where the agents are that a running hub knows",
        options: [
            OptionSpec(name: "state", value: "STATE", summary: "Those that are online, silent or offline")
        ] + ListCommand.options,
        exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let interface = try HubInterface(arguments)
        let limit = try arguments.number("limit", atLeast: 1).map { Int(clamping: $0) } ?? .max
        let wanted = arguments.value("state")
        var rows: [[String]] = []
        let asJSON = arguments.has("json")
        var shown = 0
        try interface.items("/agents") { (item) throws(CommandFailure) in
            guard shown < limit, wanted == nil || item["state"]?.text == wanted else { return }
            shown += 1
            if asJSON { return try console.write(item) }
            rows.append([
                item.cell("agent"), item.cell("state"), item.time("since"), Self.status(item["status"]),
            ])
        }
        guard !asJSON else { return .done }
        if rows.isEmpty {
            console.tell("There are none.\n")
        } else {
            try console.write(
                Columns.text(["AGENT", "STATE", "SINCE", "STATUS"], rows, console.outputStyle))
        }
        return .done
    }

    private static func status(_ status: JSONValue?) -> String {
        guard let status else { return "–" }
        return [status["status"], status["current_task"], status["progress"]].compactMap { $0?.plain }
            .joined(separator: ", ")
    }
}
