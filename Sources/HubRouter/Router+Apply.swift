import HubBytes
package import HubModel

extension Router {
    /// Applies a block that is on disk: receipts to those who proposed its records, deliveries to those who want them.
    package mutating func apply(_ block: borrowing Block, now: Timestamp, _ effects: inout Effects) {
        let proposers = origins.removeFirst()
        precondition(
            proposers.count == block.count, "blocks come back in the order in which they were numbered")
        let view = block.view
        var index = 0
        while index < view.count {
            let record = view.record(at: index)
            logged.apply(record)
            tell(proposers[index], of: record, &effects)
            route(record, at: index, now: now, &effects)
            index &+= 1
        }
    }

    private func tell(_ origin: Origin, of record: RecordView, _ effects: inout Effects) {
        guard let connection = origin.connection, record.kind.isFromAgent, connections[connection] != nil
        else {
            return
        }
        var receipt = Effects.Receipt(
            connection: connection, tag: origin.tag, offset: record.offset, session: record.session,
            sequence: record.sequence, durability: origin.durability)
        receipt.isAddresseeAway =
            names.key(of: record.destination)?.kind == .agent && connectionOfAgent[record.destination] == nil
        effects.receipts.append(receipt)
    }

    private mutating func route(
        _ record: RecordView, at index: Int, now: Timestamp, _ effects: inout Effects
    ) {
        switch record.kind {
        case .message, .command, .response, .status, .deadLetter:
            offerToAll(record, at: index, now: now, &effects)
            if record.kind == .command { commandTaken(record) }
            if record.kind == .response { commandEnded(record) }
            if record.kind == .deadLetter { finishDeadLetter(record, now: now, &effects) }
        case .consumerSet, .consumerDelete, .consumerMove, .pause, .resume, .delivery, .settlement:
            afterConsumerRecord(record, now: now, &effects)
        case .presence:
            effects.events.append(
                .presence(agent: record.sender, logged.agents[record.sender]?.presence ?? .unknown))
        case .sessionOpen, .sessionAccept, .sessionReject, .sessionClose:
            offerToAll(record, at: index, now: now, &effects)
        case .registration, .system: break
        }
    }

    private mutating func commandTaken(_ record: RecordView) {
        let key = LoggedState.CommandKey(tenant: record.tenant, id: record.id.array)
        if let command = logged.commands[key] { armCommand(command) }
    }

    private mutating func commandEnded(_ record: RecordView) {
        ending.remove(LoggedState.CommandKey(tenant: record.tenant, id: record.correlation.array))
    }

    /// Offers a record to whoever its topic or its addressee stands for.
    private mutating func offerToAll(
        _ record: RecordView, at index: Int, now: Timestamp, _ effects: inout Effects
    ) {
        let destination = record.destination
        if let inbox = inboxOfAgent[destination] {
            offer(record, at: index, to: inbox.index, now: now, &effects)
            return
        }
        // An agent without an inbox has no topic of its name: what is for it is nobody else's.
        guard names.key(of: destination)?.kind == .topic else { return }
        Self.findSubscribers(of: destination, record.tenant, &trie, names, &wanted)
        // The list is taken out while consumers change, and put back for the next match to use its memory.
        var list: [UInt32] = []
        swap(&list, &wanted)
        for consumer in list { offer(record, at: index, to: consumer, now: now, &effects) }
        swap(&list, &wanted)
    }

    private static func findSubscribers(
        of topic: NameID, _ tenant: NameID, _ trie: inout TopicTrie, _ names: borrowing NameTable,
        _ wanted: inout [UInt32]
    ) {
        wanted.removeAll(keepingCapacity: true)
        guard topic != .none else { return }
        let match = trie.match(topic, names.bytes(of: topic), tenant: tenant)
        guard match.count > 0 else { return }
        let found = trie.subscribers(match)
        for place in found.indices { wanted.append(found[place]) }
    }

    /// Gives a record of the block that is being applied to a consumer, if that is live and has room; else the
    /// consumer falls behind, from this record on.
    private mutating func offer(
        _ record: RecordView, at index: Int, to consumer: UInt32, now: Timestamp, _ effects: inout Effects
    ) {
        guard consumers[consumer].mode == .live, record.offset >= consumers[consumer].position else { return }
        if isExpired(record, now) { return }
        guard give(record, at: index, to: consumer, attempt: 1, now: now, &effects) else {
            consumers[consumer].mode = .behind(isReading: false)
            consumers[consumer].position = record.offset
            return
        }
    }

    func isExpired(_ record: RecordView, _ now: Timestamp) -> Bool {
        record.expiry != .none && record.expiry <= now
    }

