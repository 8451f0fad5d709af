package import HubModel

/// How much the router has of what, at one moment.
package struct RouterFigures: Sendable, Equatable {
    /// How far a named consumer has come.
    package struct OfConsumer: Sendable, Equatable {
        /// Its tenant's number.
        package let tenant: NameID
        /// Its own number.
        package let name: NameID
        /// Records between where it stands and where the router does; its filter may want none of them.
        package let pending: Int
        /// Deliveries that somebody has and has not settled.
        package let inFlight: Int
        /// Messages held back or owed besides.
        package let owed: Int
        /// Dead letters that nobody has dealt with.
        package let deadLetters: Int
        /// Connections that are served on its behalf.
        package let members: Int
        /// Whether it reads the log, as against being served what comes.
        package let isBehind: Bool
        /// Whether it is held back.
        package let isPaused: Bool
    }

    /// Up to where records were applied.
    package var appliedTo = Offset.zero
    /// Connections that speak for an agent.
    package var connections = 0
    /// Connections that want to hear no more for now.
    package var pausedConnections = 0
    /// Sessions that were opened by name and not ended.
    package var openSessions = 0
    /// Names that are known.
    package var names = 0
    /// Commands that wait for an answer.
    package var openCommands = 0
    /// Ids of messages that are remembered, to know a second sending.
    package var dedupEntries = 0
    /// Bytes that this takes.
    package var dedupBytes = 0
    /// Consumers without a name, which live as long as their connection.
    package var temporaryConsumers = 0
    /// Unsettled deliveries of consumers without a name.
    package var temporaryInFlight = 0
    /// Consumers that have a name, in the order of their numbers.
    package var consumers: [OfConsumer] = []

    /// Nothing at all.
    package init() {}
}

extension Router {
    /// Counts what there is. It goes once over all consumers and commands: for once a second, not for each turn.
    package func figures() -> RouterFigures {
        var figures = RouterFigures()
        figures.appliedTo = logged.appliedTo
        figures.connections = connections.count
        figures.pausedConnections = pausedConnections
        figures.openSessions = logged.openSessionCount
        figures.names = names.count
        figures.openCommands = logged.commands.values.count { $0.isOpen }
        figures.dedupEntries = logged.window.count
        figures.dedupBytes = logged.window.byteCount
        countTemporary(&figures)
        figures.consumers = logged.consumers.values.sorted { $0.id < $1.id }.map { figure(of: $0) }
        return figures
    }

    private func countTemporary(_ figures: inout RouterFigures) {
        for index in consumers.indices {
            let consumer = consumers[index]
            guard !consumer.isLogged else { continue }
            figures.temporaryConsumers += 1
            figures.temporaryInFlight += consumer.inFlight
        }
    }

    private func figure(of consumer: LoggedConsumer) -> RouterFigures.OfConsumer {
        var live: LiveConsumer?
        if let handle = consumerOfName[consumer.id], consumers.contains(handle.index, handle.generation) {
            live = consumers[handle.index]
        }
        let position = max(live?.position ?? consumer.cursor, consumer.cursor)
        var isBehind = position < logged.appliedTo
        if let live { isBehind = live.mode != .live }
        return RouterFigures.OfConsumer(
            tenant: consumer.tenant, name: consumer.id,
            pending: position < logged.appliedTo ? position.distance(to: logged.appliedTo) : 0,
            inFlight: live?.inFlight ?? consumer.unsettled.inFlight,
            owed: consumer.unsettled.owedCount, deadLetters: consumer.letters.count,
            members: live?.members.count ?? 0, isBehind: isBehind, isPaused: consumer.isPaused)
    }
}
