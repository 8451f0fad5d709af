/// The help of a command, made from what it is.
struct HelpPage {
    let command: CommandSpec
    /// The command's name and its parents'.
    let path: [String]
    /// Columns to fill.
    let columns: Int
    let style: TextStyle

    private static let indent = 2
    private static let columnMax = 26

    var text: String {
        var page = "\(command.summary).\n"
        page += heading("Usage") + usage.map { "  \($0)\n" }.joined()
        if !command.details.isEmpty {
            for paragraph in command.details.split(separator: "\n", omittingEmptySubsequences: true) {
                page += "\n" + wrapped(String(paragraph), from: 0)
            }
        }
        page += section("Commands", command.subcommands.map { ($0.name, $0.summary) })
        page += section("Arguments", command.arguments.map { ($0.name, $0.summary) })
        page += section("Options", (command.options + [.help]).map { (Self.title(of: $0), $0.summary) })
        page += examples
        page += section("Exit codes", exitCodes)
        if !command.subcommands.isEmpty {
            page += "\nThe help of a command: \(path.joined(separator: " ")) COMMAND --help\n"
        }
        return page
    }

    /// The first line of the help that is shown with an error.
    static func usageLine(_ command: CommandSpec, _ path: [String]) -> String {
        HelpPage(command: command, path: path, columns: 100, style: .plain).usage[0]
    }

    private var usage: [String] {
        let name = path.joined(separator: " ")
        guard command.body != nil else { return ["\(name) COMMAND"] }
        let options = command.options.isEmpty ? "" : " [OPTIONS]"
        return ["\(name)\(options)" + command.arguments.map { " \($0.usage)" }.joined()]
    }

    private static func title(of option: OptionSpec) -> String {
        let short = option.letter.map { "-\($0), " } ?? "    "
        return "\(short)--\(option.name)\(option.value.map { " \($0)" } ?? "")"
    }

    private var examples: String {
        guard !command.examples.isEmpty else { return "" }
        let lines = command.examples.map { "  \(style.bold($0.call))\n" + wrapped($0.purpose, from: 6) }
        return heading("Examples") + lines.joined()
    }

    private var exitCodes: [(String, String)] {
        guard command.body != nil else { return [] }
        let codes =
            [(ExitCode.done, "Done")] + command.exitCodes.map { ($0.code, $0.meaning) }
            + [(.usage, "Called wrongly")]
        return codes.sorted { $0.0.rawValue < $1.0.rawValue }.map { ("\($0.0.rawValue)", $0.1) }
    }

    private func heading(_ title: String) -> String { "\n\(style.bold(title))\n" }

    /// Titles and texts in two columns; a title that is too long stands on a line of its own.
    private func section(_ title: String, _ rows: [(String, String)]) -> String {
        guard !rows.isEmpty else { return "" }
        let width = min(Self.columnMax, (rows.map(\.0.count).max() ?? 0) + 2)
        var text = heading(title)
        for (name, summary) in rows {
            let column = Self.indent + width
            let body = wrapped(summary, from: column).dropFirst(column)
            let isLong = name.count + 2 > width
            text += String(repeating: " ", count: Self.indent) + name
            text +=
                isLong
                ? "\n" + String(repeating: " ", count: column)
                : String(repeating: " ", count: width - name.count)
            text += body
        }
        return text
    }

    /// The text in lines that fit, each beginning in a column.
    private func wrapped(_ text: String, from column: Int) -> String {
        let indent = String(repeating: " ", count: column)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, column + line.count + 1 + word.count > columns {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        lines.append(line)
        return lines.map { "\(indent)\($0)\n" }.joined()
    }
}