    /// Gives a record to one of a consumer's members; false if there is no room.
    mutating func give(
        _ record: RecordView, at index: Int, to consumer: UInt32, attempt: Int, now: Timestamp,
        _ effects: inout Effects
    ) -> Bool {
        guard let state = state(of: consumer), !state.isPaused else { return false }
        let isExplicit = state.acknowledgement == .explicit
        if isExplicit, attempt == 1, state.inFlight >= state.inFlightMax {
            tellStalled(consumer, state, &effects)
            return false
        }
        // What failed once may succeed elsewhere, so only first deliveries stick.
        let sticks = state.isSticky && attempt == 1
        guard let member = consumers[consumer].pick(session: record.session, isSticky: sticks) else {
            return false
        }
        let offset = record.offset
        let connection = consumers[consumer].give(offset, to: member, isExplicit: isExplicit)
        effects.deliveries.append(
            Effects.Delivery(
                connection: connection, consumer: consumers[consumer].handle, index: index, offset: offset,
                attempt: attempt))
        noteDelivery(offset, attempt: attempt, consumer, isExplicit: isExplicit, now: now)
        return true
    }

    /// What giving needs to know of a consumer, wherever that is kept.
    struct ConsumerFacts {
        let acknowledgement: ConsumerSettings.Acknowledgement
        let inFlightMax: Int
        let inFlight: Int
        let isSticky: Bool
        let isPaused: Bool
    }

    func state(of consumer: UInt32) -> ConsumerFacts? {
        let live = consumers[consumer]
        guard let known = live.unlogged ?? logged.consumers[live.name] else { return nil }
        return ConsumerFacts(
            acknowledgement: known.settings.acknowledgement, inFlightMax: known.settings.inFlightMax,
            inFlight: known.unsettled.count + live.provisional, isSticky: known.settings.isSticky,
            isPaused: known.isPaused)
    }

    private mutating func tellStalled(_ consumer: UInt32, _ state: ConsumerFacts, _ effects: inout Effects) {
        guard !consumers[consumer].isStallKnown else { return }
        consumers[consumer].isStallKnown = true
        effects.events.append(
            .stalled(consumers[consumer].handle, inFlight: state.inFlight, limit: state.inFlightMax))
    }

    // MARK: What is to be logged of it

    /// A nameless consumer's deliveries are nobody else's business; a named one's go into the log with the next block.
    private mutating func noteDelivery(
        _ offset: Offset, attempt: Int, _ consumer: UInt32, isExplicit: Bool, now: Timestamp
    ) {
        if consumers[consumer].unlogged != nil {
            var record = DeliveryRecord(cursor: offset)
            if attempt == 1 { record.addFirst(offset) } else { record.addRepeat(offset, attempt: attempt) }
            consumers[consumer].unlogged?.apply(record, at: now)
            schedule(consumer)
            return
        }
        if attempt == 1 {
            consumers[consumer].delivered.addFirst(offset)
            if isExplicit { consumers[consumer].provisional += 1 }
        } else {
            consumers[consumer].delivered.addRepeat(offset, attempt: attempt)
        }
        list(consumer, now: now)
    }

    /// Puts a consumer on the list of those with something to log.
    mutating func list(_ consumer: UInt32, now: Timestamp) {
        guard !consumers[consumer].isListed else { return }
        consumers[consumer].isListed = true
        listed.append(consumers[consumer].handle)
        if listedSince == nil { listedSince = now }
    }

    /// Packs bookkeeping into the open block: with whatever else is in it, or alone once it has waited long enough.
    package mutating func finishTurn(now: Timestamp, _ block: inout Block) {
        guard let since = listedSince else { return }
        guard block.count > 0 || now >= since.adding(milliseconds: settings.lazyMilliseconds) || now < since
        else {
            return
        }
        for handle in listed where consumers.contains(handle.index, handle.generation) {
            consumers[handle.index].isListed = false
            pack(handle.index, now: now, &block)
        }
        listed.removeAll(keepingCapacity: true)
        listedSince = nil
    }

    /// Deliveries come first: what is settled in the same turn was delivered before.
    private mutating func pack(_ consumer: UInt32, now: Timestamp, _ block: inout Block) {
        let name = consumers[consumer].name
        guard let tenant = logged.consumers[name]?.tenant else { return }
        if !consumers[consumer].delivered.isEmpty {
            packer.reset()
            consumers[consumer].delivered.pack(&packer)
            note(.delivery, about: name, tenant, now: now, &block)
            consumers[consumer].delivered = DeliveryRecord(cursor: consumers[consumer].delivered.cursor)
        }
        if !consumers[consumer].verdicts.isEmpty {
            packer.reset()
            consumers[consumer].verdicts.pack(&packer)
            note(.settlement, about: name, tenant, now: now, &block)
            consumers[consumer].verdicts = SettlementRecord()
        }
    }

    /// Packs a record about a consumer whose payload lies in the packer.
    mutating func note(
        _ kind: MessageKind, about consumer: NameID, _ tenant: NameID, now: Timestamp, _ block: inout Block
    ) {
        var header = RecordHeader(kind, time: recordTime(now, block), tenant: tenant)
        header.destination = consumer
        var payload = NumberPacker()
        swap(&payload, &packer)
        note(header, RecordParts(payload: payload.buffer.bytes), &block)
        swap(&payload, &packer)
    }
}
