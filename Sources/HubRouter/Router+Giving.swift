import HubModel

/// Giving a message to a consumer's member, at once or, if the member wants to hear no more for now, later.
extension Router {
    /// Gives a record that the consumer has not had: to a member, or to those that are kept for a paused one. False if
    /// there is no room for either.
    mutating func giveFirst(
        _ record: RecordView, at index: Int, to consumer: LiveConsumer, now: Timestamp,
        _ effects: inout Effects
    ) -> Bool {
        guard !consumer.state.isPaused else { return false }
        if !logged.pauses.isEmpty || pausedConnections > 0 || !consumer.owed.isEmpty {
            if let isDue = holding(record, consumer) {
                guard consumer.hasRoomToHold else { return isStalled(consumer, &effects) }
                hold(record, consumer, isDue: isDue, now: now)
                return true
            }
        }
        guard consumer.hasRoom else { return isStalled(consumer, &effects) }
        guard let member = pick(consumer, for: record, sticks: consumer.state.settings.isSticky) else {
            return false
        }
        deliver(record, at: index, to: member, of: consumer, attempt: 1, &effects)
        noteFirst(record.offset, consumer, now: now)
        return true
    }

    /// Gives a record once more, or for the first time if it is owed. False if nobody can take it now.
    mutating func giveAgain(
        _ record: RecordView, at index: Int, to consumer: LiveConsumer, attempt: Int, now: Timestamp,
        _ effects: inout Effects
    ) -> Bool {
        guard !consumer.state.isPaused, attempt > 1 || consumer.hasRoom else { return false }
        // What failed once may succeed elsewhere, so only first deliveries stick; and it is not new, so no pause is about
        // it but that of all.
        let isFirst = attempt == 1
        let member =
            isFirst
            ? pick(consumer, for: record, sticks: consumer.state.settings.isSticky)
            : consumer.pick(session: record.session, isSticky: false)
        guard let member else { return false }
        deliver(record, at: index, to: member, of: consumer, attempt: attempt, &effects)
        noteAgain(record.offset, attempt: attempt, consumer, now: now)
        return true
    }

    private func pick(_ consumer: LiveConsumer, for record: RecordView, sticks: Bool) -> Int? {
        guard !logged.pauses.isEmpty || pausedConnections > 0 else {
            return consumer.pick(session: record.session, isSticky: sticks)
        }
        let session = record.session
        let kind = record.kind
        let pause = logged.pauses[session]
        return consumer.pick(session: session, isSticky: sticks) {
            $0.takesMore && !Self.isHeld(kind, for: $0, pause)
        }
    }

    private static func isHeld(_ kind: MessageKind, for connection: LiveConnection, _ pause: LoggedPause?)
        -> Bool
    {
        // A connection that wants nothing at all is like one that is full: its consumers fall behind.
        if connection.pause == .work, PauseScope.work.covers(kind) { return true }
        if let scope = pause?.scope(of: connection.agent), scope.covers(kind) { return true }
        return false
    }

    private func deliver(
        _ record: RecordView, at index: Int, to member: Int, of consumer: LiveConsumer, attempt: Int,
        _ effects: inout Effects
    ) {
        let offset = record.offset
        let connection = consumer.give(offset, to: member)
        effects.deliveries.append(
            Effects.Delivery(
                connection: connection, consumer: consumer.handle, index: index, offset: offset,
                attempt: attempt))
    }

    // MARK: Holding back

    /// Whether a record has to be kept for later; if so, whether it is due as soon as its turn comes: nothing holds it
    /// but what came before it in its session.
    private func holding(_ record: RecordView, _ consumer: LiveConsumer) -> Bool? {
        let kind = record.kind
        let pause = logged.pauses[record.session]
        // Whoever is full is not asked: a consumer whose members are full falls behind and holds nothing.
        let isOpen = consumer.members.contains { !Self.isHeld(kind, for: $0.connection, pause) }
        if !isOpen, consumer.hasMembers { return false }
        return consumer.owed.isWaiting(record.session, kind) ? true : nil
    }

