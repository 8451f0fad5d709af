import HubBytes
package import HubModel

/// Consumers that are behind: they read the log page by page until they meet what is being applied.
extension Router {
    /// Lets a consumer go on: it turns live if it has met the head, else it asks for the next page if it has room.
    mutating func proceed(_ consumer: UInt32, now: Timestamp, _ effects: inout Effects) {
        guard consumers[consumer].mode == .behind(isReading: false), consumers[consumer].hasMembers,
            let state = state(of: consumer), !state.isPaused
        else { return }
        if consumers[consumer].position >= logged.appliedTo {
            consumers[consumer].mode = .live
            return
        }
        let room =
            state.acknowledgement == .explicit ? state.inFlightMax - state.inFlight : Self.pageRecordsMax
        guard room > 0, consumers[consumer].pick(session: .none, isSticky: false) != nil else { return }
        consumers[consumer].mode = .behind(isReading: true)
        effects.reads.append(
            Effects.Read(
                consumer: consumers[consumer].handle, purpose: .page(from: consumers[consumer].position),
                limit: min(room, Self.pageRecordsMax)))
    }

    /// Records asked for at a time: small enough that a reader never pins the file's old pages for long.
    private static let pageRecordsMax = 1024

    /// A consumer's filter, for whoever reads on its behalf.
    package func filter(of handle: ConsumerHandle) -> (filter: ConsumerFilter, tenant: NameID)? {
        guard consumers.contains(handle.index, handle.generation) else { return nil }
        return (consumers[handle.index].filter, consumers[handle.index].tenant)
    }

    /// Takes the next record of a page; false if the consumer has no more room and the rest of the page is of no use.
    package mutating func take(
        _ record: RecordView, at index: Int, for handle: ConsumerHandle, now: Timestamp,
        _ effects: inout Effects
    ) -> Bool {
        guard consumers.contains(handle.index, handle.generation),
            consumers[handle.index].mode == .behind(isReading: true)
        else { return false }
        if record.offset < consumers[handle.index].position { return true }
        let isTaken =
            isExpired(record, now)
            || give(record, at: index, to: handle.index, attempt: 1, now: now, &effects)
        consumers[handle.index].position = isTaken ? record.offset.next : record.offset
        return isTaken
    }

    /// A page has been taken. `reached` is where the next one would begin, if all of this one was taken; what was
    /// missing from it is told to whoever reads.
    package mutating func endPage(
        for handle: ConsumerHandle, reached: Offset?, gaps: [(from: UInt64, through: UInt64)], now: Timestamp,
        _ effects: inout Effects
    ) {
        guard consumers.contains(handle.index, handle.generation),
            consumers[handle.index].mode == .behind(isReading: true)
        else { return }
        for gap in gaps { effects.events.append(.gap(handle, from: gap.from, through: gap.through)) }
        if let reached { consumers[handle.index].position = max(consumers[handle.index].position, reached) }
        consumers[handle.index].mode = .behind(isReading: false)
        proceed(handle.index, now: now, &effects)
    }

    // MARK: After a consumer's own records

    mutating func afterConsumerRecord(_ record: RecordView, now: Timestamp, _ effects: inout Effects) {
        let name = record.destination
        if record.kind == .consumerSet { return afterConsumerSet(name, now: now, &effects) }
        guard let handle = consumerOfName[name] else { return }
        switch record.kind {
        case .consumerDelete: drop(handle)
        case .consumerMove:
            consumers[handle.index].startAgain(at: logged.consumers[name]?.cursor ?? record.offset)
            proceed(handle.index, now: now, &effects)
        case .pause:
            if consumers[handle.index].mode == .live {
                consumers[handle.index].position = max(consumers[handle.index].position, record.offset.next)
                consumers[handle.index].mode = .behind(isReading: false)
            }
        case .resume:
            proceed(handle.index, now: now, &effects)
            schedule(handle.index)
        case .delivery: afterDelivery(record, handle, now: now)
        case .settlement: afterSettlement(record, handle, now: now, &effects)
        default: break
        }
    }

    private mutating func afterConsumerSet(_ name: NameID, now: Timestamp, _ effects: inout Effects) {
        guard let known = logged.consumers[name] else { return }
        let handle =
            consumerOfName[name] ?? make(name, known.tenant, known.filter, nil, position: known.cursor)
        setFilter(handle, known.filter)
        for waiting in joining.removeValue(forKey: name) ?? [] { join(handle, waiting, now: now, &effects) }
    }

    /// What was given is now in the log, so it is counted there.
    private mutating func afterDelivery(_ record: RecordView, _ handle: ConsumerHandle, now: Timestamp) {
        guard let delivery = DeliveryRecord(record.payload) else { return }
        let firsts = delivery.stretches.reduce(0) { $0 + $1.count }
        consumers[handle.index].provisional = max(0, consumers[handle.index].provisional - firsts)
        for again in delivery.repeats { consumers[handle.index].fetching.remove(again.offset) }
        schedule(handle.index)
    }

    private mutating func afterSettlement(
        _ record: RecordView, _ handle: ConsumerHandle, now: Timestamp, _ effects: inout Effects
    ) {
        guard let settlement = SettlementRecord(record.payload) else { return }
        settled(settlement, handle, now: now, &effects)
    }

    /// Room may have come free, and what was refused or given up wants attention.
    mutating func settled(
        _ settlement: SettlementRecord, _ handle: ConsumerHandle, now: Timestamp, _ effects: inout Effects
    ) {
        let consumer = handle.index
        for item in settlement.items where item.verdict == .acknowledged {
            let held = consumers[consumer].holders.keys.filter { item.from <= $0 && $0 <= item.through }
            for offset in held.sorted() { consumers[consumer].release(offset) }
        }
        consumers[consumer].isStallKnown = false
        if settlement.items.contains(where: { $0.verdict != .acknowledged }) { reschedule(consumer) }
        proceed(consumer, now: now, &effects)
    }
}
