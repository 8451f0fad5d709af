import HubBytes
package import HubModel
import HubTiming

/// Deliveries that were not settled in time, or were refused: they come again, or become dead letters.
extension Router {
    // MARK: What members say

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

    /// A member settles deliveries of its consumer: the offsets between two, both included. The remark is for people,
    /// and stands in the dead letter if it comes to one.
    package mutating func settle(
        _ handle: ConsumerHandle, _ verdict: Verdict, from: Offset, through: Offset,
        by connection: ConnectionID, remark: String = "", now: Timestamp, _ effects: inout Effects
    ) throws(Refusal) {
        guard consumers.contains(handle.index, handle.generation),
            connections[connection]?.consumers.contains(handle) == true
        else { throw Self.notAMember }
        guard from <= through else { throw Refusal(.badField, "offset \(from) lies behind \(through)") }
        let consumer = consumers[handle.index]
        let said: SettlementRecord.Verdict =
            switch verdict {
            case .acknowledged: .acknowledged
            case .refused(let delay): .refused(delayMilliseconds: delay)
            case .working: .working
            case .given: .given
            }
        if !remark.isEmpty, from == through { remarks.set(remark, of: from, by: handle) }
        guard consumer.isLogged else {
            var settlement = SettlementRecord(era: consumer.state.era)
            settlement.add(said, from: from, through: through)
            consumer.state.apply(settlement, at: now)
            return settled(settlement, consumer, now: now, &effects)
        }
        judge(consumer, said, from: from, through: through, now: now)
    }

    /// Notes what is to be logged about deliveries of a consumer.
    mutating func judge(
        _ consumer: LiveConsumer, _ verdict: SettlementRecord.Verdict, from: Offset, through: Offset,
        now: Timestamp
    ) {
        guard consumer.isLogged else {
            var settlement = SettlementRecord(era: consumer.state.era)
            settlement.add(verdict, from: from, through: through)
            return consumer.state.apply(settlement, at: now)
        }
        consumer.verdicts.add(verdict, from: from, through: through)
        list(consumer, now: now)
    }

    // MARK: Timers

    /// Arms a consumer's timer if none is: deadlines come in the order of deliveries, so the first one stands for all.
    mutating func schedule(_ consumer: LiveConsumer) {
        // While nobody has room nothing can be done about what is due; whoever gets room calls this again.
        guard consumer.timer == nil, !consumer.state.isPaused, consumer.state.unsettled.inFlight > 0,
            consumer.hasTaker
        else { return }
        var earliest: Timestamp?
        consumer.state.unsettled.forEach { delivery in
            guard let deadline = consumer.state.deadline(of: delivery),
                consumer.attended[delivery.offset] == nil
            else { return }
            earliest = earliest.map { min($0, deadline) } ?? deadline
        }
        guard let earliest else { return }
        consumer.timer = arm(.consumer(consumer.handle), at: max(earliest, consumer.notBefore))
    }

    /// Arms it again, since something may be due earlier.
    mutating func reschedule(_ consumer: LiveConsumer) {
        if let timer = consumer.timer { cancel(timer) }
        consumer.timer = nil
        schedule(consumer)
    }

    mutating func arm(_ purpose: TimerPurpose, at time: Timestamp) -> TimerHandle {
        let place = timers.insert { _, _ in purpose }
        let payload = UInt64(timers.generation(at: place)) << 32 | UInt64(place)
        return wheel.arm(payload, deadline: (time.microseconds + 999) / 1000)
    }

