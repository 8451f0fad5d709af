/// How firmly a message is kept before its sender hears of it.
public enum Durability: String, Sendable, CaseIterable {
    /// On disk, by fsync.
    case fsynced
    /// In the hub's memory, on its way to disk: a crash within milliseconds may lose it.
    case memory
    /// On the disks of a majority of machines.
    case replicated
}

/// What the hub says of a message that it took.
public struct Receipt: Sendable, Equatable {
    /// The id under which it was sent.
    public var id: String
    /// The session that it belongs to.
    public var session: String
    /// Its place in that session, counted from 1.
    public var sequence: UInt64
    /// Its place in the log.
    public var offset: UInt64
    /// How firmly it is kept.
    public var durability: Durability
    /// The hub knew the id: this is the receipt of the first time.
    public var isDuplicate: Bool
    /// The agent that it is for is not there; it is kept for it.
    public var isAway: Bool
}

/// The receipt of a message that was posted: `Receipt` without its texts.
public struct PostReceipt: Sendable, Equatable {
    /// What the sender called it.
    public var tag: UInt64
    /// Its place in its session, counted from 1.
    public var sequence: UInt64
    /// Its place in the log.
    public var offset: UInt64
    /// How firmly it is kept.
    public var durability: Durability
    /// The hub knew the id: this is the receipt of the first time.
    public var isDuplicate: Bool
}

/// What became of a message that was posted.
public enum PostOutcome: Sendable {
    /// The hub has it.
    case receipt(PostReceipt)
    /// The hub refused it, or the client gave it up.
    case failure(tag: UInt64, ClientError)
}
