/// What a record of the log is. The raw values are on disk: they are never renumbered, only added to.
public enum MessageKind: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    /// A message to a topic or to one agent.
    case message = 1
    /// A command that wants one answer before its deadline.
    case command = 2
    /// The answer to a command.
    case response = 3
    /// What an agent says of itself; the last one is kept.
    case status = 4
    /// A session was opened by one party.
    case sessionOpen = 16
    /// The other party joined.
    case sessionAccept = 17
    /// The other party declined.
    case sessionReject = 18
    /// A session ended.
    case sessionClose = 19
    /// Deliveries in a session, to a consumer or on a connection were suspended.
    case pause = 20
    /// Suspended deliveries go on.
    case resume = 21
    /// A consumer came to be, or its settings changed.
    case consumerSet = 32
    /// A consumer was deleted.
    case consumerDelete = 33
    /// Deliveries were settled: acknowledged, refused, extended or given up.
    case settlement = 34
    /// Deliveries were made.
    case delivery = 35
    /// An operator moved a consumer.
    case consumerMove = 36
    /// A message went to the dead-letter topic.
    case deadLetter = 37
    /// An agent came, went or fell silent.
    case presence = 48
    /// An agent's registration, with what a dialect knows of it.
    case registration = 49
    /// The hub's own notes: starts, settings, checkpoints of other systems.
    case system = 64

    /// Whether an agent wrote it, as against the hub's own bookkeeping.
    public var isFromAgent: Bool { rawValue < Self.sessionOpen.rawValue }
}

/// How firmly a message is kept before its sender hears that it is.
public enum Durability: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    /// On disk, by fsync: survives a crash and a power cut. The default.
    case fsynced = 0
    /// In the hub's memory, on its way to disk: a crash within milliseconds may lose it.
    case memory = 1
    /// On the disks of a majority of machines.
    case replicated = 2
}
