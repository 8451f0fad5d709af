import Synchronization

// Commands, sessions, pauses, and who is there.
extension HubClient {
    // MARK: Commands

    /// Sends a command to an agent and waits for its answer. `arguments` is a JSON value. Throws `timeout` if there is no
    /// answer in time; an answer that says `failed` is returned as such.
    public func command(
        to agent: String, _ name: String, arguments: Payload = .empty, timeoutMilliseconds: Int64 = 30_000,
        options: PublishOptions = PublishOptions()
    ) async throws(ClientError) -> Response {
        guard timeoutMilliseconds > 0 else { throw .badArgument("a command's time is 1 ms or more") }
        let waiter = Waiter<Response>()
        let data = try MessageData.command(name, arguments)
        try submit(.command(.agent(agent), timeoutMilliseconds: timeoutMilliseconds), data, options, .nobody)
        { number in
            .awaitResponse(number, waiter, milliseconds: timeoutMilliseconds + Self.graceMilliseconds)
        }
        return try await waiter.value()
    }

    /// How much longer than the hub the client waits: the hub's own answer is on its way then.
    private static let graceMilliseconds: Int64 = 2000

    /// Answers a command that came as a delivery: `result` is a JSON value.
    @discardableResult
    public func respond(
        to command: Delivery, status: String = "completed", result: Payload = .empty
    ) async throws(ClientError) -> Receipt {
        let data = try MessageData.response(to: command.id, status: status, result: result, error: nil)
        return try await respond(to: command, data)
    }

    /// Answers a command that could not be carried out, with the reason.
    @discardableResult
    public func respond(to command: Delivery, error: String) async throws(ClientError) -> Receipt {
        let data = try MessageData.response(to: command.id, status: "failed", result: .empty, error: error)
        return try await respond(to: command, data)
    }

    private func respond(to command: Delivery, _ data: Payload) async throws(ClientError) -> Receipt {
        guard command.kind == .command else { throw .badArgument("only commands are answered") }
        var options = PublishOptions()
        options.session = command.session
        return try await send(.response(command: command.id, to: command.from), data, options)
    }

    // MARK: Sessions

    /// Proposes a session to an agent, or to whoever accepts.
    @discardableResult
    public func openSession(
        _ session: String, with agent: String? = nil, purpose: String? = nil
    ) async throws(ClientError) -> Receipt {
        try await step(.sessionOpen(with: agent), session, purpose)
    }

    /// Joins a session that another agent proposed.
    @discardableResult
    public func acceptSession(_ session: String) async throws(ClientError) -> Receipt {
        try await step(.sessionAccept, session, nil)
    }

    /// Declines a session that another agent proposed.
    @discardableResult
    public func rejectSession(_ session: String, reason: String? = nil) async throws(ClientError) -> Receipt {
        try await step(.sessionReject, session, reason)
    }

    /// Ends a session.
    @discardableResult
    public func closeSession(_ session: String, reason: String? = nil) async throws(ClientError) -> Receipt {
        try await step(.sessionClose, session, reason)
    }

    private func step(
        _ kind: MessageWriter.Kind, _ session: String, _ words: String?
    ) async throws(ClientError) -> Receipt {
        var options = PublishOptions()
        options.session = session
        return try await send(kind, words.map { .text($0) } ?? .empty, options)
    }

    // MARK: Pauses

    /// What a pause is of.
    public enum PauseScope: Sendable {
        /// Everything for this connection, and those that follow it.
        case connection
        /// A session.
        case session(String)
        /// A consumer.
        case consumer(String)

        var target: PauseTarget {
            switch self {
            case .connection: .connection
            case .session(let name): .session(name)
            case .consumer(let name): .consumer(name)
            }
        }
    }

    /// Has the hub hold deliveries back: all, or only commands and sessions that are opened.
    public func pause(_ scope: PauseScope = .connection, onlyWork: Bool = false) async throws(ClientError) {
        _ = try await ask { .pause(id: $0, scope.target, isOnlyWork: onlyWork) }
    }

    /// Has deliveries go on.
    public func resume(_ scope: PauseScope = .connection) async throws(ClientError) {
        _ = try await ask { .resume(id: $0, scope.target) }
    }

    // MARK: Who is there

    /// The agents that the hub knows, or those whose ids begin like this.
    public func agents(filter: String = "") async throws(ClientError) -> [AgentState] {
        guard case .agents(let found) = try await ask({ .agents(id: $0, filter: filter) }) else { return [] }
        return found
    }

    /// Where these agents are, or all of them, and every change from now on.
    public func watchPresence(of agents: [String] = []) async throws(ClientError) -> PresenceChanges {
        let reader = HandOver<AgentState>(capacity: max(link.options.eventsMax, 1))
        link.presence.withLock { $0.append(reader) }
        if case .agents(let found) = try await ask({ .watchPresence(id: $0, agents: agents) }) {
            reader.put(found)
        }
        return PresenceChanges(reader: reader)
    }
}
