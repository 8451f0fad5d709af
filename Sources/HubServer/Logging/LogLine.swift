import HubBytes
import HubModel
import HubProtocols

/// A line that waits to be written.
struct LogLine: Sendable {
    let time: Timestamp
    let level: LogLevel
    let message: StaticString
    let fields: [(name: StaticString, value: LogValue)]
}

/// How lines are written.
package enum LogFormat: String, Sendable {
    /// For people: time, level, message, `name=value`.
    case text
    /// For programs: a JSON object on each line.
    case json
}

extension LogLine {
    /// Appends the line with its end.
    func write(to output: inout ByteBuffer, _ format: LogFormat, colours: Bool) {
        switch format {
        case .text: writeText(to: &output, colours: colours)
        case .json: writeJSON(to: &output)
        }
    }

    private func writeText(to output: inout ByteBuffer, colours: Bool) {
        let word = level.description.uppercased()
        let padding = String(repeating: " ", count: max(0, 7 - word.count))
        let colour = colours ? Self.colours[Int(level.rawValue)] : ""
        output.append(utf8: "\(time) ")
        output.append(utf8: colour.isEmpty ? word : "\u{1b}[\(colour)m\(word)\u{1b}[0m")
        output.append(utf8: "\(padding) \(message)")
        for field in fields {
            output.append(utf8: " \(field.name)=")
            switch field.value {
            case .text(let text) where LogText.isWord(text): output.append(utf8: text)
            case .text(let text): output.append(utf8: "\"\(LogText.escaped(text))\"")
            case .number(let number): output.append(utf8: "\(number)")
            case .flag(let flag): output.append(utf8: "\(flag)")
            }
        }
        output.append("\n")
    }

    /// By level: dim, none, bold, yellow, red.
    private static let colours = ["2", "", "1", "33", "31"]

    private func writeJSON(to output: inout ByteBuffer) {
        var json = JSONWriter(capacity: 512)
        json.beginObject()
        json.key("time")
        json.string(time.description)
        json.key("level")
        json.string(level.description)
        json.key("message")
        json.string(message.description)
        for field in fields {
            json.key(field.name)
            switch field.value {
            case .text(let text): "\"\(LogText.escaped(text))\"".withBytes { json.embed($0) }
            case .number(let number): json.number(number)
            case .flag(let flag): json.bool(flag)
            }
        }
        json.endObject()
        json.newline()
        output.append(json.bytes)
    }
}
