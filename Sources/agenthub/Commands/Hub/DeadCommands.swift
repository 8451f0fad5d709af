import HubProtocols

/// `agenthub dead`: messages that were given up.
enum DeadCommands {
    static let command = CommandSpec(
        name: "dead", summary: "Show dead letters, bring them back, and drop them",
        details: """
            A message becomes a dead letter of a consumer when it was delivered as often as the consumer allows, or when \
            whoever had it gave it up.
            """,
        subcommands: [list, show, redrive, drop])

    private static let consumer = OptionSpec(
        name: "consumer", letter: "c", value: "NAME", summary: "Those of one consumer")
    private static let all = OptionSpec(
        name: "all", summary: "All of them, of --consumer if that is given")
    private static let offsets = ArgumentSpec(
        name: "OFFSET", count: .any, summary: "Which one: its own offset, as the list shows it")

    private static func target(_ arguments: ParsedArguments) -> String {
        "/dead-letters" + (arguments.value("consumer").map { "?consumer=\(HubInterface.encoded($0))" } ?? "")
    }

    private static let list = CommandSpec(
        name: "list", summary: "Show dead letters that nobody has dealt with",
        options: [consumer] + ListCommand.options, exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        try ListCommand.run(
            target(arguments), arguments, console,
            titles: ["OFFSET", "CONSUMER", "REASON", "ATTEMPTS", "MESSAGE", "DATA"]
        ) { item in
            [
                item.cell("offset"), item.cell("consumer"), item.cell("reason"), item.cell("attempts"),
                item.cell("message"), item["delivery"]?["data"]?.json ?? "–",
            ]
        }
        return .done
    }

    private static let show = CommandSpec(
        name: "show", summary: "Show one dead letter with its message",
        arguments: [ArgumentSpec(name: "OFFSET", summary: "Its offset, as the list shows it")],
        options: [MessageOptions.json] + HubPlace.options, exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let offset = try offset(arguments.arguments[0])
        try ListCommand.one("/dead-letters/\(offset)", arguments, console) { letter, table in
            table.heading("Dead letter \(offset)")
            for name in ["consumer", "reason", "remark", "attempts", "message"] {
                if letter[name] != nil { table.row(name, letter.cell(name)) }
            }
            for name in ["taken", "last_delivered"] {
                table.row(String(name.map { $0 == "_" ? " " : $0 }), letter.time(name))
            }
            guard let message = letter["delivery"]?.object else { return }
            table.heading("Message")
            for member in message.members { table.row(member.name, member.value.plain) }
        }
        return .done
    }

    static func offset(_ text: String) throws(CommandFailure) -> UInt64 {
        guard let offset = UInt64(text) else {
            throw .usage(UsageError("OFFSET is a whole number, not \"\(text)\""))
        }
        return offset
    }

    private static let redrive = CommandSpec(
        name: "redrive", summary: "Deliver dead letters again, as if for the first time",
        arguments: [offsets], options: [all, consumer, MessageOptions.json] + HubPlace.options,
        examples: [
            .init(call: "agenthub dead redrive 1042", purpose: "One of them."),
            .init(call: "agenthub dead redrive --all --consumer audit", purpose: "All of a consumer."),
        ],
        exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        try deal(arguments, console, .post, done: "Brought back")
    }

    private static let drop = CommandSpec(
        name: "drop", summary: "Drop dead letters for good",
        arguments: [offsets], options: [all, consumer, MessageOptions.json] + HubPlace.options,
        exitCodes: ListCommand.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        try deal(arguments, console, .delete, done: "Dropped")
    }

    private static func deal(
        _ arguments: ParsedArguments, _ console: Console, _ method: HTTPMethod, done: String
    ) throws(CommandFailure) -> ExitCode {
        let interface = try HubInterface(arguments)
        guard arguments.has("all") != !arguments.arguments.isEmpty else {
            throw .usage(UsageError("which dead letters: OFFSET, or --all, and not both"))
        }
        var chosen: [UInt64] = []
        if arguments.has("all") {
            // Listed first: a letter that is dealt with is not in the list any more.
            try interface.items(target(arguments)) { (item) throws(CommandFailure) in
                if let offset = item["offset"]?.integer { chosen.append(UInt64(clamping: offset)) }
            }
        } else {
            for text in arguments.arguments { chosen.append(try offset(text)) }
        }
        for offset in chosen {
            try interface.ask(method, "/dead-letters/\(offset)")
            if arguments.has("json") {
                try console.write(["offset": .integer(Int64(clamping: offset))] as JSONValue)
            }
        }
        if !arguments.has("json") {
            try console.write("\(done) \(Quantity.count(chosen.count, "dead letter")).\n")
        }
        return .done
    }
}
