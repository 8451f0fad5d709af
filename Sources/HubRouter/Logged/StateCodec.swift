import HubBytes
import HubModel

/// How the parts of the logged state are written to a checkpoint and read from it. Each begins with a version.
enum StateCodec {
    static let version: UInt64 = 1

    /// Packs a part; false if it is not there any more.
    static func pack(_ key: StateKey, _ state: borrowing LoggedState, _ packer: inout NumberPacker) -> Bool {
        packer.put(version)
        switch key {
        case .sequence(let session): packer.put(state.sequences[session])
        case .lastMessage(let topic): packer.put(state.lastMessages[topic])
        case .session(let id):
            guard let session = state.sessions[id] else { return false }
            pack(session, &packer)
        case .pause(let id):
            guard let pause = state.pauses[id] else { return false }
            pack(pause, &packer)
        case .consumer(let id):
            guard let consumer = state.consumers[id] else { return false }
            pack(consumer, &packer)
        case .agent(let id):
            guard let agent = state.agents[id] else { return false }
            pack(agent, &packer)
        case .command(let offset):
            guard let command = state.commands[offset] else { return false }
            pack(command, &packer)
        case .retained(let id):
            guard let offset = state.retained[id] else { return false }
            packer.put(offset.rawValue)
        case .windowStart:
            guard let offset = state.windowStart else { return false }
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
    }

    static func session(_ reader: inout NumberReader) -> LoggedSession? {
        let tenant = nextName(&reader)
        let opener = nextName(&reader)
        let partner = nextName(&reader)
        guard let phase = SessionPhase(rawValue: UInt8(truncatingIfNeeded: reader.next())) else { return nil }
        return LoggedSession(
            tenant: tenant, opener: opener, partner: partner, phase: phase, since: nextTime(&reader))
    }

    private static func pack(_ pause: LoggedPause, _ packer: inout NumberPacker) {
        packer.put(UInt64(pause.agents.count))
        for entry in pause.agents {
            packer.put(UInt64(entry.agent.rawValue))
            packer.put(UInt64(entry.scope.rawValue))
        }
    }

    static func pause(_ reader: inout NumberReader) -> LoggedPause? {
        var pause = LoggedPause()
        // The count may be damaged; the bytes are what ends it.
        var left = reader.next()
        while left > 0 {
            left -= 1
            let agent = nextName(&reader)
            guard let scope = PauseScope(rawValue: UInt8(truncatingIfNeeded: reader.next())),
                !reader.hasFailed
            else { return nil }
            pause.set(agent, scope)
        }
        return pause.agents.isEmpty ? nil : pause
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
        agent.status = status == 0 ? nil : Offset(min(status - 1, Offset.end.rawValue))
        return agent
    }

    private static func pack(_ command: LoggedCommand, _ packer: inout NumberPacker) {
        packer.put(UInt64(command.sender.rawValue))
        packer.put(UInt64(command.destination.rawValue))
        packer.put(UInt64(command.tenant.rawValue))
        packer.put(UInt64(command.session.rawValue))
        packer.put(command.sequence.rawValue)
        packer.put(signed: command.deadline.microseconds)
        packer.put(command.end.rawValue)
        packer.put(signed: command.endedAt.microseconds)
        command.id.withBytes { packer.put($0) }
    }

    static func command(_ offset: Offset, _ reader: inout NumberReader) -> LoggedCommand {
        let sender = nextName(&reader)
        let destination = nextName(&reader)
        let tenant = nextName(&reader)
        let session = nextName(&reader)
        let sequence = SequenceNumber(reader.next())
        let deadline = nextTime(&reader)
        let end = nextOffset(&reader)
        let endedAt = nextTime(&reader)
        return LoggedCommand(
            offset: offset, sender: sender, destination: destination, tenant: tenant, session: session,
            sequence: sequence, deadline: deadline, id: reader.nextBytes().array, end: end, endedAt: endedAt)
    }

    // MARK: Consumers

    private static func pack(_ consumer: LoggedConsumer, _ packer: inout NumberPacker) {
        packer.put(UInt64(consumer.tenant.rawValue))
        packer.put(consumer.isPaused ? 1 : 0)
        packer.put(consumer.era.rawValue)
        packer.put(consumer.cursor.rawValue)
        var settings = NumberPacker()
        ConsumerRecord(filter: consumer.filter, settings: consumer.settings, start: .new).pack(&settings)
        packer.put(settings.buffer.bytes)
        packer.put(UInt64(consumer.letters.count))
        for letter in consumer.letters { packer.put(letter.rawValue) }
        packer.put(UInt64(consumer.unsettled.count))
        var last: UInt64 = 0
        consumer.unsettled.forEach { delivery in
            packer.put(delivery.offset.rawValue - last)
            packer.put(UInt64(delivery.attempts) << 3 | UInt64(delivery.standing.rawValue))
            packer.put(signed: delivery.since.microseconds)
            packer.put(signed: delivery.dueAt.microseconds)
            packer.put(UInt64(delivery.session.rawValue))
            last = delivery.offset.rawValue
        }
    }

    static func consumer(_ id: NameID, _ reader: inout NumberReader) -> LoggedConsumer? {
        let tenant = nextName(&reader)
        let isPaused = reader.next() == 1
        let era = nextOffset(&reader)
        let cursor = nextOffset(&reader)
        guard let record = ConsumerRecord(reader.nextBytes()) else { return nil }
        let consumer = LoggedConsumer(
            id: id, tenant: tenant, record.filter, record.settings, era: era, cursor: cursor)
        consumer.isPaused = isPaused
        for _ in 0..<min(reader.next(), UInt64(LoggedConsumer.lettersMax)) {
            consumer.letters.append(nextOffset(&reader))
        }
        return readUnsettled(consumer, &reader) ? consumer : nil
    }

    private static func readUnsettled(_ consumer: LoggedConsumer, _ reader: inout NumberReader) -> Bool {
        var last: UInt64 = 0
        // The count may be damaged; the bytes are what ends it.
        var left = reader.next()
        while left > 0 {
            left -= 1
            last &+= reader.next()
            let facts = reader.next()
            guard let standing = UnsettledDelivery.Standing(rawValue: UInt8(facts & 7)) else { return false }
            var delivery = UnsettledDelivery(
                offset: Offset(min(last, Offset.end.rawValue)), attempts: Int(clamping: facts >> 3),
                since: nextTime(&reader), standing)
            delivery.dueAt = nextTime(&reader)
            delivery.session = nextName(&reader)
            if reader.hasFailed { return false }
            consumer.unsettled.add(delivery)
        }
        return true
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