    mutating func cancel(_ timer: TimerHandle) {
        guard let payload = wheel.payload(of: timer), wheel.cancel(timer) else { return }
        timers.remove(UInt32(truncatingIfNeeded: payload), UInt32(truncatingIfNeeded: payload >> 32))
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
            case .command(let offset): commandDue(offset, now: now, &block, &effects)
            case .connection(let connection): lookAfter(connection, now: now, &block, &effects)
            }
        }
    }

    // MARK: Again

    /// A consumer's timer fired: what is due is read, to be delivered again or buried.
    private mutating func attend(_ handle: ConsumerHandle, now: Timestamp, _ effects: inout Effects) {
        guard consumers.contains(handle.index, handle.generation) else { return }
        let consumer = consumers[handle.index]
        consumer.timer = nil
        // Looking through all that is in flight costs microseconds a thousand, so it is not done for each message that
        // comes due, but for all of a while: the more there are, the longer.
        let pause = min(Int64(consumer.state.unsettled.count / 250), 1000)
        consumer.notBefore = now.adding(milliseconds: pause)
        var due: [Offset] = []
        consumer.state.unsettled.forEach { delivery in
            guard let deadline = consumer.state.deadline(of: delivery), deadline <= now,
                consumer.attended[delivery.offset] == nil
            else { return }
            due.append(delivery.offset)
        }
        for offset in due {
            consumer.attended[offset] = ask(consumer, .record(offset), limit: 1, &effects)
        }
        schedule(consumer)
        // With all of them attended to there is no deadline; what becomes of them is looked at a little later, once for
        // all, and not with each.
        guard consumer.timer == nil, !due.isEmpty, consumer.hasTaker else { return }
        let next = max(pause, min(consumer.state.settings.ackWaitMilliseconds, Self.attentionMilliseconds))
        consumer.timer = arm(.consumer(handle), at: now.adding(milliseconds: next))
    }

    private static let attentionMilliseconds: Int64 = 20

    /// A record that was asked for alone has been read: it is delivered again, or buried if it was tried often enough.
    package mutating func take(
        again record: RecordView, at index: Int, for read: Effects.Read, now: Timestamp,
        _ block: inout Block, _ effects: inout Effects
    ) {
        guard let (consumer, delivery) = fetched(record.offset, read) else { return }
        // Its end is on its way: a letter behind that would be one of whoever has the name next.
        guard ending[consumer.name] == nil else { return }
        defer {
            proceed(consumer, now: now, &effects)
            schedule(consumer)
        }
        if delivery.isOwed { return takeOwed(record, at: index, delivery, consumer, now: now, &effects) }
        if delivery.standing == .givenUp {
            bury(record, delivery, .terminated, consumer, now: now, &block)
        } else if isExpired(record, now) {
            bury(record, delivery, .expired, consumer, now: now, &block)
        } else if delivery.attempts >= consumer.state.settings.deliveriesMax {
            bury(record, delivery, .attempts, consumer, now: now, &block)
        } else {
            let attempt = delivery.attempts + 1
            _ = giveAgain(record, at: index, to: consumer, attempt: attempt, now: now, &effects)
        }
    }

    private mutating func takeOwed(
        _ record: RecordView, at index: Int, _ delivery: UnsettledDelivery, _ consumer: LiveConsumer,
        now: Timestamp, _ effects: inout Effects
    ) {
        // What is owed no more leaves room for what was not held back for want of it.
        consumer.isBlocked = false
        if isExpired(record, now) { return forgetOwed(delivery, consumer, now: now) }
        if !giveAgain(record, at: index, to: consumer, attempt: 1, now: now, &effects) {
            consumer.isBlocked = true
        }
    }

    /// What is owed and of no use any more is done with.
    private mutating func forgetOwed(_ delivery: UnsettledDelivery, _ consumer: LiveConsumer, now: Timestamp)
    {
        consumer.owed.remove(delivery.offset, session: delivery.session)
        judge(consumer, .dropped, from: delivery.offset, through: delivery.offset, now: now)
    }

    /// A record that was asked for alone is not kept any more: there is nothing left to do for it.
    package mutating func take(
        lost offset: Offset, for read: Effects.Read, _ reason: Gap.Reason, now: Timestamp,
        _ effects: inout Effects
    ) {
        guard let (consumer, delivery) = fetched(offset, read) else { return }
        let gap = Gap(from: offset.rawValue, through: offset.rawValue, reason)
        tell(.gap(consumer.handle, gap), membersOf: consumer, &effects)
        if delivery.isOwed {
            forgetOwed(delivery, consumer, now: now)
        } else {
            judge(consumer, .acknowledged, from: offset, through: offset, now: now)
            consumer.release(offset)
        }
        proceed(consumer, now: now, &effects)
        schedule(consumer)
    }

    private func fetched(_ offset: Offset, _ read: Effects.Read) -> (LiveConsumer, UnsettledDelivery)? {
        let handle = read.consumer
        guard consumers.contains(handle.index, handle.generation) else { return nil }
        let consumer = consumers[handle.index]
        guard consumer.attended[offset] == read.number else { return nil }
        consumer.attended[offset] = nil
        if consumer.owed.fetching == offset { consumer.owed.fetching = nil }
        // It may have been settled while it was being read.
        guard let delivery = consumer.state.unsettled.find(offset) else { return nil }
        return (consumer, delivery)
    }
}
