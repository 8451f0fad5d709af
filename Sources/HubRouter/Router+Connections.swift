import HubBytes
package import HubModel

/// Connections: who is there, and who is not.
extension Router {
    /// A connection has said, and shown, whose it is. An older one of the same agent gives way to it.
    package mutating func connect(
        _ connection: ConnectionID, agent: RawSpan, tenant: RawSpan,
        _ role: ConnectionRole = .agent(Liveness()),
        now: Timestamp, _ block: inout Block, _ effects: inout Effects
    ) throws(Refusal) {
        precondition(
            connections.occupant(of: connection.index) == nil, "a place is free before it is used again")
        let tenant = try name(.tenant, .none, tenant, as: TenantName.self, &block)
        let agent = try name(.agent, tenant, agent, as: AgentID.self, &block)
        let live = LiveConnection(connection, agent: agent, tenant: tenant, role, now: now)
        connections.insert(live)
        guard live.liveness != nil else { return }
        if let older = connectionOfAgent[agent] {
            effects.answers.append(.replaced(older))
            forget(older, now: now)
        }
        connectionOfAgent[agent] = connection
        watch(over: live)
        notePresence(.online, live, now: now, &block)
    }

    /// A connection has ended.
    package mutating func disconnect(_ connection: ConnectionID, now: Timestamp, _ block: inout Block) {
        guard let known = connections[connection] else { return }
        forget(connection, now: now)
        // One that was silent for too long counts as gone already.
        if known.liveness != nil, known.presence != .offline {
            notePresence(.offline, known, now: now, &block)
        }
    }

    /// Writes down where an agent is now, if the log says or is about to say otherwise.
    mutating func notePresence(
        _ presence: Presence, _ live: LiveConnection, now: Timestamp, _ block: inout Block
    ) {
        live.presence = presence
        notePresence(presence, live.agent, live.tenant, now: now, &block)
    }

    mutating func notePresence(
        _ presence: Presence, _ agent: NameID, _ tenant: NameID, now: Timestamp, _ block: inout Block
    ) {
        var header = header(.presence, tenant: tenant, now: now, block)
        header.sender = agent
        var payload = ByteBuffer(capacity: 64)
        payload.append(presence.rawValue)
        note(header, RecordParts(payload: payload.bytes), &block)
    }

    /// Takes a connection out of everything; nameless consumers go with it, and what it had comes again.
    mutating func forget(_ connection: ConnectionID, now: Timestamp) {
        guard let known = connections[connection] else { return }
        connections.remove(connection)
        if connectionOfAgent[known.agent] == connection { connectionOfAgent[known.agent] = nil }
        if let timer = known.timer { cancel(timer) }
        unwatch(known)
        if known.pause != nil { pausedConnections -= 1 }
        for handle in known.consumers where consumers.contains(handle.index, handle.generation) {
            leave(consumers[handle.index], known, now: now)
        }
    }

    /// A connection's outbound queue is full, or has room again.
    package mutating func setFull(
        _ connection: ConnectionID, _ isFull: Bool, now: Timestamp, _ effects: inout Effects
    ) {
        guard let known = connections[connection], known.isFull != isFull else { return }
        known.isFull = isFull
        if !isFull { goOn(known, now: now, &effects) }
    }

    /// A connection's agent wants to hear no more for now, or goes on. What it does not hear is kept, and comes when
    /// it goes on or connects again.
    package mutating func setPause(
        _ connection: ConnectionID, _ scope: PauseScope?, now: Timestamp, _ effects: inout Effects
    ) {
        guard let known = connections[connection], known.pause != scope else { return }
        if known.pause == nil { pausedConnections += 1 }
        if scope == nil { pausedConnections -= 1 }
        known.pause = scope
        for handle in known.consumers where consumers.contains(handle.index, handle.generation) {
            releaseHeld(consumers[handle.index], now: now)
        }
        goOn(known, now: now, &effects)
    }

    /// A connection takes more again: its consumers go on.
    private mutating func goOn(_ connection: LiveConnection, now: Timestamp, _ effects: inout Effects) {
        for handle in connection.consumers where consumers.contains(handle.index, handle.generation) {
            let consumer = consumers[handle.index]
            consumer.isBlocked = false
            proceed(consumer, now: now, &effects)
            reschedule(consumer)
        }
    }
}
