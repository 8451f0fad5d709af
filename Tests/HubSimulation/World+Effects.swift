import HubModel
import HubRouter
import HubStorage

/// What the router wants done is done, and held against what must be.
extension World {
    /// Where the records lie that deliveries are about.
    enum Source {
        /// In a block, from an offset on.
        case block(first: Offset, count: Int)
        /// Alone.
        case record(Offset)
        /// In a page; each was compared when it was taken.
        case page
        /// Nowhere: nothing can be delivered.
        case nothing
    }

    mutating func handle(_ source: Source) throws {
        // Whoever has to say again whose it is, is told first what came to nothing.
        for rejection in effects.rejections where isThere(rejection.connection) { try take(rejection) }
        // What was deleted or moved had its deliveries of this turn before that.
        for case .consumerDeleted(let consumer) in effects.events { take(deleted: reference.name(consumer)) }
        for answer in effects.answers { try take(answer) }
        for event in effects.events { try take(event) }
        for receipt in effects.receipts where isThere(receipt.connection) {
            guard receipt.isDuplicate else {
                throw Violation(.receipt, "a receipt for \(receipt.offset) out of time")
            }
            try take(duplicate: receipt)
        }
        for delivery in effects.deliveries {
            try check(delivery, source)
            try take(delivery)
        }
        for read in effects.reads {
            if case .page = read.purpose {
                ledger.marks.note(.fellBehind)
            } else {
                ledger.marks.note(.readAlone)
            }
        }
        reads += effects.reads
        effects.removeAll()
    }

    /// A delivery points at its record.
    private func check(_ delivery: Effects.Delivery, _ source: Source) throws {
        let isRight =
            switch source {
            case .block(let first, let count):
                delivery.index < count && first.advanced(by: delivery.index) == delivery.offset
            case .record(let offset): delivery.index == 0 && delivery.offset == offset
            case .page: true
            case .nothing: false
            }
        guard isRight else {
            throw Violation(.wanted, "\(delivery.offset) is delivered and does not lie at \(delivery.index)")
        }
    }

    private mutating func take(_ delivery: Effects.Delivery) throws {
        if deleted.contains(delivery.consumer) { return }
        if let name = watchOfConsumer[delivery.consumer], let move = moves[name], delivery.offset < move {
            return
        }
        guard delivery.offset < log.reader.bounds.head, let message = reference.messages[delivery.offset]
        else {
            throw Violation(.commit, "\(delivery.offset) is delivered and not in the log")
        }
        guard let agent = agents.firstIndex(where: { $0.connection == delivery.connection }),
            agents[agent].consumers.values.contains(delivery.consumer), !agents[agent].isFull
        else {
            throw Violation(
                .room, "\(delivery.offset) goes to \(delivery.connection), which is gone, full or no member")
        }
        guard let name = watchOfConsumer[delivery.consumer] else {
            throw Violation(.room, "nobody knows \(delivery.consumer)")
        }
        try checkPause(delivery, message, agent)
        note { "deliver \(delivery.offset) attempt \(delivery.attempt) for \(name) to agent \(agent)" }
        try disbelieve(
            .neverThrice, if: delivery.attempt == 3, "\(delivery.offset) was delivered three times")
        ledger.deliveries += 1
        let standing = standing(of: delivery.offset, name)
        try watches[name]?.take(
            delivery, message, standing, agent: agent, now: now,
            latest: latest, &ledger.marks)
        if watches[name]?.plan.settings.acknowledgement == .explicit {
            agents[agent].received.append(SimulatedAgent.Received(watch: name, delivery: delivery))
        } else if message.kind == .command {
            try answer(delivery.offset, by: agent)
        }
    }

    private mutating func take(_ rejection: Effects.Rejection) throws {
        guard rejection.tag < Self.firstMessageTag else { return try ledger.reject(rejection) }
        // A subscription that came to nothing is tried again by connecting anew.
        guard let agent = agents.firstIndex(where: { $0.connection == rejection.connection }) else {
            throw Violation(.room, "a rejection goes to \(rejection.connection), which is gone")
        }
        ledger.marks.note(.subscriptionRefused)
        if !lost.contains(agent) { lost.append(agent) }
    }

