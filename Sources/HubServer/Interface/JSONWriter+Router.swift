import HubModel
import HubProtocols
import HubRouter
import HubStorage

/// What the router knows, in the interface's words.
extension JSONWriter {
    mutating func agent(_ agent: Picture.Agent, _ reader: any LogReader) throws(StorageError) {
        beginObject()
        member("agent", agent.name)
        member("state", agent.presence.native.rawValue)
        member("since", agent.since)
        if let status = agent.status { try self.status(at: status, reader) }
        endObject()
    }

    /// What an agent said last of itself, if the log still has it.
    private mutating func status(at offset: Offset, _ reader: any LogReader) throws(StorageError) {
        let page = try reader.page(.log(from: offset, to: offset.next), PageLimit(records: 1))
        guard page.count == 1, !page[0].payload.isEmpty else { return }
        key("status")
        embed(page[0].payload)
    }

    /// One that nobody opened goes with a topic or two agents, or just has a name: there is nobody to accept it.
    mutating func session(_ session: Picture.Session?, named name: String, _ extent: NameExtent) {
        beginObject()
        member("id", name)
        member("phase", "\(session?.phase ?? .accepted)")
        if let session {
            member("opener", ifAny: session.opener)
            member("partner", ifAny: session.partner)
            member("since", session.since)
        }
        member("messages", extent.count)
        member("last_seq", extent.last)
        endObject()
    }

    mutating func consumer(_ consumer: Router.ConsumerStatus) {
        beginObject()
        member("name", consumer.facts.name)
        filter(consumer.facts)
        member("state", consumer.mode.rawValue)
        member("position", consumer.position.rawValue)
        member("in_flight", consumer.inFlight)
        member("dead_letters", consumer.facts.deadLetters.count)
        key("members")
        beginArray()
        for name in consumer.members { string(name) }
        endArray()
        settings(consumer.facts.settings)
        endObject()
    }

    private mutating func filter(_ consumer: Picture.Consumer) {
        guard consumer.inbox.isEmpty else { return member("inbox", consumer.inbox) }
        key("topics")
        beginArray()
        for pattern in consumer.patterns { string(pattern) }
        endArray()
    }

    private mutating func settings(_ settings: ConsumerSettings) {
        key("settings")
        beginObject()
        member("ack", settings.acknowledgement == .explicit ? "explicit" : "auto")
        key("group")
        bool(settings.isShared)
        key("sticky")
        bool(settings.isSticky)
        member("max_in_flight", settings.inFlightMax)
        member("ack_wait_ms", settings.ackWaitMilliseconds)
        member("max_deliver", settings.deliveriesMax)
        key("backoff")
        beginObject()
        member("initial_ms", settings.backoffInitialMilliseconds)
        key("factor")
        number(Double(settings.backoffFactorThousandths) / 1000)
        member("max_ms", settings.backoffMaxMilliseconds)
        member("jitter_percent", settings.backoffJitterPercent)
        endObject()
        endObject()
    }

    /// Throws if it takes more bytes than it may.
    mutating func picture(_ picture: Picture, _ reader: any LogReader, bytesMax: Int) throws {
        func check(_ count: Int) throws {
            guard count > bytesMax else { return }
            throw Refusal(.tooLarge, "in words, the state takes more than \(bytesMax) bytes")
        }
        beginObject()
        member("applied_to", picture.appliedTo.rawValue)
        member("time", picture.time)
        key("agents")
        beginArray()
        for agent in picture.agents {
            try self.agent(agent, reader)
            try check(bytes.byteCount)
        }
        endArray()
        key("sessions")
        beginArray()
        for session in picture.sessions { past(session) }
        endArray()
        key("consumers")
        beginArray()
        for consumer in picture.consumers {
            past(consumer)
            try check(bytes.byteCount)
        }
        endArray()
        past(picture.pauses)
        past(picture.commands)
        key("retained")
        beginArray()
        for value in picture.retained {
            beginObject()
            member("topic", value.topic)
            member("offset", value.offset.rawValue)
            endObject()
        }
        endArray()
        endObject()
        try check(bytes.byteCount)
    }

    private mutating func past(_ session: Picture.Session) {
        beginObject()
        member("id", session.name)
        member("phase", "\(session.phase)")
        member("opener", ifAny: session.opener)
        member("partner", ifAny: session.partner)
        member("since", session.since)
        endObject()
    }

    private mutating func past(_ consumer: Picture.Consumer) {
        beginObject()
        member("name", consumer.name)
        filter(consumer)
        member("position", consumer.cursor.rawValue)
        key("paused")
        bool(consumer.isPaused)
        settings(consumer.settings)
        key("unsettled")
        beginArray()
        for delivery in consumer.unsettled {
            beginObject()
            member("offset", delivery.offset.rawValue)
            member("attempts", delivery.attempts)
            member("since", delivery.since)
            member("standing", delivery.standing.rawValue)
            endObject()
        }
        endArray()
        key("dead_letters")
        beginArray()
        for letter in consumer.deadLetters { number(letter.rawValue) }
        endArray()
        endObject()
    }

    private mutating func past(_ pauses: [Picture.Pause]) {
        key("pauses")
        beginArray()
        for pause in pauses {
            beginObject()
            member("session", pause.session)
            member("agent", pause.agent)
            member("scope", pause.scope == .work ? "work" : "all")
            endObject()
        }
        endArray()
    }

    private mutating func past(_ commands: [Picture.Command]) {
        key("commands")
        beginArray()
        for command in commands {
            beginObject()
            member("offset", command.offset.rawValue)
            member("id", command.id)
            member("sender", command.sender)
            member("destination", command.destination)
            member("deadline", command.deadline)
            endObject()
        }
        endArray()
    }
}
