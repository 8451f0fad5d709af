import HubBytes
package import HubModel

/// Deliveries that were not settled in time, or were refused: they come again, or become dead letters.
extension Router {
    // MARK: What members say

    /// A member settles deliveries of its consumer: the offsets between two, both included.
    package mutating func settle(
        _ handle: ConsumerHandle, _ verdict: Verdict, from: Offset, through: Offset,
        by connection: ConnectionID,
        now: Timestamp, _ effects: inout Effects
    ) throws(Refusal) {
        guard consumers.contains(handle.index, handle.generation),
            connections[connection]?.consumers.contains(handle) == true
        else { throw Refusal(.unknownConsumer, "the connection is not a member of that consumer") }
        guard from <= through else { throw Refusal(.badField, "offset \(from) lies behind \(through)") }
        let logged =
            switch verdict {
            case .acknowledged: SettlementRecord.Verdict.acknowledged
            case .refused(let delay): SettlementRecord.Verdict.refused(delayMilliseconds: delay)
            case .working: SettlementRecord.Verdict.working
            case .given: SettlementRecord.Verdict.given
            }
        guard consumers[handle.index].unlogged == nil else {
            var settlement = SettlementRecord()
            settlement.add(logged, from: from, through: through)
            consumers[handle.index].unlogged?.apply(settlement, at: now)
            settled(settlement, handle, now: now, &effects)
            return
        }
        consumers[handle.index].verdicts.add(logged, from: from, through: through)
        list(handle.index, now: now)
    }

    /// What a member can say of a delivery.
    package enum Verdict: Sendable, Equatable {
        /// It is done with.
        case acknowledged
        /// It failed; it is to come again after a delay of the member's choice, or the usual one.
        case refused(delayMilliseconds: Int64?)
        /// It takes longer.
        case working
        /// It will never be done.
        case given
    }

    // MARK: Timers

    /// Arms a consumer's timer if none is: deadlines come in the order of deliveries, so the first one stands for all.
    mutating func schedule(_ consumer: UInt32) {
        // While nobody has room nothing can be done about what is due; whoever gets room calls this again.
        guard consumers[consumer].timer == nil, state(of: consumer)?.isPaused == false,
            consumers[consumer].pick(session: .none, isSticky: false) != nil
        else { return }
        arm(consumer)
    }

    /// Arms it again, since something may be due earlier.
    mutating func reschedule(_ consumer: UInt32) {
        disarm(consumer)
        schedule(consumer)
    }

    private mutating func disarm(_ consumer: UInt32) {
        guard let timer = consumers[consumer].timer else { return }
        _ = wheel.cancel(timer)
        consumers[consumer].timer = nil
    }

    private mutating func arm(_ consumer: UInt32) {
        guard let known = consumers[consumer].unlogged ?? logged.consumers[consumers[consumer].name] else {
            return
        }
        var earliest: Timestamp?
        let fetching = consumers[consumer].fetching
        known.unsettled.forEach { delivery in
            guard !fetching.contains(delivery.offset) else { return }
            let deadline = known.deadline(of: delivery)
            earliest = earliest.map { min($0, deadline) } ?? deadline
        }
        guard let earliest else { return }
        let handle = consumers[consumer].handle
        let purpose = timers.insert { _, _ in .consumer(handle) }
        consumers[consumer].timer = wheel.arm(
            payload(purpose), deadline: (earliest.microseconds + 999) / 1000)
    }

    private func payload(_ purpose: UInt32) -> UInt64 {
        UInt64(timers.generation(at: purpose)) << 32 | UInt64(purpose)
    }

    /// A command's sender is told when its deadline passes without an answer.
    mutating func armCommand(_ command: LoggedCommand) {
        guard command.deadline != .none else { return }
        let key = LoggedState.CommandKey(tenant: command.tenant, id: command.id)
        let purpose = timers.insert { _, _ in .command(key) }
        _ = wheel.arm(payload(purpose), deadline: (command.deadline.microseconds + 999) / 1000)
    }