    /// Who wants to hear no more of what is new does not.
    private func checkPause(_ delivery: Effects.Delivery, _ message: Reference.Message, _ agent: Int) throws {
        guard delivery.attempt == 1, let scope = agents[agent].pause else { return }
        let isWork = message.kind == .command || message.kind == .sessionOpen
        guard scope == .work, !isWork else {
            throw Violation(.pause, "\(delivery.offset) goes to agent \(agent), which holds back \(scope)")
        }
    }

    /// Whether a first delivery has its place in the order.
    private func standing(of offset: Offset, _ name: String) -> Watch.Standing {
        if watches[name]?.plan.isDurable == true {
            // That it was moved or deleted is on disk before the router has heard of it.
            guard let consumer = reference.consumers[name], consumer.era < router.appliedTo else {
                return .revived
            }
            return consumer.standing(of: offset)
        }
        // What a nameless consumer begins with lies before it.
        return plan.pauseChance > 0 || watches[name].map { offset < $0.start } ?? false ? .owed : .coming
    }

    private mutating func take(_ answer: Effects.Answer) throws {
        switch answer {
        case .unknown(let connection):
            ledger.marks.note(.agentUnknown)
            note { "\(connection) is unknown" }
            forget(connection)
        case .replaced(let connection):
            ledger.marks.note(.replaced)
            forget(connection)
        case .silent(let connection):
            ledger.marks.note(.silent)
            if let agent = agents.firstIndex(where: { $0.connection == connection }), !lost.contains(agent) {
                lost.append(agent)
            }
        case .subscribed(let connection, let tag, let handle, let position):
            try take(subscribed: connection, tag, handle, position)
        }
    }

    private mutating func take(_ event: Effects.Event) throws {
        switch event {
        case .stalled: ledger.marks.note(.stalled)
        case .deadLetter(let consumer, let offset, _, _):
            note { "\(reference.name(consumer)) buries \(offset)" }
            if consumer == .none {
                for name in watches.keys { watches[name]?.buryNameless(offset, latest: latest) }
            } else {
                watches[reference.name(consumer)]?.bury(offset)
            }
            try disbelieve(
                .noDeathAfterCrash, if: ledger.marks[.crash] > 0, "\(offset) died behind a crash")
        case .commandTimedOut(_, let offset): note { "command \(offset) is over" }
        case .presence: ledger.marks.note(.presence)
        case .gap(_, let gap): throw Violation(.log, "\(gap) is said to be gone")
        case .consumerMoved(let consumer, let target): take(moved: reference.name(consumer), to: target)
        case .consumerDeleted, .consumerPaused: break
        }
    }

    private mutating func take(
        subscribed connection: ConnectionID, _ tag: UInt64, _ handle: ConsumerHandle, _ position: Offset
    ) throws {
        guard let agent = agents.firstIndex(where: { $0.connection == connection }) else {
            throw Violation(.room, "\(connection) is told of a subscription and is gone")
        }
        let consumer = plan.consumers[Int(tag)]
        note { "agent \(agent) is a member of \(consumer.label) at \(position)" }
        agents[agent].consumers[Int(tag)] = handle
        let name = consumer.isDurable ? consumer.label : "\(consumer.label) on \(connection)"
        watchOfConsumer[handle] = name
        if watches[name] == nil {
            let start = consumer.isDurable ? reference.consumers[name]?.start : position
            watches[name] = Watch(consumer, start: start ?? position)
        }
    }

    /// What is believed turns out to be wrong.
    private func disbelieve(_ belief: Belief, if isWrong: Bool, _ detail: String) throws {
        if isWrong, plan.belief == belief { throw Violation(.belief, detail) }
    }

    /// A connection is gone, and nameless consumers with it.
    mutating func forget(_ connection: ConnectionID) {
        ledger.forget(connection)
        guard let agent = agents.firstIndex(where: { $0.connection == connection }) else { return }
        for (consumer, handle) in agents[agent].consumers where !plan.consumers[consumer].isDurable {
            if let name = watchOfConsumer.removeValue(forKey: handle) { watches[name] = nil }
        }
        agents[agent].leave()
    }
}
