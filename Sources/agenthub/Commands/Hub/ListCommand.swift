import HubBytes
import HubProtocols

/// Lists of the HTTP interface, for people and for programs.
enum ListCommand {
    static let limit = OptionSpec(
        name: "limit", letter: "n", value: "COUNT", summary: "So many items at the most (all)")
    static let options = [limit, MessageOptions.json] + HubPlace.options

    static let exitCodes: [(code: ExitCode, meaning: String)] = [
        (.failed, "The system failed"),
        (.unavailable, "No hub can be reached there, or there is no such thing"),
        (.refused, "The hub refused"),
    ]

    /// Writes a list: a line for each item, in columns or as JSON.
    static func run(
        _ target: String, _ arguments: ParsedArguments, _ console: Console, titles: [String],
        _ cells: (JSONValue) -> [String]
    ) throws(CommandFailure) {
        let interface = try HubInterface(arguments)
        let limit = try arguments.number("limit", atLeast: 1).map { Int(clamping: $0) } ?? .max
        var rows: [[String]] = []
        let asJSON = arguments.has("json")
        try interface.items(target, limit: limit) { (item) throws(CommandFailure) in
            if asJSON { try console.write(item) } else { rows.append(cells(item)) }
        }
        guard !asJSON else { return }
        guard !rows.isEmpty else { return console.tell("There are none.\n") }
        try console.write(Columns.text(titles, rows, console.outputStyle))
    }

    /// Asks for one thing and writes it: JSON, or as a table.
    static func one(
        _ target: String, _ arguments: ParsedArguments, _ console: Console,
        _ table: (JSONValue, inout Table) -> Void
    ) throws(CommandFailure) {
        let value = try HubInterface(arguments).ask(.get, target)
        if arguments.has("json") { return try console.write(value) }
        var page = Table(style: console.outputStyle)
        table(value, &page)
        try console.write(page.text)
    }
}

extension Console {
    /// Writes a value as one line of JSON.
    func write(_ value: JSONValue) throws(CommandFailure) {
        var writer = JSONWriter()
        writer.value(value)
        writer.newline()
        try write(writer.bytes)
    }
}

extension JSONValue {
    /// What a cell shows of a member: text as it is, nothing where there is none.
    func cell(_ name: String) -> String {
        guard let value = self[name] else { return "–" }
        return value.plain
    }

    /// The value as a person reads it.
    var plain: String {
        switch self {
        case .null: "–"
        case .string(let text): MessageLine.printable(text, lengthMax: 120)
        case .integer(let number): "\(number)"
        case .bool(let value): value ? "yes" : "no"
        case .array(let values): values.isEmpty ? "–" : values.map(\.plain).joined(separator: ", ")
        case .double, .object: json
        }
    }

    /// The value as JSON.
    var json: String {
        var writer = JSONWriter()
        writer.value(self)
        return MessageLine.printable(writer.bytes.text, lengthMax: 160)
    }

    /// Time without its fraction's last digits.
    func time(_ name: String) -> String {
        guard let text = self[name]?.text else { return "–" }
        return text.count > 23 ? text.prefix(23) + "Z" : text
    }
}
