import HubBytes
package import HubModel

extension Router {
    /// What the log says of a tenant now.
    package func picture(of tenant: NameID) -> Picture { Picture(of: logged, tenant: tenant, names) }
}

extension Picture {
    /// What a state says of a tenant.
    init(of state: borrowing LoggedState, tenant: NameID, _ names: borrowing NameTable) {
        appliedTo = state.appliedTo
        time = state.time
        agents = Self.inOrder(state.agents) { id, agent in
            agent.tenant == tenant ? Agent(id, agent, names) : nil
        }
        sessions = Self.inOrder(state.sessions) { id, session in
            session.tenant == tenant ? Session(id, session, names) : nil
        }
        pauses = Self.inOrder(state.pauses) { id, pause in
            names.key(of: id)?.tenant == tenant ? Pause.all(id, pause, names) : nil
        }.flatMap { $0 }
        consumers = Self.inOrder(state.consumers) { id, consumer in
            consumer.tenant == tenant ? Consumer(id, consumer, names) : nil
        }
        commands = Self.inOrder(state.commands) { offset, command in
            command.isOpen && command.tenant == tenant ? Command(offset, command, names) : nil
        }
        retained = Self.inOrder(state.retained) { id, offset in
            names.key(of: id)?.tenant == tenant ? Retained(topic: names.text(of: id), offset: offset) : nil
        }
    }

    /// What is made of each part, in the order of numbers; nothing of those that are not to be shown.
    private static func inOrder<Key: Comparable, Value, Shown>(
        _ parts: [Key: Value], _ show: (Key, Value) -> Shown?
    ) -> [Shown] {
        parts.sorted { $0.key < $1.key }.compactMap { show($0.key, $0.value) }
    }
}

extension Picture.Agent {
    init(_ id: NameID, _ agent: LoggedAgent, _ names: borrowing NameTable) {
        name = names.text(of: id)
        presence = agent.presence
        since = agent.since
        status = agent.status
    }
}

extension Picture.Session {
    init(_ id: NameID, _ session: LoggedSession, _ names: borrowing NameTable) {
        name = names.text(of: id)
        opener = names.text(of: session.opener)
        partner = names.text(of: session.partner)
        phase = session.phase
        since = session.since
    }
}

extension Picture.Pause {
    /// One for each agent that paused the session.
    static func all(_ id: NameID, _ pause: LoggedPause, _ names: borrowing NameTable) -> [Self] {
        var found: [Self] = []
        for entry in pause.agents {
            found.append(
                Self(session: names.text(of: id), agent: names.text(of: entry.agent), scope: entry.scope))
        }
        return found
    }
}

extension Picture.Consumer {
    init(
        _ id: NameID, _ consumer: LoggedConsumer, _ names: borrowing NameTable, withUnsettled: Bool = true
    ) {
        name = names.text(of: id)
        switch consumer.filter {
        case .topics(let wanted):
            patterns = wanted.map(\.text)
            inbox = ""
        case .inbox(let agent):
            patterns = []
            inbox = names.text(of: agent)
        }
        settings = consumer.settings
        cursor = consumer.cursor
        isPaused = consumer.isPaused
        var deliveries: [Picture.Delivery] = []
        if withUnsettled { consumer.unsettled.forEach { deliveries.append(Picture.Delivery($0)) } }
        unsettled = deliveries
        deadLetters = consumer.letters
    }
}

extension Picture.Delivery {
    init(_ delivery: UnsettledDelivery) {
        offset = delivery.offset
        attempts = delivery.attempts
        since = delivery.since
        standing =
            switch delivery.standing {
            case .givenUp: .givenUp
            case .owed, .revived: .owed
            case .held: .held
            case .leased, .settled: delivery.dueAt == .none ? .leased : .waiting
            }
    }
}

extension Picture.Command {
    init(_ offset: Offset, _ command: LoggedCommand, _ names: borrowing NameTable) {
        self.offset = offset
        id = String(decoding: command.id, as: UTF8.self)
        sender = names.text(of: command.sender)
        destination = names.text(of: command.destination)
        deadline = command.deadline
    }
}
