import HubBytes
package import HubModel

/// Consumers that are behind: they read the log page by page until they meet what is being applied.
extension Router {
    /// Lets a consumer go on: what it is owed comes first; then it turns live if it has met the head, else it asks for
    /// the next page if it has room.
    mutating func proceed(_ consumer: LiveConsumer, now: Timestamp, _ effects: inout Effects) {
        guard consumer.hasMembers, !consumer.state.isPaused else { return }
        serveOwed(consumer, &effects)
        guard consumer.mode == .behind(reading: nil), !consumer.owed.isPriming else { return }
        if consumer.position >= logged.appliedTo {
            consumer.mode = .live
            return
        }
        let most = settings.pageRecordsMax
        let room = consumer.isExplicit ? consumer.state.settings.inFlightMax - consumer.inFlight : most
        guard room > 0, consumer.hasTaker, !consumer.isBlocked else { return }
        // One more than there is room for: if it is there, the consumer waits for acknowledgements and is told so.
        let limit = min(consumer.isExplicit ? room + 1 : room, most)
        let number = ask(consumer, .page(from: consumer.position), limit: limit, &effects)
        consumer.mode = .behind(reading: number)
    }

    mutating func ask(
        _ consumer: LiveConsumer, _ purpose: Effects.Read.Purpose, limit: Int, _ effects: inout Effects
    ) -> UInt64 {
        lastRead += 1
        effects.reads.append(
            Effects.Read(number: lastRead, consumer: consumer.handle, purpose: purpose, limit: limit))
        return lastRead
    }

    /// Asks for the next record that a consumer is owed, if it can take one. One at a time: they are few, and keep
    /// their order that way.
    private mutating func serveOwed(_ consumer: LiveConsumer, _ effects: inout Effects) {
        guard !consumer.owed.isEmpty, consumer.owed.fetching == nil, !consumer.isBlocked, consumer.hasTaker,
            consumer.hasRoom,
            let offset = consumer.owed.next(where: { isOpen($0, for: consumer) }),
            // Until the log knows that it is due it is not.
            let known = consumer.state.unsettled.find(offset), known.isOwed, known.standing != .held
        else { return }
        consumer.owed.fetching = offset
        consumer.attended[offset] = ask(consumer, .record(offset), limit: 1, &effects)
    }

    /// A consumer's filter, for whoever reads on its behalf.
    package func filter(of handle: ConsumerHandle) -> (filter: ConsumerFilter, tenant: NameID)? {
        guard consumers.contains(handle.index, handle.generation) else { return nil }
        return (consumers[handle.index].filter, consumers[handle.index].tenant)
    }

    /// Takes the next record of a page; false if the consumer has no more room and the rest of the page is of no use.
    package mutating func take(
        _ record: RecordView, at index: Int, for read: Effects.Read, now: Timestamp, _ effects: inout Effects
    ) -> Bool {
        guard let consumer = reader(of: read) else { return false }
        if record.offset < consumer.position { return true }
        // What is on disk and not applied is not known here, a command for one: its turn comes with its block.
        guard record.offset < logged.appliedTo else {
            consumer.position = record.offset
            return false
        }
        let isTaken =
            !isDeliverable(record) || isExpired(record, now)
            || giveFirst(record, at: index, to: consumer, now: now, &effects)
        consumer.position = isTaken ? record.offset.next : record.offset
        if !isTaken { consumer.isBlocked = true }
        return isTaken
    }

    /// Of what the log has about an agent, only some is for its inbox.
    private func isDeliverable(_ record: RecordView) -> Bool {
        switch record.kind {
        case .message, .command, .response, .status, .deadLetter, .sessionOpen, .sessionAccept,
            .sessionReject,
            .sessionClose:
            true
        default: false
        }
    }

    /// A page has been taken. `reached` is where the next one would begin, if all of this one was taken; what was
    /// missing from it is told to whoever reads.
    package mutating func endPage(
        for read: Effects.Read, reached: Offset?, gaps: [Gap], now: Timestamp,
        _ effects: inout Effects
    ) {
        guard let consumer = reader(of: read) else { return }
        for gap in gaps {
            tell(.gap(consumer.handle, gap), membersOf: consumer, &effects)
        }
        if let reached { consumer.position = max(consumer.position, reached) }
        consumer.mode = .behind(reading: nil)
        proceed(consumer, now: now, &effects)
    }

