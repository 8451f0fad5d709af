/// How a message is sent.
public struct PublishOptions: Sendable {
    /// The session that it is to belong to; nil for the client's own, or the default one.
    public var session: String?
    /// An id of the caller's choice: the hub takes messages with the same one once. Nil for one that nobody else has.
    public var id: String?
    /// How long it has a value, in milliseconds from when the hub takes it; a message that waits longer than that in the
    /// outbox is not sent. Nil for ever.
    public var ttlMilliseconds: Int64?
    /// It is kept as the last value of its topic, for those who come later.
    public var retain = false
    /// When the receipt is wanted.
    public var durability = Durability.fsynced
    /// The id of the message that brought it about.
    public var cause: String?
    /// The trace that it is part of, as W3C Trace Context writes it.
    public var trace: String?

    /// The usual ones.
    public init() {}
}
