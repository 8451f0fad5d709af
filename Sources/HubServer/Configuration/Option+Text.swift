import HubBytes
package import HubProtocols

/// Options and their values as text.
extension Option {
    /// A value as it stands on a command line or in a variable.
    package func text(of value: OptionValue) -> String {
        switch (value, kind) {
        case (.none, _): "none"
        case (.number(let number), .bytes): UnitText.write(number, UnitText.binaryBytes)
        case (.number(let number), .duration): UnitText.write(number, UnitText.times)
        case (.number(let number), _): "\(number)"
        case (.flag(let value), _): "\(value)"
        case (.decimal(let value), _): "\(value)"
        case (.text(let text), _): text
        case (.texts(let texts), _): texts.isEmpty ? "[]" : texts.joined(separator: ",")
        case (.entries, _): compact(json(of: value))
        }
    }

    /// A value as JSON.
    package func json(of value: OptionValue) -> JSONValue {
        switch (value, kind) {
        case (.none, _): .null
        case (.number, .bytes), (.number, .duration): .string(text(of: value))
        case (.number(let number), _): .integer(number)
        case (.flag(let value), _): .bool(value)
        case (.decimal(let value), _): .double(value)
        case (.text(let text), _): .string(text)
        case (.texts(let texts), _): .array(texts.map { .string($0) })
        case (.entries(let entries), .entries(let fields, _)):
            .array(entries.map { Self.json(of: $0, fields) })
        case (.entries, _): .null
        }
    }

    /// An entry with what is not as usual, and the first field in any case.
    private static func json(of entry: OptionEntry, _ fields: [Option]) -> JSONValue {
        var object = JSONObject()
        for (index, field) in fields.enumerated() where index == 0 || entry[field.name] != field.standard {
            let steps = field.name.split(separator: ".").map(String.init)
            let value = field.json(of: entry[field.name])
            if steps.count == 2 {
                var inner = object[steps[0]]?.object ?? JSONObject()
                inner[steps[1]] = value
                object[steps[0]] = .object(inner)
            } else {
                object[field.name] = value
            }
        }
        return .object(object)
    }

    private func compact(_ value: JSONValue) -> String {
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes.text
    }

    /// What may be written for it, in words.
    package var expectation: String {
        let words =
            switch kind {
            case .flag: "true or false"
            case .number(let range): "a whole number, \(range.lowerBound) to \(range.upperBound)"
            case .decimal(let range): "a number, \(range.lowerBound) to \(range.upperBound)"
            case .bytes(let range): "bytes as in \"64 MiB\", \(bounds(range))"
            case .duration(let range): "a time as in \"30 s\", \(bounds(range))"
            case .choice(let words): Self.list(words.map { "\"\($0)\"" })
            case .path: "a path"
            case .text: "text"
            case .texts(let most): "a list of up to \(most) texts"
            case .entries(_, let count):
                "a list of \(count.lowerBound) to \(count.upperBound) entries"
            }
        return isOptional ? words + ", or none" : words
    }

    private func bounds(_ range: ClosedRange<Int64>) -> String {
        "\(text(of: .number(range.lowerBound))) to \(text(of: .number(range.upperBound)))"
    }

    private static func list(_ words: [String]) -> String {
        guard words.count > 1, let last = words.last else { return words.joined() }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}
