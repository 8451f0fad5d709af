import HubBytes
import HubClient
import HubModel
import HubProtocols

/// A message as a line: for people in columns, or as JSON in the words of the native protocol.
struct MessageLine {
    let delivery: Delivery

    // MARK: For people

    private static let dataLengthMax = 160

    /// Time, offset, where it went, who sent it, and what it carries.
    func text(_ style: TextStyle) -> String {
        let place = delivery.topic ?? delivery.to.map { "→ \($0)" } ?? delivery.session
        let attempt = delivery.attempt > 1 ? style.red(" (attempt \(delivery.attempt))") : ""
        return style.dim("\(Self.clock(delivery.time))  \(delivery.offset)") + "  " + style.bold(place)
            + "  " + style.dim(delivery.from.isEmpty ? "hub" : delivery.from) + "  " + word + data + attempt
            + "\n"
    }

    /// What it is, if it is no plain message.
    private var word: String {
        switch delivery.kind {
        case .message: delivery.isRetained ? "[retained] " : ""
        default: "[\(Self.type(delivery.kind))] "
        }
    }

    private var data: String {
        if delivery.isBinary { return "\(delivery.byteCount) bytes" }
        let text = delivery.json
        guard !text.isEmpty else { return "–" }
        // Line ends and control characters of somebody else's have no place on a terminal.
        return Self.printable(text, lengthMax: Self.dataLengthMax)
    }

    /// Text on one line, without what a terminal would obey.
    static func printable(_ text: String, lengthMax: Int) -> String {
        var line = ""
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < lengthMax else { return line + "…" }
            let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            line.unicodeScalars.append(isControl ? " " : scalar)
            count += 1
        }
        return line
    }

    /// The time of the day in UTC, to the millisecond.
    static func clock(_ microseconds: Int64) -> String {
        let text = Timestamp(microseconds: microseconds).description
        return String(text.dropFirst(11).prefix(12))
    }

    // MARK: As JSON

    /// The words of the protocol.
    static func type(_ kind: DeliveryKind) -> String {
        switch kind {
        case .message: "message"
        case .command: "command"
        case .response: "response"
        case .status: "status"
        case .sessionOpen: "session_open"
        case .sessionAccept: "session_accept"
        case .sessionReject: "session_reject"
        case .sessionClose: "session_close"
        case .sessionPause: "pause"
        case .sessionResume: "resume"
        case .deadLetter: "dead_letter"
        case .note: "note"
        }
    }

    /// One object on one line.
    func json() -> JSONWriter {
        var json = JSONWriter()
        json.beginObject()
        json.member("type", text: Self.type(delivery.kind))
        json.member("offset", delivery.offset)
        json.member("timestamp", text: "\(Timestamp(microseconds: delivery.time))")
        Self.optional("expires", delivery.expiry.map { "\(Timestamp(microseconds: $0))" }, &json)
        Self.optional("id", delivery.id, &json)
        Self.optional("from", delivery.from, &json)
        Self.optional("topic", delivery.topic, &json)
        Self.optional("to", delivery.to, &json)
        Self.optional("session", delivery.session, &json)
        if delivery.sequence > 0 { json.member("seq", delivery.sequence) }
        Self.optional("command_id", delivery.correlation, &json)
        Self.optional("cause", delivery.cause, &json)
        Self.optional("traceparent", delivery.trace, &json)
        Self.optional("consumer", delivery.consumer, &json)
        if delivery.attempt > 1 { json.member("attempt", delivery.attempt) }
        if delivery.isRetained { Self.flag("retain", &json) }
        if delivery.isLate { Self.flag("late", &json) }
        data(&json)
        json.endObject()
        json.newline()
        return json
    }

    private func data(_ json: inout JSONWriter) {
        if delivery.isFailure { return json.member("failure", text: delivery.json) }
        let bytes = delivery.bytes
        guard !bytes.isEmpty else { return }
        if delivery.isBinary {
            json.key("data_base64")
            bytes.withBytes { json.base64($0) }
        } else {
            json.key("data")
            // A line end between its parts would end the line.
            let line = bytes.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") ? 0x20 : $0 }
            line.withBytes { json.embed($0) }
        }
    }

    private static func optional(_ name: StaticString, _ text: String?, _ json: inout JSONWriter) {
        if let text, !text.isEmpty { json.member(name, text: text) }
    }

    private static func flag(_ name: StaticString, _ json: inout JSONWriter) {
        json.key(name)
        json.bool(true)
    }
}

extension Console {
    /// Writes a message, and has it seen at once.
    func write(_ delivery: Delivery, asJSON: Bool) throws(CommandFailure) {
        let line = MessageLine(delivery: delivery)
        if asJSON { try write(line.json().bytes) } else { try write(line.text(outputStyle)) }
    }
}
