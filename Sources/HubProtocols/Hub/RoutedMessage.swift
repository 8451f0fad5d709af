package import HubModel

/// A record of the log on its way to somebody, with names in words. Its texts lie in the buffer that travels along.
package struct RoutedMessage: Sendable, BitwiseCopyable {
    /// What it is.
    package var kind: MessageKind
    /// Which protocol its sender speaks; 0 is the native one.
    package var dialect: UInt8 = 0
    /// Facts of one bit each.
    package var flags: RecordFlags = []
    /// Whether `destination` is an agent, and not a topic.
    package var isDirect = false
    /// Its place in the log.
    package var offset: Offset
    /// Its place in its session.
    package var sequence: SequenceNumber
    /// When the hub took it.
    package var time: Timestamp
    /// When it loses its value; none for never.
    package var expiry: Timestamp
    /// The session's name.
    package var session = Slice.empty
    /// The agent that sent it.
    package var sender = Slice.empty
    /// The topic or the agent that it is for.
    package var destination = Slice.empty
    /// The id that its sender gave it.
    package var id = Slice.empty
    /// What ties an answer to its question.
    package var correlation = Slice.empty
    /// What brought it about.
    package var cause = Slice.empty
    /// The trace that it is part of.
    package var trace = Slice.empty
    /// What a dialect keeps beside the payload.
    package var annotations = Slice.empty
    /// The payload, exactly as its sender wrote it.
    package var payload = Slice.empty

    /// One with its place and time.
    package init(
        _ kind: MessageKind, offset: Offset, sequence: SequenceNumber, time: Timestamp,
        expiry: Timestamp = .none
    ) {
        self.kind = kind
        self.offset = offset
        self.sequence = sequence
        self.time = time
        self.expiry = expiry
    }
}
