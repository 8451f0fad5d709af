import HubBytes
import HubProtocols

/// Something wrong with a value: where in it, and what.
struct OptionFault {
    let path: JSONPath
    let message: String
}

/// Values of options from JSON, and from text.
extension Option {
    /// Reads a value; notes everything that is wrong with it, and is nil then.
    func value(_ json: JSONValue, at path: JSONPath, _ faults: inout [OptionFault]) -> OptionValue? {
        if isOptional, json.isNull { return OptionValue.none }
        switch kind {
        case .texts(let most):
            return texts(json, most, path, &faults)
        case .entries(let fields, let count):
            return entries(json, fields, count, path, &faults)
        default:
            guard let value = single(json) else {
                faults.append(OptionFault(path: path, message: objection(json)))
                return nil
            }
            if case .text(let check) = kind, let text = value.text, let objection = check(text) {
                faults.append(OptionFault(path: path, message: "\(name): \(objection)"))
                return nil
            }
            return value
        }
    }

    /// A value that stands alone; nil if it is not right.
    private func single(_ json: JSONValue) -> OptionValue? {
        switch kind {
        case .flag: return json.bool.map { .flag($0) }
        case .number(let range): return Self.number(json.integer, range)
        case .bytes(let range):
            let text = json.text ?? ""
            return Self.number(
                json.integer ?? UnitText.read(text, UnitText.binaryBytes)
                    ?? UnitText.read(text, UnitText.decimalBytes), range)
        case .duration(let range):
            return Self.number(json.text.flatMap { UnitText.read($0, UnitText.times) }, range)
        case .decimal(let range):
            guard let number = json.number, range.contains(number) else { return nil }
            return .decimal((number * 1000).rounded() / 1000)
        case .choice(let words): return json.text.flatMap { words.contains($0) ? .text($0) : nil }
        case .path, .text:
            guard let text = json.text, !text.isEmpty, text.utf8.count <= Self.textBytesMax,
                !text.utf8.contains(0)
            else { return nil }
            return .text(text)
        case .texts, .entries: return nil
        }
    }

    private static func number(_ value: Int64?, _ range: ClosedRange<Int64>) -> OptionValue? {
        guard let value, range.contains(value) else { return nil }
        return .number(value)
    }

    private func objection(_ json: JSONValue) -> String {
        var shown = json.noun
        switch json {
        case .string(let text): shown = "\"\(text.prefix(60))\(text.count > 60 ? "…" : "")\""
        case .integer(let number): shown = "\(number)"
        case .double(let number): shown = "\(number)"
        case .bool(let value): shown = "\(value)"
        default: break
        }
        var sentence = "\(name) is \(shown); allowed is \(expectation)"
        if case .choice(let words) = kind, let text = json.text {
            sentence += Suggestion.sentence(for: text, among: words)
        }
        return sentence
    }

    /// The longest text or path.
    static let textBytesMax = 4096

    // MARK: Lists

    private func texts(
        _ json: JSONValue, _ most: Int, _ path: JSONPath, _ faults: inout [OptionFault]
    ) -> OptionValue? {
        let texts = json.array?.compactMap(\.text)
        guard let texts, texts.count == json.array?.count, texts.count <= most, !texts.contains("") else {
            faults.append(OptionFault(path: path, message: objection(json)))
            return nil
        }
        return .texts(texts)
    }

    private func entries(
        _ json: JSONValue, _ fields: [Option], _ count: ClosedRange<Int>, _ path: JSONPath,
        _ faults: inout [OptionFault]
    ) -> OptionValue? {
        guard let values = json.array, count.contains(values.count) else {
            faults.append(OptionFault(path: path, message: objection(json)))
            return nil
        }
        let before = faults.count
        var entries: [OptionEntry] = []
        for (index, value) in values.enumerated() {
            entries.append(entry(value, fields, path.index(index), &faults))
        }
        return faults.count == before ? .entries(entries) : nil
    }

