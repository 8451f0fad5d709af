/// The sizes that no configuration can exceed. What users configure is smaller and checked against these.
public enum Limits {
    /// A topic's name, and a pattern.
    public static let topicBytesMax = 255
    /// Tokens of a topic's name, between its dots.
    public static let topicTokensMax = 32
    /// An agent's id; decentralised identifiers are long. The id of a session between two such agents must fit
    /// into a key of LMDB, which has at most 511 bytes, five of them for kind and tenant.
    public static let agentBytesMax = 250
    /// A session's id: room for `dm:` and two agents' ids.
    public static let sessionBytesMax = 3 + 2 * agentBytesMax + 1
    /// A consumer's name.
    public static let consumerBytesMax = 128
    /// A tenant's name.
    public static let tenantBytesMax = 64
    /// A message's id as its sender wrote it, and a correlation id.
    public static let messageIDBytesMax = 255
    /// The trace context that a message carries.
    public static let traceBytesMax = 255
    /// What a dialect keeps beside a message, signatures above all.
    public static let annotationBytesMax = 64 * 1024
    /// A message's payload.
    public static let payloadBytesMax = 16 * 1024 * 1024
    /// One block of the log, everything included. An open block is sealed long before.
    public static let blockBytesMax = 64 * 1024 * 1024
    /// Records in one block.
    public static let blockRecordsMax = 1 << 20
}
