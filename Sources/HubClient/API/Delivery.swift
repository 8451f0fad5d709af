import HubBytes
import HubConnection
import HubModel
import HubProtocols

/// What a message is.
public enum DeliveryKind: Sendable, Equatable {
    /// A message to a topic or to one agent.
    case message
    /// A command, which wants one answer before its deadline.
    case command
    /// The answer to a command that nobody waits for any more.
    case response
    /// What an agent says of itself.
    case status
    /// A session was proposed.
    case sessionOpen
    /// The other one joined.
    case sessionAccept
    /// The other one declined.
    case sessionReject
    /// A session ended.
    case sessionClose
    /// What is in a session is held back.
    case sessionPause
    /// What is in a session goes on.
    case sessionResume
    /// A message that was given up, with its history.
    case deadLetter
    /// Something that the hub notes.
    case note

    init(_ kind: MessageKind) {
        self =
            switch kind {
            case .message: .message
            case .command: .command
            case .response: .response
            case .status: .status
            case .sessionOpen: .sessionOpen
            case .sessionAccept: .sessionAccept
            case .sessionReject: .sessionReject
            case .sessionClose: .sessionClose
            case .pause: .sessionPause
            case .resume: .sessionResume
            case .deadLetter: .deadLetter
            default: .note
            }
    }
}

/// A message as it came from the hub. Texts are read out of the frame when they are asked for.
public struct Delivery: Sendable {
    /// The frames that it came with.
    let frames: SharedBytes
    /// Where its parts lie in them.
    let message: RoutedMessage
    private let consumerName: Slice
    /// Who is told what becomes of it; nil for a replay.
    let desk: SettlementDesk?
    /// How often it was delivered, this time included.
    public let attempt: Int

    init(_ delivery: NativeDelivery, _ frames: SharedBytes, _ desk: SettlementDesk?) {
        message = delivery.message
        consumerName = delivery.consumer
        attempt = delivery.attempt
        self.frames = frames
        self.desk = desk
    }

    /// What it is.
    public var kind: DeliveryKind { DeliveryKind(message.kind) }
    /// Its place in the log.
    public var offset: UInt64 { message.offset.rawValue }
    /// Its place in its session, counted from 1.
    public var sequence: UInt64 { message.sequence.rawValue }
    /// When the hub took it, in microseconds since 1970 began.
    public var time: Int64 { message.time.microseconds }
    /// When it loses its value, in microseconds since 1970 began; nil for never.
    public var expiry: Int64? { message.expiry == .none ? nil : message.expiry.microseconds }
    /// It is the last value of its topic, kept for those who come later.
    public var isRetained: Bool { message.flags.contains(.retained) }
    /// It answers a command that had its answer, or whose time was over.
    public var isLate: Bool { message.flags.contains(.late) }
    /// The hub ended the command in place of whoever should have answered; what it carries is the reason, as plain text.
    public var isFailure: Bool { message.flags.contains(.failure) }
    /// What it carries is bytes, not JSON.
    public var isBinary: Bool { message.flags.contains(.binary) }

    /// The agent that sent it.
    public var from: String { text(message.sender) }
    /// The topic that it was published to; nil if it was sent to an agent.
    public var topic: String? {
        message.isDirect || message.destination.isEmpty ? nil : text(message.destination)
    }
    /// The agent that it was sent to; nil if it was published.
    public var to: String? { message.isDirect ? text(message.destination) : nil }
    /// The session that it belongs to.
    public var session: String { text(message.session) }
    /// The id that its sender gave it.
    public var id: String { text(message.id) }
    /// The consumer that it came by; empty in a replay.
    public var consumer: String { text(consumerName) }
    /// The id of the command that it answers; nil if it answers none.
    public var correlation: String? { optional(message.correlation) }
    /// The message that brought it about; nil if its sender named none.
    public var cause: String? { optional(message.cause) }
    /// The trace that it is part of; nil if there is none.
    public var trace: String? { optional(message.trace) }
    /// What it carries: a JSON value as text, exactly as its sender wrote it; empty if it carries nothing.
    public var json: String { text(message.payload) }
    /// The same as bytes.
    public var bytes: [UInt8] { message.payload.of(frames.bytes).array }
    /// How many these are.
    public var byteCount: Int { Int(message.payload.count) }

    private func text(_ slice: Slice) -> String { slice.of(frames.bytes).text }

    private func optional(_ slice: Slice) -> String? { slice.isEmpty ? nil : text(slice) }

    // MARK: What becomes of it

    /// It is done with, and is not to come again. The first verdict counts.
    public func ack() { desk?.settle(offset, .acknowledged) }

    /// Everything of its consumer up to it is done with.
    public func ackAllUpToHere() { desk?.settle(upTo: offset) }

    /// It is to come again: after so many milliseconds, or after the usual pause.
    public func nak(delayMilliseconds: Int64? = nil, reason: String? = nil) {
        desk?.settle(offset, .refused, delay: delayMilliseconds, reason: reason)
    }

    /// It takes longer: the time for it begins anew.
    public func working() { desk?.settle(offset, .working) }

    /// It is not to come again, and goes to the dead letters.
    public func term(reason: String) { desk?.settle(offset, .givenUp, reason: reason) }
}

/// Where verdicts on the deliveries of a subscription go.
final class SettlementDesk: Sendable {
    private let inbox: Inbox
    private let key: Int

    init(_ inbox: Inbox, key: Int) {
        self.inbox = inbox
        self.key = key
    }

    func settle(_ offset: UInt64, _ verdict: Verdict, delay: Int64? = nil, reason: String? = nil) {
        inbox.order(.settle(key: key, offset: offset, verdict, delay: delay, reason: reason))
    }

    func settle(upTo offset: UInt64) { inbox.order(.settleUpTo(key: key, offset: offset)) }
}