    private func entry(
        _ json: JSONValue, _ fields: [Option], _ path: JSONPath, _ faults: inout [OptionFault]
    ) -> OptionEntry {
        var entry = OptionEntry()
        for field in fields { entry[field.name] = field.standard }
        guard let first = fields.first else { return entry }
        if let object = json.object {
            OptionTree(options: fields, whole: "\(name)[]").read(object, at: path, &faults) {
                field, value, _ in
                entry[field.name] = value
            }
        } else if json.text != nil {
            if let value = first.value(json, at: path, &faults) { entry[first.name] = value }
            return entry
        } else {
            faults.append(
                OptionFault(
                    path: path, message: "an entry of \(name) is an object with \(first.name), or its text"))
            return entry
        }
        if entry[first.name] == .none, !faults.contains(where: { $0.path == path.name(first.name) }) {
            faults.append(OptionFault(path: path, message: "an entry of \(name) needs \(first.name)"))
        }
        return entry
    }

    // MARK: Text

    /// A value written on a command line or in a variable, as JSON would have it.
    func json(fromText text: String) throws(JSONTextError) -> JSONValue {
        if isOptional, text == "none" { return .null }
        switch kind {
        case .flag:
            if ["true", "yes", "on", "1"].contains(text) { return true }
            return ["false", "no", "off", "0"].contains(text) ? false : .string(text)
        case .number, .bytes:
            return Int64(text).map { .integer($0) } ?? .string(text)
        case .decimal:
            return Double(text).map { .double($0) } ?? .string(text)
        case .texts, .entries:
            let isJSON = text.hasPrefix("[") || text.hasPrefix("{")
            guard isJSON else {
                return .array(text.split(separator: ",").map { .string(String($0)) })
            }
            let value = try text.withBytes { bytes throws(JSONTextError) in
                try JSONReader.value(bytes, .json5)
            }
            return value.array == nil ? .array([value]) : value
        default: return .string(text)
        }
    }
}

/// Options in the shape of a document: objects for the parts of their names.
struct OptionTree {
    let options: [Option]
    /// What the whole is called in sentences; empty for the document itself.
    let whole: String

    /// Reads an object of the document, and hands each option over that is there and right.
    func read(
        _ object: JSONObject, at path: JSONPath, prefix: String = "", _ faults: inout [OptionFault],
        _ take: (Option, OptionValue, JSONPath) -> Void
    ) {
        for member in object.members {
            let name = prefix + member.name
            let place = path.name(member.name)
            if let option = options.first(where: { $0.name == name }) {
                if let value = option.value(member.value, at: place, &faults) { take(option, value, place) }
            } else if !member.name.contains("."), options.contains(where: { $0.name.hasPrefix(name + ".") }) {
                guard let inner = member.value.object else {
                    faults.append(
                        OptionFault(
                            path: place,
                            message: "\(name) is \(member.value.noun); it is a section, an object"))
                    continue
                }
                read(inner, at: place, prefix: name + ".", &faults, take)
            } else {
                faults.append(OptionFault(path: place, message: unknown(member.name, prefix)))
            }
        }
    }

    private func unknown(_ name: String, _ prefix: String) -> String {
        let known = options.filter { $0.name.hasPrefix(prefix) }.map {
            String($0.name.dropFirst(prefix.count).prefix { $0 != "." })
        }
        let shown = "\(prefix)\(name.prefix(60))"
        let kind = whole.isEmpty ? "there is no option" : "\(whole) has no option"
        if let near = Suggestion.nearest(to: name, among: known) {
            return "\(kind) \(shown); did you mean \"\(prefix)\(near)\"?"
        }
        // Written in another section than its own, perhaps.
        let elsewhere = options.first { $0.name.split(separator: ".").last.map(String.init) == name }
        return "\(kind) \(shown)" + (elsewhere.map { "; did you mean \"\($0.name)\"?" } ?? "")
    }
}
