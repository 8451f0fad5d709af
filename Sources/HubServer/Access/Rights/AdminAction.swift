import HubModel

/// What administration can do. Rights to it are patterns over these names, as over topics: `*.read` is all that only
/// looks, `>` all inside the own tenant. Names with a `$` concern the hub as a whole and so every tenant; wildcards in
/// the first place do not stand for them, which is the rule of topics.
package enum AdminAction: String, CaseIterable, Sendable {
    /// Who is there and who was.
    case readAgents = "agents.read"
    /// Registering agents and their keys, tokens and rights.
    case changeAgents = "agents.change"
    /// Which sessions there are, and what was said in any of them.
    case readSessions = "sessions.read"
    /// Closing the sessions of others.
    case changeSessions = "sessions.change"
    /// Which topics there are.
    case readTopics = "topics.read"
    /// Where the consumers stand.
    case readConsumers = "consumers.read"
    /// Moving, pausing and deleting consumers of others.
    case changeConsumers = "consumers.change"
    /// Any message with its life.
    case readMessages = "messages.read"
    /// The dead letters of the tenant.
    case readDeadLetters = "dead.read"
    /// Redriving and dropping dead letters.
    case changeDeadLetters = "dead.change"
    /// The state at any offset.
    case readState = "state.read"
    /// Figures of the hub as a whole.
    case readMetrics = "$hub.metrics"
    /// Status and configuration of the hub as a whole.
    case readHub = "$hub.read"
    /// Draining, reloading, taking a backup.
    case changeHub = "$hub.change"

    /// The name as a topic's, which patterns match.
    var topic: TopicName { TopicName(unchecked: rawValue) }
}