    /// When the router wants to be called again at the latest; nil if nothing is due ever.
    package var nextDeadline: Timestamp? {
        let timer = wheel.nextDeadline.map { Timestamp(microseconds: $0 * 1000) }
        let lazy = listedSince.map { $0.adding(milliseconds: settings.lazyMilliseconds) }
        guard let timer, let lazy else { return timer ?? lazy }
        return min(timer, lazy)
    }

    /// Time has passed.
    package mutating func tick(now: Timestamp, _ block: inout Block, _ effects: inout Effects) {
        // All that is due is taken out before anything is done: if the clock went back, what is set anew is due at once
        // by the wheel's time, and would be done for ever.
        var due: [TimerPurpose] = []
        while let payload = wheel.next(dueBy: now.microseconds / 1000) {
            let place = UInt32(truncatingIfNeeded: payload)
            if let purpose = timers.remove(place, UInt32(truncatingIfNeeded: payload >> 32)) {
                due.append(purpose)
            }
        }
        for purpose in due {
            switch purpose {
            case .consumer(let handle): attend(handle, now: now, &effects)
            case .command(let key): commandDue(key, now: now, &block, &effects)
            }
        }
    }

    private mutating func commandDue(
        _ key: LoggedState.CommandKey, now: Timestamp, _ block: inout Block, _ effects: inout Effects
    ) {
        guard let command = logged.commands[key], !ending.contains(key) else { return }
        guard command.deadline <= now else { return armCommand(command) }
        effects.events.append(.commandTimedOut(sender: command.sender, offset: command.offset))
        failCommand(command, now: now, &block)
    }

    /// The answer that says that there is none goes to the command's sender like any other.
    private mutating func failCommand(_ command: LoggedCommand, now: Timestamp, _ block: inout Block) {
        // Another end of it may be on its way.
        let key = LoggedState.CommandKey(tenant: command.tenant, id: command.id)
        guard ending.insert(key).inserted else { return }
        var header = RecordHeader(
            .response, time: recordTime(now, block), tenant: command.tenant)
        header.destination = command.sender
        header.session = command.session
        header.flags = [.failure]
        command.id.withBytes { id in
            var parts = RecordParts(payload: id.extracting(first: 0))
            parts.correlation = id
            note(header, parts, &block)
        }
    }

    // MARK: Again

    /// A consumer's timer fired: what is due is read, to be delivered again or buried.
    private mutating func attend(_ handle: ConsumerHandle, now: Timestamp, _ effects: inout Effects) {
        guard consumers.contains(handle.index, handle.generation) else { return }
        consumers[handle.index].timer = nil
        guard let known = consumers[handle.index].unlogged ?? logged.consumers[consumers[handle.index].name]
        else { return }
        let fetching = consumers[handle.index].fetching
        var due: [Offset] = []
        known.unsettled.forEach { delivery in
            if known.deadline(of: delivery) <= now, !fetching.contains(delivery.offset) {
                due.append(delivery.offset)
            }
        }
        for offset in due {
            consumers[handle.index].fetching.insert(offset)
            effects.reads.append(Effects.Read(consumer: handle, purpose: .record(offset), limit: 1))
        }
        schedule(handle.index)
    }

    /// A record that was asked for alone has been read: it is delivered again, or buried if it was tried often enough.
    package mutating func take(
        again record: RecordView, at index: Int, for handle: ConsumerHandle, now: Timestamp,
        _ block: inout Block, _ effects: inout Effects
    ) {
        guard let delivery = fetched(record.offset, handle) else { return }
        let most = known(handle.index)?.settings.deliveriesMax ?? 1
        if delivery.isGivenUp {
            bury(record, delivery, .terminated, handle, now: now, &block)
        } else if isExpired(record, now) {
            bury(record, delivery, .expired, handle, now: now, &block)
        } else if delivery.attempts >= most {
            bury(record, delivery, .attempts, handle, now: now, &block)
        } else {
            let attempt = delivery.attempts + 1
            let isGiven = give(record, at: index, to: handle.index, attempt: attempt, now: now, &effects)
            if isGiven, consumers[handle.index].unlogged == nil {
                consumers[handle.index].fetching.insert(record.offset)
            }
        }
        // A nameless consumer's dead make room at once: no record of theirs will come back and say so.
        if consumers[handle.index].unlogged != nil {
            consumers[handle.index].isStallKnown = false
            proceed(handle.index, now: now, &effects)
        }
        schedule(handle.index)
    }

