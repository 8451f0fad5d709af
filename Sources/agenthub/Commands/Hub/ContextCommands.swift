import HubProtocols
import HubSystem

/// `agenthub context`: names for hubs.
enum ContextCommands {
    static let command = CommandSpec(
        name: "context", summary: "Give hubs names, with the token to show and the authority to trust",
        details: """
            They are kept in $XDG_CONFIG_HOME/agenthub/contexts.json, or below ~/.config, in a file that nobody else may \
            read. What an option or the environment says goes before the context.
            """,
        subcommands: [add, use, list, remove])

    private static let name = ArgumentSpec(name: "NAME", summary: "What the context is called")
    private static let exitCodes: [(code: ExitCode, meaning: String)] = [
        (.failed, "The disk or the system failed"), (.unavailable, "No such context, or not allowed"),
    ]

    private static let add = CommandSpec(
        name: "add", summary: "Add a context, or change one",
        arguments: [
            name, ArgumentSpec(name: "URL", summary: "The hub: ws://, wss://, http:// or unix:PATH"),
        ],
        options: [
            OptionSpec(
                name: "token", value: "TOKEN", summary: "The token to show; - reads it from standard input"),
            OptionSpec(name: "ca", value: "FILE", summary: "Whose certificates to trust, in PEM"),
            OptionSpec(name: "use", summary: "Use it from now on"),
        ],
        examples: [
            .init(
                call: "agenthub context add cellar wss://hub.example:8000 --ca ca.pem --token - --use",
                purpose:
                    "A hub elsewhere; the token is typed or piped in, so that no list of processes shows it.")
        ],
        exitCodes: exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let name = arguments.arguments[0]
        guard ContextFile.isName(name) else {
            throw .usage(
                UsageError("\"\(name)\" is no name: letters, digits, -, _ and . are, 64 of them at the most"))
        }
        var context = NamedContext(url: try HubPlace.clientURL(arguments.arguments[1]))
        context.token = try token(arguments.value("token"))
        context.authorityFile = arguments.value("ca").map { absolute($0) }
        var file = try ContextFile.load()
        file.contexts[name] = context
        if arguments.has("use") || file.contexts.count == 1 { file.current = name }
        try file.save()
        try console.write("\(name) is \(context.url)\(file.current == name ? ", and is used" : "").\n")
        return .done
    }

    private static func token(_ text: String?) throws(CommandFailure) -> String? {
        guard text == "-" else { return text }
        var lines = InputLines()
        guard let line = try lines.next() else { throw .usage(UsageError("there is no token to read")) }
        return String(decoding: line, as: UTF8.self)
    }

    /// Commands are called in other folders than the one in which the context was made.
    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = CurrentProcess.folder else { return path }
        return "\(folder)/\(path)"
    }

    private static let use = CommandSpec(
        name: "use", summary: "Use a context where none is named", arguments: [name], exitCodes: exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        var file = try ContextFile.load()
        let name = arguments.arguments[0]
        guard let context = file.contexts[name] else { throw absent(name) }
        file.current = name
        try file.save()
        try console.write("\(name) is used: \(context.url).\n")
        return .done
    }

    private static func absent(_ name: String) -> CommandFailure {
        .absent("there is no context \(name); agenthub context list shows them")
    }

    private static let list = CommandSpec(
        name: "list", summary: "Show the contexts; tokens are not shown", options: [MessageOptions.json],
        exitCodes: exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let file = try ContextFile.load()
        let contexts = file.contexts.sorted { $0.key < $1.key }
        if arguments.has("json") {
            for (name, context) in contexts {
                var object = JSONObject()
                object["name"] = .string(name)
                object["url"] = .string(context.url)
                object["has_token"] = .bool(context.token != nil)
                object["ca"] = context.authorityFile.map { .string($0) }
                object["is_used"] = .bool(name == file.current)
                try console.write(.object(object))
            }
            return .done
        }
        guard !contexts.isEmpty else {
            console.tell("There are none. The hub is \(HubPlace.usualURL) where nothing else is said.\n")
            return .done
        }
        let rows = contexts.map { name, context in
            [
                name == file.current ? "*" : "", name, context.url, context.token == nil ? "no" : "yes",
                context.authorityFile ?? "–",
            ]
        }
        try console.write(Columns.text(["", "NAME", "URL", "TOKEN", "CA"], rows, console.outputStyle))
        return .done
    }

    private static let remove = CommandSpec(
        name: "remove", summary: "Forget a context", arguments: [name], exitCodes: exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        var file = try ContextFile.load()
        let name = arguments.arguments[0]
        guard file.contexts.removeValue(forKey: name) != nil else { throw absent(name) }
        if file.current == name { file.current = nil }
        try file.save()
        try console.write("Removed \(name).\n")
        return .done
    }
}