    /// Who waits for a page, if it still does: it may have been moved meanwhile, or begun again.
    private func reader(of read: Effects.Read) -> LiveConsumer? {
        let handle = read.consumer
        guard consumers.contains(handle.index, handle.generation) else { return nil }
        let consumer = consumers[handle.index]
        return consumer.mode == .behind(reading: read.number) ? consumer : nil
    }

    // MARK: After a consumer's own records

    mutating func afterConsumerRecord(_ record: RecordView, now: Timestamp, _ effects: inout Effects) {
        let name = record.destination
        if record.kind == .consumerDelete, let count = ending.removeValue(forKey: name), count > 1 {
            ending[name] = count - 1
        }
        guard let handle = consumerOfName[name] else { return }
        let consumer = consumers[handle.index]
        switch record.kind {
        case .consumerDelete:
            tell(.consumerDeleted(name), membersOf: consumer, &effects)
            drop(consumer)
        case .consumerMove:
            consumer.startAgain()
            tell(.consumerMoved(name, to: consumer.position), membersOf: consumer, &effects)
            proceed(consumer, now: now, &effects)
        case .pause:
            if consumer.mode == .live {
                consumer.position = max(consumer.position, record.offset.next)
                consumer.mode = .behind(reading: nil)
            }
            tell(.consumerPaused(name, true), membersOf: consumer, &effects)
        case .resume:
            consumer.isBlocked = false
            tell(.consumerPaused(name, false), membersOf: consumer, &effects)
            proceed(consumer, now: now, &effects)
            reschedule(consumer)
        case .delivery: afterDelivery(record, consumer, now: now, &effects)
        case .settlement: afterSettlement(record, consumer, now: now, &effects)
        default: break
        }
    }

    /// What was given is now in the log, so it is counted there.
    private mutating func afterDelivery(
        _ record: RecordView, _ consumer: LiveConsumer, now: Timestamp, _ effects: inout Effects
    ) {
        guard let delivery = DeliveryRecord(record.payload), delivery.era == consumer.state.era else {
            return
        }
        var firsts = delivery.stretches.reduce(0) { $0 + $1.count }
        for again in delivery.repeats {
            consumer.attended[again.offset] = nil
            guard again.attempt == 1 else { continue }
            firsts += 1
            // It is owed no more, which leaves room for what was not held back for want of it.
            consumer.isBlocked = false
        }
        consumer.provisional = max(0, consumer.provisional - firsts)
        consumer.provisionalHeld = max(0, consumer.provisionalHeld - delivery.held.count)
        schedule(consumer)
        if !consumer.owed.isEmpty || consumer.mode != .live { proceed(consumer, now: now, &effects) }
    }

    private mutating func afterSettlement(
        _ record: RecordView, _ consumer: LiveConsumer, now: Timestamp, _ effects: inout Effects
    ) {
        guard let settlement = SettlementRecord(record.payload) else { return }
        // What an operator brought back comes whatever life the consumer is in.
        for item in settlement.items where item.verdict == .revived { noteRevived(item, consumer) }
        guard settlement.era == consumer.state.era else {
            return proceed(consumer, now: now, &effects)
        }
        settled(settlement, consumer, now: now, &effects)
    }

    /// Room may have come free, and what was refused, given up or brought back wants attention.
    mutating func settled(
        _ settlement: SettlementRecord, _ consumer: LiveConsumer, now: Timestamp, _ effects: inout Effects
    ) {
        var wantsAttention = false
        for item in settlement.items {
            switch item.verdict {
            case .acknowledged: consumer.release(from: item.from, through: item.through)
            case .working, .released, .revived: break
            case .refused, .given, .returned, .dropped: wantsAttention = true
            }
        }
        consumer.noteProgress()
        if wantsAttention { reschedule(consumer) }
        proceed(consumer, now: now, &effects)
    }

    private func noteRevived(_ item: SettlementRecord.Item, _ consumer: LiveConsumer) {
        LoggedConsumer.forEach(item) { offset in
            if consumer.state.unsettled.find(offset)?.standing == .revived {
                consumer.owed.addRevived(offset)
            }
        }
    }
}
