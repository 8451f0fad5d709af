import HubBytes
package import HubModel

/// Blocks that could not be written.
extension Router {
    /// Everything that was on its way is gone, the open block included: the disk took none of it. The server calls this
    /// when the last of the failed blocks has come back, so that all that was written has been applied, and says how
    /// many names the log knows. `block` is the new open block.
    ///
    /// Senders are told. Consumers begin again from what the log knows of them, as after a restart: what they were
    /// given and the log does not know comes again.
    package mutating func refuse(
        _ reason: Refusal, names known: Int, now: Timestamp, _ block: inout Block, _ effects: inout Effects
    ) {
        reject(reason, &effects)
        stamper = Stamper()
        logged.takeChangesAgain()
        logged.window.takeBack()
        answering.removeAll()
        opening = OpeningSessions()
        let watched = unknownWatched(known)
        names.truncate(to: min(known, names.count))
        // Numbers of names that are gone will be others'.
        trie.forgetMatches()
        quotas.forget(above: known)
        sessionOfTopic = MarkedNumbers()
        sessionOfPair = sessionOfPair.filter {
            $0.value.rawValue <= known && $0.key >> 32 <= known && $0.key & 0xffff_ffff <= known
        }
        rejectJoining(reason, &effects)
        forgetUnknownAgents(known, now: now, &effects)
        watchAgain(watched, known, &block)
        for index in consumers.indices where consumers[index].isLogged {
            consumers[index].startAgain()
            releaseHeld(consumers[index], now: now)
        }
        listed.removeAll()
        listedSince = nil
        for index in consumers.indices where consumers[index].isLogged { relist(consumers[index], now: now) }
        for index in consumers.indices { proceed(consumers[index], now: now, &effects) }
        for index in consumers.indices { reschedule(consumers[index]) }
        for command in logged.commands.values.sorted(by: { $0.offset < $1.offset }) { armCommand(command) }
        sayPresenceAgain(now: now, &block)
    }

    /// What was said of deliveries is gone with the block, but not what follows from who is there.
    mutating func relist(_ consumer: LiveConsumer, now: Timestamp) {
        consumer.isListed = false
        if consumer.isExplicit, !consumer.hasMembers, consumer.state.unsettled.inFlight > 0 {
            consumer.verdicts.add(.returned, from: .zero, through: .end)
        }
        if !consumer.verdicts.isEmpty { list(consumer, now: now) }
    }

    private mutating func reject(_ reason: Refusal, _ effects: inout Effects) {
        for (place, proposers) in origins.enumerated() {
            // Who did not want to wait for the disk had his receipt when the block was sealed.
            let isOpen = place == origins.count - 1
            for origin in proposers where isOpen || origin.durability != .memory {
                reject(origin, reason, &effects)
            }
        }
        for offset in echoes.keys.sorted() {
            for origin in echoes[offset] ?? [] { reject(origin, reason, &effects) }
        }
        echoes.removeAll()
        origins = [[]]
        hasHasty = false
    }

    private func reject(_ origin: Origin, _ reason: Refusal, _ effects: inout Effects) {
        guard let connection = origin.connection else { return }
        effects.rejections.append(
            Effects.Rejection(connection: connection, tag: origin.tag, reason: reason))
    }

    /// Subscriptions to named consumers waited for a record that is gone.
    private mutating func rejectJoining(_ reason: Refusal, _ effects: inout Effects) {
        for name in joining.keys.sorted() {
            for waiting in joining[name] ?? [] where connections[waiting.connection] != nil {
                effects.rejections.append(
                    Effects.Rejection(connection: waiting.connection, tag: waiting.tag, reason: reason))
            }
        }
        joining.removeAll()
        ending.removeAll()
    }

    /// An agent whose name the log does not know was never there; its connection has to say again whose it is.
    private mutating func forgetUnknownAgents(_ known: Int, now: Timestamp, _ effects: inout Effects) {
        var strangers: [ConnectionID] = []
        connections.forEach {
            if $0.agent.rawValue > known || $0.tenant.rawValue > known { strangers.append($0.id) }
            $0.watched = $0.watched.filter { $0.rawValue <= known }
        }
        for stranger in strangers {
            forget(stranger, now: now)
            effects.answers.append(.unknown(stranger))
        }
        for name in watchers.keys where name.rawValue > known { watchers[name] = nil }
    }

    /// An agent that somebody watches and the log does not know: its name was on its way.
    private struct Watched {
        let tenant: NameID
        let agent: [UInt8]
        let connections: Set<ConnectionID>
    }

    private func unknownWatched(_ known: Int) -> [Watched] {
        watchers.keys.filter { $0.rawValue > known }.sorted().compactMap { name in
            guard let key = names.key(of: name), key.kind == .agent, let watching = watchers[name] else {
                return nil
            }
            return Watched(tenant: key.tenant, agent: names.bytes(of: name).array, connections: watching)
        }
    }

    private mutating func watchAgain(_ watched: [Watched], _ known: Int, _ block: inout Block) {
        for one in watched where one.tenant.rawValue <= known {
            let there = one.connections.filter { connections[$0] != nil }
            guard !there.isEmpty else { continue }
            let name = one.agent.withBytes { ownName(.agent, one.tenant, $0, &block) }
            watchers[name] = there
            for connection in there { connections[connection]?.watched.insert(name) }
        }
    }

    /// Who came and went while the disk took nothing: the log has to know.
    private mutating func sayPresenceAgain(now: Timestamp, _ block: inout Block) {
        var present: [LiveConnection] = []
        connections.forEach { if $0.liveness != nil { present.append($0) } }
        for live in present where logged.agents[live.agent]?.presence != live.presence {
            notePresence(live.presence, live, now: now, &block)
        }
        noteAbsent(now: now, &block)
    }

    /// Agents of which the log says that they are there, and that are not.
    mutating func noteAbsent(now: Timestamp, _ block: inout Block) {
        let gone = logged.agents.filter {
            ($0.value.presence == .online || $0.value.presence == .silent) && connectionOfAgent[$0.key] == nil
        }
        for agent in gone.keys.sorted() {
            notePresence(.offline, agent, gone[agent]?.tenant ?? .none, now: now, &block)
        }
    }
}