    private mutating func hold(_ record: RecordView, _ consumer: LiveConsumer, isDue: Bool, now: Timestamp) {
        let isEverything = !PauseScope.work.covers(record.kind)
        consumer.owed.add(record.offset, session: record.session, isEverything: isEverything)
        guard consumer.isLogged else {
            var note = DeliveryRecord(era: consumer.state.era, cursor: consumer.state.cursor)
            note.addHeld(record.offset, session: record.session, isDue: isDue)
            return consumer.state.apply(note, at: now)
        }
        consumer.delivered.addHeld(record.offset, session: record.session, isDue: isDue)
        consumer.provisionalHeld += 1
        list(consumer, now: now)
    }

    /// What was held for a session or a connection that goes on, or for a member that is gone, becomes due.
    mutating func releaseHeld(_ consumer: LiveConsumer, now: Timestamp) {
        for session in consumer.owed.sessions where isOpen(session, for: consumer) {
            for offset in consumer.owed.offsets(in: session) {
                guard consumer.state.unsettled.find(offset)?.standing != .owed else { continue }
                judge(consumer, .released, from: offset, through: offset, now: now)
            }
        }
    }

    /// Whether some member takes what is new in a session.
    func isOpen(_ session: NameID, for consumer: LiveConsumer) -> Bool {
        let pause = logged.pauses[session]
        return consumer.members.contains {
            $0.connection.pause == nil && pause?.scope(of: $0.connection.agent) == nil
        }
    }

    private func isStalled(_ consumer: LiveConsumer, _ effects: inout Effects) -> Bool {
        guard !consumer.isStallKnown else { return false }
        consumer.isStallKnown = true
        let event = Effects.Event.stalled(
            consumer.handle, inFlight: consumer.inFlight, limit: consumer.state.settings.inFlightMax)
        tell(event, membersOf: consumer, &effects)
        return false
    }

    /// Tells operators, and all that are served by a consumer.
    func tell(_ event: Effects.Event, membersOf consumer: LiveConsumer, _ effects: inout Effects) {
        effects.events.append(event)
        for member in consumer.members {
            effects.notices.append(Effects.Notice(connection: member.connection.id, event: event))
        }
    }

    // MARK: What is to be logged of it

    /// A nameless consumer's deliveries are nobody else's business; a named one's go into the log with the next block.
    private mutating func noteFirst(_ offset: Offset, _ consumer: LiveConsumer, now: Timestamp) {
        guard consumer.isLogged else {
            if consumer.isExplicit {
                consumer.state.unsettled.add(UnsettledDelivery(offset: offset, attempts: 1, since: now))
                schedule(consumer)
            }
            return
        }
        consumer.delivered.addFirst(offset)
        if consumer.isExplicit { consumer.provisional += 1 }
        list(consumer, now: now)
    }

    private mutating func noteAgain(_ offset: Offset, attempt: Int, _ consumer: LiveConsumer, now: Timestamp)
    {
        if attempt == 1, let known = consumer.state.unsettled.find(offset) {
            consumer.owed.remove(offset, session: known.session)
        }
        guard consumer.isLogged else {
            var record = DeliveryRecord(era: consumer.state.era, cursor: consumer.state.cursor)
            record.addRepeat(offset, attempt: attempt)
            consumer.state.apply(record, at: now)
            return schedule(consumer)
        }
        // Deliveries are packed before verdicts; a range that was acknowledged before this one must not be about it.
        if attempt == 1 { consumer.verdicts.spare(offset) }
        consumer.delivered.addRepeat(offset, attempt: attempt)
        if attempt == 1, consumer.isExplicit { consumer.provisional += 1 }
        // Until the log knows, its old deadline says nothing.
        consumer.attended[offset] = LiveConsumer.noRead
        list(consumer, now: now)
    }
}
