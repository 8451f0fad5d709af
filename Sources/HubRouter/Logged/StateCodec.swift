import HubBytes
import HubModel

/// How the parts of the logged state are written to a checkpoint and read from it.
enum StateCodec {
    /// Packs a part; false if it is not there any more.
    static func pack(_ key: StateKey, _ state: borrowing LoggedState, _ packer: inout NumberPacker) -> Bool {
        switch key {
        case .sequence(let session): packer.put(state.lastSequence(of: session).rawValue)
        case .session(let id):
            guard let session = state.sessions[id] else { return false }
            pack(session, &packer)
        case .consumer(let id):
            guard let consumer = state.consumers[id] else { return false }
            pack(consumer, &packer)
        case .agent(let id):
            guard let agent = state.agents[id] else { return false }
            pack(agent, &packer)
        case .command(let key):
            guard let command = state.commands[key] else { return false }
            pack(command, &packer)
        case .retained(let id):
            guard let offset = state.retained[id] else { return false }
            packer.put(offset.rawValue)
        }
        return true
    }

    // MARK: Sessions, agents, commands

    private static func pack(_ session: LoggedSession, _ packer: inout NumberPacker) {
        packer.put(UInt64(session.tenant.rawValue))
        packer.put(UInt64(session.opener.rawValue))
        packer.put(UInt64(session.partner.rawValue))
        packer.put(UInt64(session.phase.rawValue))
        packer.put(signed: session.since.microseconds)
        packer.put(UInt64(session.pausedBy.count))
        for agent in session.pausedBy { packer.put(UInt64(agent.rawValue)) }
    }

    static func session(_ reader: inout NumberReader) -> LoggedSession? {
        let tenant = nextName(&reader)
        let opener = nextName(&reader)
        let partner = nextName(&reader)
        guard let phase = SessionPhase(rawValue: UInt8(truncatingIfNeeded: reader.next())) else { return nil }
        var session = LoggedSession(
            tenant: tenant, opener: opener, partner: partner, phase: phase, since: nextTime(&reader))
        // The count may be damaged; the bytes are what ends it.
        var left = reader.next()
        while left > 0, !reader.hasFailed {
            session.pausedBy.append(nextName(&reader))
            left -= 1
        }
        return session
    }

    private static func pack(_ agent: LoggedAgent, _ packer: inout NumberPacker) {
        packer.put(UInt64(agent.tenant.rawValue))
        packer.put(UInt64(agent.presence.rawValue))
        packer.put(signed: agent.since.microseconds)
        packer.put(agent.status.map { $0.rawValue + 1 } ?? 0)
    }

    static func agent(_ reader: inout NumberReader) -> LoggedAgent? {
        var agent = LoggedAgent(tenant: nextName(&reader))
        guard let presence = Presence(rawValue: UInt8(truncatingIfNeeded: reader.next())) else { return nil }
        agent.presence = presence
        agent.since = nextTime(&reader)
        let status = reader.next()
        agent.status = status == 0 ? nil : Offset(status - 1)
        return agent
    }

    private static func pack(_ command: LoggedCommand, _ packer: inout NumberPacker) {
        packer.put(command.offset.rawValue)
        packer.put(UInt64(command.sender.rawValue))
        packer.put(UInt64(command.session.rawValue))
        packer.put(signed: command.deadline.microseconds)
    }

    static func command(_ key: LoggedState.CommandKey, _ reader: inout NumberReader) -> LoggedCommand? {
        let offset = nextOffset(&reader)
        let sender = nextName(&reader)
        let session = nextName(&reader)
        return LoggedCommand(
            offset: offset, tenant: key.tenant, sender: sender, session: session, deadline: nextTime(&reader),
            id: key.id)
    }

    // MARK: Consumers

    private static func pack(_ consumer: LoggedConsumer, _ packer: inout NumberPacker) {
        packer.put(UInt64(consumer.tenant.rawValue))
        packer.put(consumer.isPaused ? 1 : 0)
        packer.put(consumer.cursor.rawValue)
        var settings = NumberPacker()
        ConsumerRecord(filter: consumer.filter, settings: consumer.settings, start: nil).pack(&settings)
        packer.put(settings.buffer.bytes)
        packer.put(UInt64(consumer.unsettled.count))
        var last: UInt64 = 0
        consumer.unsettled.forEach { delivery in
            packer.put(delivery.offset.rawValue - last)
            packer.put(UInt64(delivery.attempts) << 1 | (delivery.isGivenUp ? 1 : 0))
            packer.put(signed: delivery.since.microseconds)
            packer.put(signed: delivery.dueAt.microseconds)
            last = delivery.offset.rawValue
        }
    }

    static func consumer(_ id: NameID, _ reader: inout NumberReader) -> LoggedConsumer? {
        let tenant = nextName(&reader)
        let isPaused = reader.next() == 1
        let cursor = nextOffset(&reader)
        guard let record = ConsumerRecord(reader.nextBytes()) else { return nil }
        var consumer = LoggedConsumer(id: id, tenant: tenant, record, at: .zero)
        consumer.isPaused = isPaused
        consumer.cursor = cursor
        var last: UInt64 = 0
        var left = reader.next()
        while left > 0 {
            left -= 1
            last &+= reader.next()
            let flags = reader.next()
            var delivery = UnsettledDelivery(
                offset: Offset(min(last, Offset.end.rawValue)), attempts: Int(clamping: flags >> 1),
                since: nextTime(&reader))
            delivery.dueAt = nextTime(&reader)
            delivery.isGivenUp = flags & 1 == 1
            if reader.hasFailed { return nil }
            consumer.unsettled.add(delivery)
        }
        return consumer
    }

    // MARK: Numbers

    private static func nextName(_ reader: inout NumberReader) -> NameID {
        NameID(UInt32(truncatingIfNeeded: reader.next()))
    }

    private static func nextOffset(_ reader: inout NumberReader) -> Offset {
        Offset(min(reader.next(), Offset.end.rawValue))
    }

    private static func nextTime(_ reader: inout NumberReader) -> Timestamp {
        Timestamp(microseconds: reader.nextSigned())
    }
}
