/// Where an agent is.
public struct AgentState: Sendable, Equatable {
    /// Its id.
    public var agent: String
    /// Whether it is there: `online`, `silent` or `offline`.
    public var state: String
    /// Since when, in microseconds since 1970 began; 0 if that is not known.
    public var since: Int64

    /// An agent's state.
    public init(agent: String, state: String, since: Int64) {
        self.agent = agent
        self.state = state
        self.since = since
    }
}
