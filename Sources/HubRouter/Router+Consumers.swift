import HubBytes
package import HubModel

/// What an agent wants to be given.
package struct Subscription: ~Escapable {
    /// The consumer's name; empty for one that lives with the connection.
    package var name: RawSpan
    /// Topics by pattern, or the agent's own inbox.
    package var filter: Filter
    /// How.
    package var settings = ConsumerSettings()
    /// Where it begins if it is new; nil for what comes from now on.
    package var start: Offset?
    /// What the answer is to be marked with.
    package var tag: UInt64 = 0

    /// What is wanted.
    package enum Filter: Sendable, Equatable {
        /// Messages to the topics that match one of the patterns.
        case topics([TopicPattern])
        /// Messages and commands to the agent itself.
        case inbox
    }

    /// A subscription with everything else at its default.
    @_lifetime(copy name)
    package init(name: RawSpan, _ filter: Filter) {
        self.name = name
        self.filter = filter
    }
}

extension Router {
    // MARK: Connections

    /// A connection has said, and shown, whose it is. An older one of the same agent gives way to it.
    package mutating func connect(
        _ connection: ConnectionID, agent: RawSpan, tenant: RawSpan, now: Timestamp, _ block: inout Block,
        _ effects: inout Effects
    ) throws(Refusal) {
        try AgentID.check(agent)
        try TenantName.check(tenant)
        let tenant = name(.tenant, .none, tenant, &block)
        let agent = name(.agent, tenant, agent, &block)
        if let older = connectionOfAgent[agent] {
            effects.events.append(.replaced(older))
            forget(older)
        }
        connections[connection] = LiveConnection(id: connection, agent: agent, tenant: tenant)
        connectionOfAgent[agent] = connection
        notePresence(.online, agent, tenant, now: now, &block)
    }

    /// A connection has ended.
    package mutating func disconnect(_ connection: ConnectionID, now: Timestamp, _ block: inout Block) {
        guard let known = connections[connection] else { return }
        forget(connection)
        notePresence(.offline, known.agent, known.tenant, now: now, &block)
    }

    private mutating func notePresence(
        _ presence: Presence, _ agent: NameID, _ tenant: NameID, now: Timestamp, _ block: inout Block
    ) {
        var header = RecordHeader(.presence, time: recordTime(now, block), tenant: tenant)
        header.sender = agent
        var payload = ByteBuffer(capacity: 64)
        payload.append(presence.rawValue)
        note(header, RecordParts(payload: payload.bytes), &block)
    }

    /// Takes a connection out of everything; nameless consumers go with it.
    mutating func forget(_ connection: ConnectionID) {
        guard let known = connections.removeValue(forKey: connection) else { return }
        if connectionOfAgent[known.agent] == connection { connectionOfAgent[known.agent] = nil }
        for handle in known.consumers where consumers.contains(handle.index, handle.generation) {
            leave(handle, connection)
        }
    }

    /// A member leaves; what it held comes again when its lease ends, or at once to another.
    private mutating func leave(_ handle: ConsumerHandle, _ connection: ConnectionID) {
        _ = consumers[handle.index].leave(connection)
        if consumers[handle.index].unlogged != nil {
            drop(handle)
        } else if !consumers[handle.index].hasMembers {
            fallBehind(handle.index)
        }
    }

    /// Without anybody to serve a consumer stands still where it is.
    private mutating func fallBehind(_ consumer: UInt32) {
        if consumers[consumer].mode == .live {
            consumers[consumer].position = max(consumers[consumer].position, logged.appliedTo)
        }
        consumers[consumer].mode = .behind(isReading: false)
    }

    /// A connection's outbound queue is full, or has room again.
    package mutating func setFull(
        _ connection: ConnectionID, _ isFull: Bool, now: Timestamp, _ effects: inout Effects
    ) {
        guard let known = connections[connection], known.isFull != isFull else { return }
        connections[connection]?.isFull = isFull
        for handle in known.consumers where consumers.contains(handle.index, handle.generation) {
            consumers[handle.index].setFull(connection, isFull)
            guard !isFull else { continue }
            proceed(handle.index, now: now, &effects)
            schedule(handle.index)
        }
    }

    // MARK: Subscriptions

