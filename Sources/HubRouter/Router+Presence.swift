import HubBytes
package import HubModel

/// Signs of life, and those who want to know of them.
extension Router {
    // MARK: Beats

    /// Something came from a connection: whatever it is, its agent is alive.
    package mutating func heard(_ connection: ConnectionID, now: Timestamp, _ block: inout Block) {
        guard let known = connections[connection], known.liveness != nil else { return }
        known.heardAt = max(known.heardAt, now)
        guard known.presence != .online else { return }
        notePresence(.online, known, now: now, &block)
        rearm(known)
    }

    /// An agent beats, and says which deliveries it is working on: their leases begin anew.
    package mutating func beat(
        _ connection: ConnectionID, workingOn offsets: [Offset], now: Timestamp, _ block: inout Block
    ) throws(Refusal) {
        guard offsets.count <= ConsumerSettings.inFlightLimit else {
            throw Refusal(
                .tooLarge,
                "a heartbeat names at most \(ConsumerSettings.inFlightLimit) messages being worked on")
        }
        heard(connection, now: now, &block)
        guard let known = connections[connection], !offsets.isEmpty else { return }
        for handle in known.consumers where consumers.contains(handle.index, handle.generation) {
            let consumer = consumers[handle.index]
            guard consumer.isExplicit else { continue }
            for offset in offsets where consumer.state.unsettled.find(offset)?.standing == .leased {
                judge(consumer, .working, from: offset, through: offset, now: now)
            }
        }
    }

    /// Arms the timer after which a connection that stays silent is looked at.
    mutating func watch(over connection: LiveConnection) {
        guard let liveness = connection.liveness else { return }
        let wait =
            connection.presence == .online
            ? liveness.silentAfterMilliseconds : liveness.offlineAfterMilliseconds
        let next = wait > 0 ? wait : liveness.offlineAfterMilliseconds
        guard next > 0, connection.presence != .offline else { return }
        connection.timer = arm(.connection(connection.id), at: connection.heardAt.adding(milliseconds: next))
    }

    private mutating func rearm(_ connection: LiveConnection) {
        if let timer = connection.timer { cancel(timer) }
        connection.timer = nil
        watch(over: connection)
    }

    /// A connection's timer fired: it was silent all the while, or it was not and is given its time again.
    mutating func lookAfter(
        _ connection: ConnectionID, now: Timestamp, _ block: inout Block, _ effects: inout Effects
    ) {
        guard let known = connections[connection], let liveness = known.liveness else { return }
        known.timer = nil
        let silent = liveness.silentAfterMilliseconds
        let offline = liveness.offlineAfterMilliseconds
        if offline > 0, now >= known.heardAt.adding(milliseconds: offline) {
            guard known.presence != .offline else { return }
            notePresence(.offline, known, now: now, &block)
            effects.answers.append(.silent(connection))
            return
        }
        if silent > 0, known.presence == .online, now >= known.heardAt.adding(milliseconds: silent) {
            notePresence(.silent, known, now: now, &block)
        }
        watch(over: known)
    }

    // MARK: Watchers

    /// A connection wants to be told when an agent comes, goes or falls silent; or, without one, whoever of its tenant
    /// does.
    package mutating func watch(
        _ connection: ConnectionID, _ agent: RawSpan?, _ block: inout Block
    ) throws(Refusal) {
        let known = try self.known(connection)
        guard let agent else {
            known.isWatchingAll = true
            watchers[known.tenant, default: []].insert(connection)
            return
        }
        guard known.watched.count < Self.watchedMax else {
            throw Refusal(.limitReached, "a connection watches at most \(Self.watchedMax) agents by name")
        }
        // A block without records is not written, and one that is full takes nothing more: names alone must not fill it.
        if block.count == 0, block.byteCount > Self.unusedNamesBytesMax,
            find(.agent, tenant: known.tenant, agent) == nil
        {
            throw Refusal(
                .limitReached, "too many agents that nobody knows are being watched; try again",
                retryAfterMilliseconds: 1000)
        }
        let name = try name(.agent, known.tenant, agent, as: AgentID.self, &block)
        known.watched.insert(name)
        watchers[name, default: []].insert(connection)
    }

    private static let watchedMax = 10_000
    private static let unusedNamesBytesMax = 1 << 20

    /// It no longer wants to be told of anyone.
    package mutating func unwatch(_ connection: ConnectionID) {
        if let known = connections[connection] { unwatch(known) }
    }

    mutating func unwatch(_ connection: LiveConnection) {
        var watched = connection.watched
        if connection.isWatchingAll { watched.insert(connection.tenant) }
        for name in watched {
            watchers[name]?.remove(connection.id)
            if watchers[name]?.isEmpty == true { watchers[name] = nil }
        }
        connection.watched = []
        connection.isWatchingAll = false
    }

    /// A presence is in the log: those who want to know are told.
    mutating func tellPresence(_ record: RecordView, _ effects: inout Effects) {
        guard let agent = logged.agents[record.sender] else { return }
        let event = Effects.Event.presence(agent: record.sender, agent.presence)
        effects.events.append(event)
        guard !watchers.isEmpty else { return }
        let told = (watchers[record.sender] ?? []).union(watchers[record.tenant] ?? [])
        for connection in told.sorted(by: { $0.index < $1.index }) {
            effects.notices.append(Effects.Notice(connection: connection, event: event))
        }
    }

    /// Where an agent is, and since when, as the log says.
    package func presence(of agent: NameID) -> (presence: Presence, since: Timestamp) {
        let known = logged.agents[agent]
        return (known?.presence ?? .unknown, known?.since ?? .none)
    }

    /// Where the last status of an agent is; nil if it has none.
    package func status(of agent: NameID) -> Offset? { logged.agents[agent]?.status }

    /// The agents of a tenant, in the order in which they first came, and where the last status of each is.
    package func agents(of tenant: NameID) -> [(
        agent: NameID, presence: Presence, since: Timestamp, status: Offset?
    )] {
        logged.agents.filter { $0.value.tenant == tenant }.sorted { $0.key < $1.key }.map {
            ($0.key, $0.value.presence, $0.value.since, $0.value.status)
        }
    }
}
