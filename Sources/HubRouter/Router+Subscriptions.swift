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
    /// Where it begins if it is new.
    package var start = ConsumerStart.new
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
    /// Begins to serve a connection: at once for a nameless consumer or one that is known as it is wanted, else when
    /// its record is applied.
    package mutating func subscribe(
        _ subscription: borrowing Subscription, _ connection: ConnectionID, now: Timestamp,
        _ block: inout Block, _ effects: inout Effects
    ) throws(Refusal) {
        let known = try known(connection)
        try check(subscription)
        let filter: ConsumerFilter =
            switch subscription.filter {
            case .inbox: .inbox(known.agent)
            case .topics(let patterns): .topics(patterns)
            }
        let record = ConsumerRecord(
            filter: filter, settings: subscription.settings, start: subscription.start)
        if subscription.name.isEmpty {
            try checkRoom(known)
            return attachNameless(record, known, subscription.tag, now: now, &effects)
        }
        let name = try name(.consumer, known.tenant, subscription.name, as: ConsumerName.self, &block)
        let member = Joining(
            connection: connection, tag: subscription.tag, isShared: subscription.settings.isShared,
            inbox: filter.inbox)
        // Refused before it can change what the other one wants.
        if let objection = objection(to: member, waitingFor: name) { throw objection }
        if let handle = consumerOfName[name] {
            let live = consumers[handle.index]
            // First, since no sharing and no waiting helps.
            if case .inbox(let owner) = live.filter, owner != known.agent {
                throw Refusal(
                    .forbidden, "consumer \(text(of: name)) is another agent's inbox; take another name")
            }
            if let objection = objection(to: known, joining: live) { throw objection }
            if let objection = objection(to: member, changing: live) { throw objection }
            if joining[name] == nil, ending[name] == nil, live.state.filter == filter,
                live.state.settings == subscription.settings
            {
                return join(live, member, now: now, &effects)
            }
        } else {
            try checkRoom(known)
        }
        joining[name, default: []].append(member)
        packer.reset()
        record.pack(&packer)
        notePacked(.consumerSet, about: name, known.tenant, now: now, &block)
    }

    private func check(_ subscription: borrowing Subscription) throws(Refusal) {
        if let objection = subscription.settings.objection { throw objection }
        if case .topics(let patterns) = subscription.filter {
            guard !patterns.isEmpty, patterns.count <= ConsumerRecord.patternsMax else {
                throw Refusal(
                    .badField, "a subscription has 1 to \(ConsumerRecord.patternsMax) topic patterns")
            }
        }
    }

    private func checkRoom(_ member: LiveConnection) throws(Refusal) {
        // Those whose record is on its way count as well.
        guard consumers.count + joining.count < settings.consumersMax else {
            throw Refusal(
                .limitReached, "the hub has \(settings.consumersMax) consumers, as many as are allowed")
        }
        guard quotas.isLimited else { return }
        var own = member.consumers.count
        var tenants = logged.consumerCounts[member.tenant] ?? 0
        for (name, waiting) in joining where consumerOfName[name] == nil {
            if names.key(of: name)?.tenant == member.tenant { tenants += 1 }
            own += waiting.count { $0.connection == member.id }
        }
        try quotas.checkConsumers(member, own: own, tenants: tenants)
    }

    /// Why a connection cannot be a member of a consumer, if it cannot: one that is not shared has one member.
    private func objection(to connection: LiveConnection, joining consumer: LiveConsumer) -> Refusal? {
        guard !consumer.state.settings.isShared, let other = consumer.members.first?.connection,
            other.id != connection.id
        else { return nil }
        return conflict(over: consumer.name, with: other)
    }

    /// Why a consumer cannot become what a connection wants of it, if it cannot: others are members, who would be given
    /// what is for one agent alone.
    private func objection(to wanted: Joining, changing consumer: LiveConsumer) -> Refusal? {
        guard !wanted.isShared || wanted.inbox != consumer.filter.inbox else { return nil }
        let other = consumer.members.first { $0.connection.id != wanted.connection }?.connection
        return other.map { conflict(over: consumer.name, with: $0) }
    }

    /// Why a connection cannot have a consumer whose record is on its way: another one was first, and one of the two
    /// does not share, or they want different inboxes.
    private func objection(to wanted: Joining, waitingFor consumer: NameID) -> Refusal? {
        for waiting in joining[consumer] ?? [] where waiting.connection != wanted.connection {
            guard !waiting.isShared || !wanted.isShared || waiting.inbox != wanted.inbox else { continue }
            if let other = connections[waiting.connection] { return conflict(over: consumer, with: other) }
        }
        return nil
    }

    private func conflict(over consumer: NameID, with other: LiveConnection) -> Refusal {
        Refusal(
            .conflict,
            "consumer \(text(of: consumer)) is served to agent \(text(of: other.agent)); share it, or take another name"
        )
    }

    private mutating func attachNameless(
        _ record: ConsumerRecord, _ connection: LiveConnection, _ tag: UInt64, now: Timestamp,
        _ effects: inout Effects
    ) {
        let state = logged.makeConsumer(
            .none, connection.tenant, record, era: logged.appliedTo, at: now, names)
        let live = make(state, isLogged: false)
        join(
            live, Joining(connection: connection.id, tag: tag, isShared: false, inbox: nil), now: now,
            &effects)
    }

    /// A place for a consumer while the hub runs; from now on what its filter lets through is offered to it.
    @discardableResult
    mutating func make(_ state: LoggedConsumer, isLogged: Bool) -> LiveConsumer {
        let place = consumers.insert { index, generation in
            LiveConsumer(
                handle: ConsumerHandle(index: index, generation: generation), state, isLogged: isLogged)
        }
        let live = consumers[place]
        if isLogged { consumerOfName[state.id] = live.handle }
        listen(live.handle, state.filter, state.tenant)
        return live
    }

    private mutating func listen(_ handle: ConsumerHandle, _ filter: ConsumerFilter, _ tenant: NameID) {
        switch filter {
        case .inbox(let agent): inboxes[agent, default: []].append(handle.index)
        case .topics(let patterns):
            for pattern in patterns {
                pattern.text.withBytes { _ = trie.insert($0, handle.index, tenant: tenant) }
            }
        }
    }

    private mutating func deafen(_ handle: ConsumerHandle, _ filter: ConsumerFilter, _ tenant: NameID) {
        switch filter {
        case .inbox(let agent):
            inboxes[agent]?.removeAll { $0 == handle.index }
            if inboxes[agent]?.isEmpty == true { inboxes[agent] = nil }
        case .topics(let patterns):
            for pattern in patterns {
                pattern.text.withBytes { _ = trie.remove($0, handle.index, tenant: tenant) }
            }
        }
    }

    /// A consumer came to be, or wants something else from now on.
    mutating func afterConsumerSet(_ name: NameID, now: Timestamp, _ effects: inout Effects) {
        guard let known = logged.consumers[name] else { return }
        let live: LiveConsumer
        if let handle = consumerOfName[name] {
            live = consumers[handle.index]
            if live.filter != known.filter {
                deafen(handle, live.filter, live.tenant)
                listen(handle, known.filter, known.tenant)
                live.filter = known.filter
            }
        } else {
            live = make(known, isLogged: true)
        }
        // Other settings may leave more room.
        live.isBlocked = false
        proceed(live, now: now, &effects)
        for waiting in joining.removeValue(forKey: name) ?? [] {
            guard let connection = connections[waiting.connection] else { continue }
            if let objection = objection(to: connection, joining: live) {
                effects.rejections.append(
                    Effects.Rejection(connection: connection.id, tag: waiting.tag, reason: objection))
            } else {
                join(live, waiting, now: now, &effects)
            }
        }
    }

    /// Begins to serve a connection on a consumer's behalf.
    private mutating func join(
        _ consumer: LiveConsumer, _ joining: Joining, now: Timestamp, _ effects: inout Effects
    ) {
        guard let connection = connections[joining.connection] else { return }
        consumer.join(connection)
        if !connection.consumers.contains(consumer.handle) { connection.consumers.append(consumer.handle) }
        effects.answers.append(
            .subscribed(connection.id, tag: joining.tag, consumer.handle, position: consumer.position))
        consumer.isBlocked = false
        releaseHeld(consumer, now: now)
        proceed(consumer, now: now, &effects)
        reschedule(consumer)
    }

    // MARK: Going

    /// A connection no longer wants to be served by a consumer. A named one stays.
    package mutating func unsubscribe(
        _ handle: ConsumerHandle, _ connection: ConnectionID, now: Timestamp
    ) throws(Refusal) {
        let known = try known(connection)
        guard known.consumers.contains(handle), consumers.contains(handle.index, handle.generation) else {
            throw Self.notAMember
        }
        known.consumers.removeAll { $0 == handle }
        leave(consumers[handle.index], known, now: now)
    }

    /// Throws unless a consumer serves a connection.
    package func checkMember(_ connection: ConnectionID, of handle: ConsumerHandle) throws(Refusal) {
        guard consumers.contains(handle.index, handle.generation),
            connections[connection]?.consumers.contains(handle) == true
        else { throw Self.notAMember }
    }

    /// What somebody is told who is no member of a consumer, whether it is there or not.
    package static var notAMember: Refusal {
        Refusal(.unknownConsumer, "the connection is not a member of that consumer; subscribe first")
    }

    /// A member leaves; what it had comes again as soon as there is somebody to take it.
    mutating func leave(_ consumer: LiveConsumer, _ connection: LiveConnection, now: Timestamp) {
        let left = consumer.leave(connection.id)
        consumer.isBlocked = false
        guard consumer.isLogged else { return drop(consumer) }
        if consumer.isExplicit {
            if let left {
                for offset in left { judge(consumer, .returned, from: offset, through: offset, now: now) }
            } else if consumer.inFlight > 0 {
                judge(consumer, .returned, from: .zero, through: .end, now: now)
            }
        }
        guard !consumer.hasMembers else { return }
        // Without anybody to serve a consumer stands still where it is.
        if consumer.mode == .live { consumer.position = max(consumer.position, logged.appliedTo) }
        consumer.mode = .behind(reading: nil)
    }

    /// Takes a consumer out of everything.
    mutating func drop(_ consumer: LiveConsumer) {
        let handle = consumer.handle
        guard consumers.remove(handle.index, handle.generation) != nil else { return }
        if let timer = consumer.timer { cancel(timer) }
        if consumer.isLogged { consumerOfName[consumer.name] = nil }
        deafen(handle, consumer.filter, consumer.tenant)
        for member in consumer.members { member.connection.consumers.removeAll { $0 == handle } }
    }
}
