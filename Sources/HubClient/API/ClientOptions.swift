/// What a client shows the hub of itself.
public enum Credentials: Sendable {
    /// Nothing: for hubs that listen on this machine alone.
    case none
    /// A token, or a JSON web token, which goes to the hub in the first frame.
    case token(String)
    /// A key in PEM, which the hub knows under a name: it signs what the hub asks for.
    case key(name: String, file: String)
    /// A certificate and its key in PEM, for TLS with mutual authentication. The CA file is whom to trust; nil for the
    /// authorities of the system.
    case certificate(file: String, keyFile: String)
}

/// How a client connects, and how much it holds.
public struct ClientOptions: Sendable {
    /// What the client shows of itself.
    public var credentials = Credentials.none
    /// A file in PEM with the authorities that the hub's certificate may come from; nil for those of the system.
    public var authorityFile: String?
    /// The session of messages that name none; nil for one of the two agents, or of the topic.
    public var session: String?
    /// What the hub's operators see of the program: its name and version.
    public var program = "HubClient"
    /// How the client comes back.
    public var reconnect = ReconnectPolicy()
    /// Whether `connect` goes on trying when the hub is not there, and not only when it was lost.
    public var waitsForHub = false
    /// Messages without a receipt that the client holds.
    public var outboxMessagesMax = 100_000
    /// Bytes of them.
    public var outboxBytesMax = 64 << 20
    /// What becomes of a message whose receipt was lost with the connection, if it was sent so long ago that the hub may
    /// not know its id any more.
    public var unreceipted = UnreceiptedPolicy.sendAgain
    /// How long the hub remembers ids, in milliseconds; what it says itself goes before this.
    public var hubMemoryMilliseconds: Int64 = 120_000
    /// Silence after which the hub is asked whether it is there, in milliseconds.
    public var pingMilliseconds: Int64 = 15_000
    /// How long it may take to answer, in milliseconds. Then the connection counts as lost.
    public var pongMilliseconds: Int64 = 10_000
    /// How long connecting may take, from the first packet to the hub's welcome, in milliseconds.
    public var connectMilliseconds: Int64 = 10_000
    /// The largest message that is read.
    public var messageBytesMax = 32 << 20
    /// Events that wait to be looked at; the oldest go first.
    public var eventsMax = 1024

    /// The usual ones.
    public init() {}
}

/// What becomes of a message that may have arrived, when nobody can tell any more.
public enum UnreceiptedPolicy: Sendable {
    /// It is sent again: it arrives once at least.
    case sendAgain
    /// It fails with `ClientError.uncertain`: it arrives once at most.
    case fail
}
