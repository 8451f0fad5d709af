import HubBytes
import HubProtocols

/// The table of options as pages for people. They are made from the table alone, so they say what the program does.
package enum OptionPages {
    // MARK: The documented file

    /// A file with every option, its default and its reason. All are comments: what nobody changes follows the
    /// program's defaults, those of later versions too.
    package static var file: String {
        var lines = comment(
            "The configuration of an AgentHub: all options with their defaults, as `agenthub config default` writes them. "
                + "What is commented out is as it says here. The format is JSON5.",
            indent: 0)
        lines.append("//")
        lines += comment(
            "A flag goes before an environment variable, that before this file, and this before the default. A dot in a "
                + "name stands for a section: log.retention.age is age in retention in log. Its variable is "
                + "AGENTHUB_LOG_RETENTION_AGE, and `--set log.retention.age=30d` its flag. Relative paths start from the "
                + "directory that the hub is started in.",
            indent: 0)
        lines.append("//")
        lines += comment(
            "Options marked \"reloads\" take effect on SIGHUP; the others wait for a restart.", indent: 0)
        lines.append("{")
        for (index, section) in OptionTable.sections.enumerated() {
            if index > 0 { lines.append("") }
            lines += comment(section.summary, indent: 2)
            if section.name.isEmpty { lines.append("") }
            lines += Node(section.options).lines(indent: 2)
        }
        lines.append("}")
        return lines.joined(separator: "\n") + "\n"
    }

    /// Options by the parts of their names.
    private final class Node {
        var option: Option?
        var children: [(name: String, node: Node)] = []

        init() {}

        convenience init(_ options: [Option]) {
            self.init()
            for option in options {
                var node = self
                for part in option.name.split(separator: ".") { node = node.child(String(part)) }
                node.option = option
            }
        }

        private func child(_ name: String) -> Node {
            if let known = children.first(where: { $0.name == name }) { return known.node }
            let node = Node()
            children.append((name, node))
            return node
        }

        func lines(indent: Int) -> [String] {
            let space = String(repeating: " ", count: indent)
            var lines: [String] = []
            for (index, (name, node)) in children.enumerated() {
                if index > 0 { lines.append("") }
                if let option = node.option {
                    lines += OptionPages.lines(for: option, name: name, indent: indent)
                } else {
                    lines.append("\(space)\(name): {")
                    lines += node.lines(indent: indent + 2)
                    lines.append("\(space)},")
                }
            }
            return lines
        }
    }

    private static func lines(for option: Option, name: String, indent: Int) -> [String] {
        let space = String(repeating: " ", count: indent)
        let reloads = option.isReloadable ? " Reloads." : ""
        var lines = comment(option.summary, indent: indent)
        lines += comment("\(option.expectation.capitalizedFirst).\(reloads)", indent: indent)
        lines += comment("Why: \(option.reason)", indent: indent)
        if case .entries(let fields, _) = option.kind {
            lines += comment("Each entry has:", indent: indent)
            for field in fields {
                let standard =
                    field.standard == .none ? "" : " (default \(relaxed(field.json(of: field.standard))))"
                lines += comment(
                    "  \(field.name)\(standard): \(field.summary)", indent: indent, hanging: 4)
            }
        }
        lines.append("\(space)// \(name): \(relaxed(option.json(of: option.standard))),")
        return lines
    }

    private static func comment(_ text: String, indent: Int, hanging: Int = 0) -> [String] {
        let space = String(repeating: " ", count: indent) + "// "
        let lead = text.prefix { $0 == " " }
        let more = space + String(repeating: " ", count: hanging)
        return wrapped(text, first: space + lead, more: more)
    }

    /// Lines of at most 100 columns.
    private static func wrapped(_ text: String, first: String, more: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            let start = lines.isEmpty ? first : more
            if !line.isEmpty, start.count + line.count + 1 + word.count > 100 {
                lines.append(start + line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        lines.append((lines.isEmpty ? first : more) + line)
        return lines
    }

    /// A value as people write JSON5: names without quotes, and spaces.
    private static func relaxed(_ value: JSONValue) -> String {
        switch value {
        case .object(let object):
            let members = object.members.map { "\($0.name): \(relaxed($0.value))" }
            return members.isEmpty ? "{}" : "{ \(members.joined(separator: ", ")) }"
        case .array(let values): return "[\(values.map(relaxed).joined(separator: ", "))]"
        default:
            var writer = JSONWriter()
            writer.value(value)
            return writer.bytes.text
        }
    }

    // MARK: The manual

    /// The tables of the manual, as Markdown.
    package static var tables: String {
        var text = ""
        for section in OptionTable.sections {
            text +=
                "\n### \(section.name.isEmpty ? "The hub" : "`\(section.name)`")\n\n\(section.summary)\n\n"
            text += table(section.options)
            for option in section.options {
                guard case .entries(let fields, _) = option.kind else { continue }
                text += "\nEach entry of `\(option.name)` has:\n\n" + table(fields)
            }
        }
        return text
    }

    private static func table(_ options: [Option]) -> String {
        var text = "| option | default | allowed | what, and why so |\n|---|---|---|---|\n"
        for option in options {
            let flag = option.flag.map { " (`--\($0.name)`)" } ?? ""
            let reloads = option.isReloadable ? " *Reloads.*" : ""
            let cells = [
                "`\(option.name)`\(flag)", "`\(option.text(of: option.standard))`",
                option.expectation.escapedForTable,
                "\(option.summary.escapedForTable)\(reloads) *\(option.reason.escapedForTable)*",
            ]
            text += "| \(cells.joined(separator: " | ")) |\n"
        }
        return text
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

    /// A bar would end the cell, a star begin emphasis, an angle bracket a tag.
    fileprivate var escapedForTable: String {
        var text = ""
        for character in self { text += "|*<>".contains(character) ? "\\\(character)" : String(character) }
        return text
    }
}
