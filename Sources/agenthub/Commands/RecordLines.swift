import HubBytes
import HubModel
import HubProtocols
import HubStorage

/// Records as JSON, names and all.
final class RecordLines {
    /// Whether a name was met that the log cannot read.
    private(set) var hasUnreadableNames = false

    private let reader: LMDBReader
    /// Names by number; nil for one that cannot be read.
    private var names: [NameID: KnownName?] = [:]
    /// More names than this are looked up again rather than kept.
    private static let namesMax = 100_000
    /// Payloads that are nested deeper are written in base64.
    private static let depthMax = 64

    init(_ reader: LMDBReader) { self.reader = reader }

    func append(_ record: RecordView, to json: inout JSONWriter) {
        json.beginObject()
        json.member("offset", record.offset.rawValue)
        json.member("time", text: record.time.description)
        json.member("kind", text: Self.words[Int(record.kind.rawValue)])
        appendName("tenant", record.tenant, &json)
        appendName("session", record.session, &json)
        if record.sequence != .none { json.member("sequence", record.sequence.rawValue) }
        appendName("from", record.sender, &json)
        appendDestination(record.destination, &json)
        appendText("id", record.id, &json)
        appendText("correlation", record.correlation, &json)
        appendText("cause", record.cause, &json)
        appendText("trace", record.trace, &json)
        if record.expiry != .none { json.member("expiry", text: record.expiry.description) }
        appendFlags(record.flags, &json)
        if record.dialect != 0 { json.member("dialect", record.dialect) }
        if record.flags.contains(.annotated) {
            appendBytes("annotations", "annotations_base64", record.annotations, &json)
        }
        appendBytes("data", "data_base64", record.payload, &json)
        json.endObject()
    }

    // MARK: Parts

    private func appendName(_ key: StaticString, _ id: NameID, _ json: inout JSONWriter) {
        guard id != .none else { return }
        json.member(key, text: name(id)?.text)
    }

    private func appendDestination(_ id: NameID, _ json: inout JSONWriter) {
        guard id != .none else { return }
        let name = name(id)
        switch name?.key.kind {
        case .agent: json.member("to", text: name?.text)
        case .consumer: json.member("consumer", text: name?.text)
        default: json.member("topic", text: name?.text)
        }
    }

    private func appendText(_ key: StaticString, _ text: RawSpan, _ json: inout JSONWriter) {
        guard !text.isEmpty else { return }
        json.key(key)
        json.string(text)
    }

    private func appendFlags(_ flags: RecordFlags, _ json: inout JSONWriter) {
        guard !flags.isEmpty else { return }
        json.key("flags")
        json.beginArray()
        for (flag, word) in Self.flagWords where flags.contains(flag) { json.string(word) }
        json.endArray()
    }

    /// JSON as it is, anything else in base64.
    private func appendBytes(
        _ key: StaticString, _ encodedKey: StaticString, _ bytes: RawSpan, _ json: inout JSONWriter
    ) {
        if JSONValidator.fault(in: bytes, depthMax: Self.depthMax) == nil {
            json.key(key)
            json.embed(bytes)
        } else {
            json.key(encodedKey)
            json.base64(bytes)
        }
    }

    private func name(_ id: NameID) -> KnownName? {
        if let known = names[id] { return known }
        if names.count >= Self.namesMax { names.removeAll(keepingCapacity: true) }
        // A name that cannot be read must not keep the records from being written.
        let found = try? reader.name(id)
        if found == nil { hasUnreadableNames = true }
        names[id] = .some(found)
        return found
    }

    // MARK: Words

    private static let flagWords: [(RecordFlags, String)] = [
        (.annotated, "annotated"), (.retained, "retained"), (.receiptedFromMemory, "receipted_from_memory"),
        (.binary, "binary"), (.late, "late"),
    ]

    /// By a kind's number: its name with underscores.
    private static let words: [String] = {
        var words = Array(repeating: "", count: 256)
        for kind in MessageKind.allCases {
            words[Int(kind.rawValue)] = String(describing: kind).flatMap { letter in
                letter.isUppercase ? "_\(letter.lowercased())" : "\(letter)"
            }.map(String.init).joined()
        }
        return words
    }()
}
