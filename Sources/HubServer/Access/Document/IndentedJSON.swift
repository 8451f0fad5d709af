import HubBytes
package import HubProtocols

/// JSON on many lines, for files that people read and edit.
package enum IndentedJSON {
    /// The text of a value, with a line for each member and each element that is not a plain value, and a line end.
    package static func bytes(_ value: JSONValue) -> [UInt8] {
        var text = ""
        write(value, 0, &text)
        return Array("\(text)\n".utf8)
    }

    private static func write(_ value: JSONValue, _ depth: Int, _ text: inout String) {
        switch value {
        case .object(let object) where !object.isEmpty:
            let lines = object.members.map { member in
                var line = plain(.string(member.name)) + ": "
                write(member.value, depth + 1, &line)
                return line
            }
            text += surrounded(lines, "{", "}", depth)
        case .array(let values) where values.contains(where: { $0.object != nil || $0.array != nil }):
            let lines = values.map { value in
                var line = ""
                write(value, depth + 1, &line)
                return line
            }
            text += surrounded(lines, "[", "]", depth)
        case .array(let values) where !values.isEmpty:
            text += "[" + values.map(plain).joined(separator: ", ") + "]"
        default: text += plain(value)
        }
    }

    private static func surrounded(_ lines: [String], _ first: String, _ last: String, _ depth: Int) -> String
    {
        let indent = String(repeating: "  ", count: depth)
        return "\(first)\n" + lines.map { "\(indent)  \($0)" }.joined(separator: ",\n") + "\n\(indent)\(last)"
    }

    private static func plain(_ value: JSONValue) -> String {
        var writer = JSONWriter(capacity: 64)
        writer.value(value)
        return writer.bytes.text
    }
}
