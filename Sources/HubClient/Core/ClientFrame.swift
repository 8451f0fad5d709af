/// What a subscription is of.
enum Filter: Sendable, Equatable {
    case topics([String])
    /// What is sent to the agent itself.
    case inbox
}

/// What a replay shows.
struct ReplaySpec: Sendable {
    var session: String?
    var topics: [String] = []
    var from: ReplayPoint?
    var to: ReplayPoint?
    var speed = ReplaySpeed.instant
    var limit: Int?
}

/// What is held back.
enum PauseTarget: Sendable, Hashable {
    case connection
    case session(String)
    case consumer(String)
}

/// What a client says to its hub, apart from messages.
enum ClientFrame: Sendable {
    /// What shows by a signature who the agent is.
    struct Proof: Sendable {
        var key: String
        var signature: String
    }

    case hello(epoch: String?, offset: UInt64?, Proof?)
    case subscribe(id: UInt64, Filter, SubscribeOptions, from: StartPosition)
    case unsubscribe(id: UInt64, consumer: String, delete: Bool)
    case settle(consumer: String, Verdict, offsets: [UInt64], delay: Int64?, reason: String?)
    case settleUpTo(consumer: String, UInt64)
    case replay(id: UInt64, ReplaySpec)
    case cancel(id: UInt64)
    case agents(id: UInt64, filter: String)
    case watchPresence(id: UInt64, agents: [String])
    case pause(id: UInt64, PauseTarget, isOnlyWork: Bool)
    case resume(id: UInt64, PauseTarget)
    case heartbeat
}
