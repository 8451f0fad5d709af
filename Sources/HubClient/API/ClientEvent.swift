/// What a hub says of itself when it welcomes a client.
public struct HubInfo: Sendable, Equatable {
    /// Who the client is to the hub.
    public var agent = ""
    /// Its name.
    public var hub = ""
    /// Its version.
    public var version = ""
    /// Which log its offsets are of: they mean something else in another epoch.
    public var epoch = ""
    /// The offset that the next message will get.
    public var head: UInt64 = 0
    /// How often an agent should say that it is there, in seconds.
    public var heartbeatSeconds = 0
    /// The largest payload that the hub takes; nil if it did not say.
    public var payloadBytesMax: Int?
    /// Frames in one array that the hub takes.
    public var batchFramesMax: Int?

    /// A hub of which nothing is known.
    public init() {}
}

/// Messages that are missing, and why.
public struct MissingRange: Sendable, Equatable {
    /// The consumer that misses them, or the replay.
    public var consumer: String
    /// The session that they are of, if it is a session's places that are named.
    public var session: String
    /// The first one that is missing.
    public var from: UInt64
    /// The last one that is missing.
    public var to: UInt64
    /// Why: `retention`, `expired`, `epoch`.
    public var reason: String
}

/// What happens to a client beside messages.
public enum ClientEvent: Sendable {
    /// It is connected, again or for the first time.
    case connected(HubInfo)
    /// The connection is lost; the client tries again after so many milliseconds.
    case disconnected(reason: String, retryMilliseconds: Int64)
    /// The hub's log is another one than it was, after a loss or a restored backup: remembered offsets mean nothing.
    case epochChanged(from: String, to: String)
    /// A message is missing that a subscription or a replay should have had.
    case gap(MissingRange)
    /// A consumer gets nothing more until some of its deliveries are settled.
    case stalled(consumer: String, inFlight: Int, limit: Int)
    /// The hub refused something that nobody waits for, such as an acknowledgement.
    case refused(HubRefusal)
    /// So many events were not looked at in time, and are gone.
    case missed(Int)
}
