import HubProtocols

/// `agenthub consumers`: who reads, and how far.
enum ConsumerCommands {
    static let command = CommandSpec(
        name: "consumers", summary: "Show consumers, move them, pause them, and delete them",
        subcommands: [list, show, move, pause, resume, delete])

    private static let name = ArgumentSpec(name: "CONSUMER", summary: "The consumer's name")
    private static let options = [MessageOptions.json] + HubPlace.options

    private static let list = CommandSpec(
        name: "list", summary: "Show all consumers that have names", options: ListCommand.options,
        exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        try ListCommand.run(
            "/consumers", arguments, console,
            titles: ["CONSUMER", "STATE", "POSITION", "IN FLIGHT", "DEAD", "OF", "MEMBERS"]
        ) { item in
            [
                item.cell("name"), item.cell("state"), item.cell("position"), item.cell("in_flight"),
                item.cell("dead_letters"), filter(item), item.cell("members"),
            ]
        }
        return .done
    }

    private static func filter(_ consumer: JSONValue) -> String {
        consumer["inbox"].map { "inbox of \($0.plain)" } ?? consumer.cell("topics")
    }

    private static let show = CommandSpec(
        name: "show", summary: "Show one consumer with its settings", arguments: [name], options: options,
        exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        try ListCommand.one(target(arguments), arguments, console) { table(of: $0, &$1) }
        return .done
    }

    private static func target(_ arguments: ParsedArguments) -> String {
        "/consumers/\(HubInterface.encoded(arguments.arguments[0]))"
    }

    private static func table(of consumer: JSONValue, _ table: inout Table) {
        table.heading(consumer.cell("name"))
        table.row("of", filter(consumer))
        for name in ["state", "position", "pending", "in_flight", "dead_letters", "members"] {
            guard consumer[name] != nil else { continue }
            table.row(String(name.map { $0 == "_" ? " " : $0 }), consumer.cell(name))
        }
        guard let settings = consumer["settings"]?.object else { return }
        table.heading("Settings")
        for member in settings.members {
            table.row(String(member.name.map { $0 == "_" ? " " : $0 }), member.value.plain)
        }
    }

    private static let move = CommandSpec(
        name: "move", summary: "Have a consumer go on somewhere else",
        details: "What it had not settled is delivered again only if it lies behind the new place.",
        arguments: [
            name,
            ArgumentSpec(
                name: "PLACE", summary: "new for what comes, all for the oldest that is kept, or an offset"),
        ], options: options,
        examples: [.init(call: "agenthub consumers move audit all", purpose: "It reads everything again.")],
        exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let place: JSONValue
        switch arguments.arguments[1] {
        case "new", "all": place = .string(arguments.arguments[1])
        case let text:
            guard let offset = Int64(text), offset >= 0 else {
                throw .usage(UsageError("PLACE is new, all or an offset, not \"\(text)\""))
            }
            place = .integer(offset)
        }
        return try change(["position": place], arguments, console) { "\($0) goes on at \($1)." }
    }

    private static let pause = CommandSpec(
        name: "pause", summary: "Hold back what a consumer would get", arguments: [name], options: options,
        exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        try change(["paused": true], arguments, console) { name, _ in "\(name) is paused." }
    }

    private static let resume = CommandSpec(
        name: "resume", summary: "Let a paused consumer go on", arguments: [name], options: options,
        exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        try change(["paused": false], arguments, console) { "\($0) goes on at \($1)." }
    }

    private static func change(
        _ change: JSONValue, _ arguments: ParsedArguments, _ console: Console,
        _ sentence: (String, String) -> String
    ) throws(CommandFailure) -> ExitCode {
        let consumer = try HubInterface(arguments).ask(.patch, target(arguments), change)
        if arguments.has("json") {
            try console.write(consumer)
        } else {
            try console.write(sentence(arguments.arguments[0], consumer.cell("position")) + "\n")
        }
        return .done
    }

    private static let delete = CommandSpec(
        name: "delete", summary: "Forget a consumer and its place",
        details: "What it had not settled is nobody's business any more. Messages stay where they are.",
        arguments: [name], options: options, exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        try HubInterface(arguments).ask(.delete, target(arguments))
        if arguments.has("json") {
            try console.write(["deleted": .string(arguments.arguments[0])] as JSONValue)
        } else {
            try console.write("Deleted \(arguments.arguments[0]).\n")
        }
        return .done
    }
}