    /// A record that was asked for alone is not kept any more: there is nothing left to do for it.
    package mutating func take(
        lost offset: Offset, for handle: ConsumerHandle, now: Timestamp, _ effects: inout Effects
    ) {
        guard fetched(offset, handle) != nil else { return }
        effects.events.append(.gap(handle, from: offset.rawValue, through: offset.rawValue))
        var settlement = SettlementRecord()
        settlement.add(.acknowledged, from: offset, through: offset)
        if consumers[handle.index].unlogged != nil {
            consumers[handle.index].unlogged?.apply(settlement, at: now)
            proceed(handle.index, now: now, &effects)
        } else {
            consumers[handle.index].verdicts.add(.acknowledged, from: offset, through: offset)
            list(handle.index, now: now)
        }
    }

    func known(_ consumer: UInt32) -> LoggedConsumer? {
        consumers[consumer].unlogged ?? logged.consumers[consumers[consumer].name]
    }

    private mutating func fetched(_ offset: Offset, _ handle: ConsumerHandle) -> UnsettledDelivery? {
        guard consumers.contains(handle.index, handle.generation) else { return nil }
        guard consumers[handle.index].fetching.remove(offset) != nil else { return nil }
        // It may have been settled while it was being read.
        return known(handle.index)?.unsettled.find(offset)
    }

    // MARK: Dead letters

    /// Writes a dead letter: the message's own payload and history, to the topic of its consumer's dead.
    private mutating func bury(
        _ record: RecordView, _ delivery: UnsettledDelivery, _ reason: DeadLetter.Reason,
        _ handle: ConsumerHandle,
        now: Timestamp, _ block: inout Block
    ) {
        let live = consumers[handle.index]
        let letter = DeadLetter(
            consumer: live.name, delivery, reason, taken: record.time, isCommandOver: record.kind == .command)
        var header = RecordHeader(
            .deadLetter, time: recordTime(now, block), tenant: record.tenant)
        header.sender = record.sender
        header.destination = deadTopic(live, &block)
        header.dialect = record.dialect
        var packed = NumberPacker()
        letter.pack(&packed)
        delivery.offset.description.withBytes { cause in
            var parts = RecordParts(payload: record.payload)
            parts.id = record.id
            parts.correlation = record.correlation
            parts.cause = cause
            parts.annotations = packed.buffer.bytes
            note(header, parts, &block)
        }
        if live.unlogged != nil {
            consumers[handle.index].unlogged?.unsettled.settle(delivery.offset)
        } else {
            // Until the letter is applied the delivery still looks due, and must not be buried twice.
            consumers[handle.index].fetching.insert(delivery.offset)
        }
        if letter.isCommandOver,
            let command = logged.commands[LoggedState.CommandKey(tenant: record.tenant, id: record.id.array)]
        {
            failCommand(command, now: now, &block)
        }
    }

    /// `$dead.` and the consumer's name; nameless consumers share one.
    private mutating func deadTopic(_ live: LiveConsumer, _ block: inout Block) -> NameID {
        var text = ByteBuffer(capacity: 64)
        text.append("$dead.")
        if live.name == .none { text.append("nameless") } else { text.append(names.bytes(of: live.name)) }
        return name(.topic, live.tenant, text.bytes, &block)
    }

    mutating func finishDeadLetter(_ record: RecordView, now: Timestamp, _ effects: inout Effects) {
        guard let letter = DeadLetter(record.annotations) else { return }
        effects.events.append(.deadLetter(consumer: letter.consumer, offset: letter.offset))
        guard let handle = consumerOfName[letter.consumer] else { return }
        consumers[handle.index].release(letter.offset)
        consumers[handle.index].fetching.remove(letter.offset)
        consumers[handle.index].isStallKnown = false
        proceed(handle.index, now: now, &effects)
    }
}