    /// Begins to serve a connection: at once for a nameless consumer or one that is known, else when its record is
    /// applied.
    package mutating func subscribe(
        _ subscription: borrowing Subscription, _ connection: ConnectionID, now: Timestamp,
        _ block: inout Block,
        _ effects: inout Effects
    ) throws(Refusal) {
        guard let known = connections[connection] else {
            throw Refusal(.unauthorized, "the connection has not said whose it is")
        }
        if let objection = subscription.settings.objection { throw objection }
        if case .topics(let patterns) = subscription.filter {
            guard !patterns.isEmpty, patterns.count <= ConsumerRecord.patternsMax else {
                throw Refusal(
                    .badField, "a subscription has 1 to \(ConsumerRecord.patternsMax) topic patterns")
            }
        }
        let filter: ConsumerFilter =
            switch subscription.filter {
            case .inbox: .inbox(known.agent)
            case .topics(let patterns): .topics(patterns)
            }
        let record = ConsumerRecord(
            filter: filter, settings: subscription.settings, start: subscription.start)
        if subscription.name.isEmpty {
            try attachNameless(record, known, subscription.tag, now: now, &effects)
            return
        }
        try ConsumerName.check(subscription.name)
        let name = name(.consumer, known.tenant, subscription.name, &block)
        joining[name, default: []].append(Joining(connection: connection, tag: subscription.tag))
        packer.reset()
        record.pack(&packer)
        note(.consumerSet, about: name, known.tenant, now: now, &block)
    }

    private mutating func attachNameless(
        _ record: ConsumerRecord, _ connection: LiveConnection, _ tag: UInt64, now: Timestamp,
        _ effects: inout Effects
    ) throws(Refusal) {
        guard consumers.count < settings.consumersMax else {
            throw Refusal(
                .limitReached, "the hub has \(settings.consumersMax) consumers, as many as are allowed")
        }
        let start = record.start ?? logged.appliedTo
        var unlogged = LoggedConsumer(id: .none, tenant: connection.tenant, record, at: start)
        unlogged.cursor = start
        let handle = make(.none, connection.tenant, record.filter, unlogged, position: start)
        join(handle, Joining(connection: connection.id, tag: tag), now: now, &effects)
    }

    /// A place for a consumer while the hub runs; from now on what its filter lets through is offered to it.
    mutating func make(
        _ name: NameID, _ tenant: NameID, _ filter: ConsumerFilter, _ unlogged: LoggedConsumer?,
        position: Offset
    ) -> ConsumerHandle {
        let place = consumers.insert { index, generation in
            LiveConsumer(
                handle: ConsumerHandle(index: index, generation: generation), name: name, tenant: tenant,
                filter: filter, unlogged: unlogged, position: position)
        }
        let handle = consumers[place].handle
        if name != .none { consumerOfName[name] = handle }
        listen(handle)
        return handle
    }

    private mutating func listen(_ handle: ConsumerHandle) {
        let tenant = consumers[handle.index].tenant
        switch consumers[handle.index].filter {
        case .inbox(let agent): inboxOfAgent[agent] = handle
        case .topics(let patterns):
            for pattern in patterns {
                pattern.text.withBytes { _ = trie.insert($0, handle.index, tenant: tenant) }
            }
        }
    }

    private mutating func deafen(_ live: LiveConsumer) {
        switch live.filter {
        case .inbox(let agent): if inboxOfAgent[agent] == live.handle { inboxOfAgent[agent] = nil }
        case .topics(let patterns):
            for pattern in patterns {
                pattern.text.withBytes { _ = trie.remove($0, live.handle.index, tenant: live.tenant) }
            }
        }
    }

    /// A consumer wants something else from now on.
    mutating func setFilter(_ handle: ConsumerHandle, _ filter: ConsumerFilter) {
        guard consumers[handle.index].filter != filter else { return }
        deafen(consumers[handle.index])
        consumers[handle.index].filter = filter
        listen(handle)
    }

    /// Begins to serve a connection on a consumer's behalf.
    mutating func join(
        _ handle: ConsumerHandle, _ joining: Joining, now: Timestamp, _ effects: inout Effects
    ) {
        guard connections[joining.connection] != nil else { return }
        consumers[handle.index].join(joining.connection)
        if connections[joining.connection]?.isFull == true {
            consumers[handle.index].setFull(joining.connection, true)
        }
        connections[joining.connection]?.consumers.append(handle)
        effects.events.append(
            .subscribed(
                joining.connection, tag: joining.tag, handle, position: consumers[handle.index].position))
        proceed(handle.index, now: now, &effects)
        schedule(handle.index)
    }

    /// Takes a consumer out of everything.
    mutating func drop(_ handle: ConsumerHandle) {
        guard let live = consumers.remove(handle.index, handle.generation) else { return }
        if let timer = live.timer { _ = wheel.cancel(timer) }
        if live.name != .none { consumerOfName[live.name] = nil }
        deafen(live)
        for member in live.members {
            connections[member.connection]?.consumers.removeAll { $0 == handle }
        }
    }
}
