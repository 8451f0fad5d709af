import HubBytes
import HubModel
import HubRouter

/// A record of the log, taken out of it.
struct LoggedMessage: Equatable {
    let offset: Offset
    let kind: MessageKind
    let session: String
    let sequence: SequenceNumber
    let sender: NameID
    let destination: NameID
    let flags: RecordFlags
    let correlation: String
    let expiry: Timestamp
    let time: Timestamp
    let text: String

    init(_ record: RecordView, session: String) {
        offset = record.offset
        kind = record.kind
        self.session = session
        sequence = record.sequence
        sender = record.sender
        destination = record.destination
        flags = record.flags
        correlation = record.correlation.text
        expiry = record.expiry
        time = record.time
        text = record.payload.text
    }
}

/// What an agent was given.
struct Given {
    let message: LoggedMessage
    let consumer: ConsumerHandle
    let attempt: Int

    init(_ message: LoggedMessage, _ delivery: Effects.Delivery) {
        self.message = message
        consumer = delivery.consumer
        attempt = delivery.attempt
    }

    var text: String { message.text }
    var offset: Offset { message.offset }
}

/// What an agent wants to publish.
struct Draft: Sendable {
    var kind = MessageKind.message
    var targetKind: Proposal.Target
    var target: String
    var text: String
    var id = ""
    var session = ""
    var correlation = ""
    var cause = ""
    var trace = ""
    var annotations = ""
    /// Milliseconds after which it loses its value, or when it does.
    var within: Int64?
    var expiry: Timestamp?
    var isRetained = false
    var durability = Durability.fsynced

    init(
        _ text: String = "text", on topic: String, id: String = "", _ change: (inout Draft) -> Void = { _ in }
    ) {
        self.init(.message, .topic, topic, text, id: id, change)
    }

    init(
        _ text: String = "text", to agent: String, id: String = "", _ change: (inout Draft) -> Void = { _ in }
    ) {
        self.init(.message, .agent, agent, text, id: id, change)
    }

    init(
        _ kind: MessageKind, _ targetKind: Proposal.Target, _ target: String = "", _ text: String = "text",
        id: String = "", _ change: (inout Draft) -> Void = { _ in }
    ) {
        self.kind = kind
        self.targetKind = targetKind
        self.target = target
        self.text = text
        self.id = id
        change(&self)
    }

    /// A command to an agent.
    static func command(
        _ id: String, to agent: String, within milliseconds: Int64? = nil,
        _ change: (inout Draft) -> Void = { _ in }
    ) -> Draft {
        var draft = Draft(.command, .agent, agent, "do \(id)", id: id)
        draft.within = milliseconds
        change(&draft)
        return draft
    }

    /// An answer that does not name who asked, unless it says so.
    static func answer(_ command: String, _ text: String = "done", to asker: String? = nil) -> Draft {
        var draft = Draft(.response, asker == nil ? .implied : .agent, asker ?? "", text)
        draft.correlation = command
        return draft
    }

    static func status(_ text: String) -> Draft { Draft(.status, .implied, "", text) }
}

/// Texts one behind the other, as the router looks at bytes where they lie.
struct PackedParts {
    private(set) var bytes: [UInt8] = []
    private(set) var ranges: [Range<Int>] = []

    init(_ texts: String...) {
        for text in texts {
            let start = bytes.count
            bytes.append(contentsOf: text.utf8)
            ranges.append(start..<bytes.count)
        }
    }
}

/// Texts that are numbered.
func numbered(_ range: ClosedRange<Int>) -> [String] { range.map { "m\($0)" } }
