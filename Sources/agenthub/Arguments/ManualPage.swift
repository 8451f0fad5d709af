import HubServer

/// The program's page for `man`, made from the tree of commands.
struct ManualPage {
    private var lines: [String] = []

    init(root: CommandSpec, version: String) {
        lines.append(
            ".TH \(Self.escaped(root.name.uppercased())) 1 \"\" \"AgentHub \(Self.escaped(version))\"")
        heading("NAME")
        text("\(root.name) \\- \(Self.escaped(root.summary.lowercasedFirst))", isRaw: true)
        heading("SYNOPSIS")
        for command in root.subcommands {
            lines.append(".br")
            lines.append(".B \(Self.escaped("\(root.name) \(command.name)"))")
            text(command.body == nil ? "COMMAND [OPTIONS]" : Self.usage(command))
        }
        heading("COMMANDS")
        for command in root.subcommands { add(command, path: "\(root.name) \(command.name)") }
        heading("EXIT STATUS")
        for (code, meaning) in Self.exitCodes { entry("\(code.rawValue)", meaning) }
        heading("ENVIRONMENT")
        entry(Option.fileVariable, "The file with the hub's options, as --config.")
        entry(
            "\(Option.variablePrefix)NAME",
            "The option of the name, in capitals and with _ for each dot: AGENTHUB_LOG_RETENTION_AGE for log.retention.age."
        )
        entry(
            "AGENTHUB_URL, AGENTHUB_TOKEN, AGENTHUB_CA", "As --url, --token and --ca of commands for a hub.")
        entry("AGENTHUB_CONTEXT", "As --context: the context with all three.")
        entry("NO_COLOR", "No colours on a terminal, if it is set to anything.")
    }

    /// The page in the language of `man`.
    var text: String { lines.joined(separator: "\n") + "\n" }

    private static let exitCodes: [(ExitCode, String)] = [
        (.done, "Done."), (.failed, "It could not be done: the disk or the system failed."),
        (.usage, "Called wrongly."),
        (.unavailable, "Nothing there to work on: absent, in use, not allowed, or of a newer format."),
        (.damaged, "The log is damaged."), (.refused, "The hub refused."),
        (.timeout, "No answer came in time."), (.misconfigured, "The configuration is wrong."),
        (.interrupted, "Interrupted before it was done."),
    ]

    private static func usage(_ command: CommandSpec) -> String {
        ((command.options.isEmpty ? [] : ["[OPTIONS]"]) + command.arguments.map(\.usage)).joined(
            separator: " ")
    }

    // MARK: Parts

    private mutating func add(_ command: CommandSpec, path: String) {
        lines.append(".SS \(Self.escaped(path))")
        text(command.summary + ".")
        for paragraph in command.details.split(separator: "\n") {
            lines.append(".PP")
            text(String(paragraph))
        }
        for argument in command.arguments { entry(argument.name, argument.summary + ".") }
        for option in command.options {
            entry(Self.title(option), Self.sentence(option.summary))
        }
        for example in command.examples {
            lines.append(".PP")
            text(example.purpose)
            lines += [".PP", ".in +4n", ".nf"]
            text(example.call)
            lines += [".fi", ".in"]
        }
        for inner in command.subcommands { add(inner, path: "\(path) \(inner.name)") }
    }

    private static func sentence(_ text: String) -> String {
        text.hasSuffix(".") || text.hasSuffix(")") ? text : text + "."
    }

    private static func title(_ option: OptionSpec) -> String {
        let value = option.value.map { " \($0)" } ?? ""
        return (option.letter.map { "-\($0), " } ?? "") + "--\(option.name)\(value)"
    }

    private mutating func heading(_ title: String) { lines.append(".SH \(title)") }

    private mutating func entry(_ title: String, _ meaning: String) {
        lines += [".TP", ".B \(Self.escaped(title))"]
        text(meaning)
    }

    private mutating func text(_ text: String, isRaw: Bool = false) {
        guard !text.isEmpty else { return }
        let escaped = isRaw ? text : Self.escaped(text)
        // A line that begins so would be a request to the formatter.
        lines.append(escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped)
    }

    /// What the formatter would make something else of: backslashes, and dashes, which it takes for hyphens.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "~": result += "\\(ti"
            case "^": result += "\\(ha"
            case "…": result += "..."
            default: result.append(character)
            }
        }
        return result
    }
}
