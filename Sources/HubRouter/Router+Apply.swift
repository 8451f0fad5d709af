import HubBytes
package import HubModel

extension Router {
    /// Applies a block that is on disk: receipts to those who proposed its records, deliveries to those who want them.
    package mutating func apply(_ block: borrowing Block, now: Timestamp, _ effects: inout Effects) {
        var proposers = origins.removeFirst()
        precondition(
            proposers.count == block.count, "blocks come back in the order in which they were numbered")
        let view = block.view
        var index = 0
        while index < view.count {
            let record = view.record(at: index)
            logged.apply(record, names)
            tell(proposers[index], of: record, &effects)
            route(record, at: index, now: now, &effects)
            index &+= 1
        }
        proposers.removeAll(keepingCapacity: true)
        if spareOrigins.count < 4 { spareOrigins.append(proposers) }
    }

    private mutating func tell(_ origin: Origin, of record: RecordView, _ effects: inout Effects) {
        if !echoes.isEmpty { tellEchoes(record, &effects) }
        guard let connection = origin.connection, origin.durability != .memory else { return }
        var receipt = Effects.Receipt(
            connection: connection, tag: origin.tag, offset: record.offset, session: record.session,
            sequence: record.sequence, durability: origin.durability)
        receipt.isAddresseeAway = isAway(record.destination)
        effects.receipts.append(receipt)
    }

    private mutating func route(
        _ record: RecordView, at index: Int, now: Timestamp, _ effects: inout Effects
    ) {
        switch record.kind {
        case .sessionOpen:
            afterOpening(record)
            offerToAll(record, at: index, now: now, &effects)
        case .message, .sessionAccept, .sessionReject, .sessionClose, .status:
            offerToAll(record, at: index, now: now, &effects)
        case .command:
            afterCommand(record)
            offerToAll(record, at: index, now: now, &effects)
        case .response:
            afterAnswer(record)
            offerToAll(record, at: index, now: now, &effects)
        case .deadLetter:
            offerToAll(record, at: index, now: now, &effects)
            afterDeadLetter(record, now: now, &effects)
        case .consumerSet: afterConsumerSet(record.destination, now: now, &effects)
        case .consumerDelete, .consumerMove, .delivery, .settlement:
            afterConsumerRecord(record, now: now, &effects)
        case .pause, .resume:
            if record.session != .none {
                afterSessionPause(record, now: now, &effects)
            } else {
                afterConsumerRecord(record, now: now, &effects)
            }
        case .presence: tellPresence(record, &effects)
        case .registration, .system: break
        }
    }

    /// Offers a record to whoever its topic or its addressee stands for.
    private mutating func offerToAll(
        _ record: RecordView, at index: Int, now: Timestamp, _ effects: inout Effects
    ) {
        Self.findTakers(of: record.destination, record.tenant, &trie, names, inboxes, &wanted)
        guard !wanted.isEmpty, !isExpired(record, now) else { return }
        // The list is taken out while consumers change, and put back for the next match to use its memory.
        var list: [UInt32] = []
        swap(&list, &wanted)
        for place in list { offer(record, at: index, to: consumers[place], now: now, &effects) }
        swap(&list, &wanted)
    }

    private static func findTakers(
        of destination: NameID, _ tenant: NameID, _ trie: inout TopicTrie, _ names: borrowing NameTable,
        _ inboxes: borrowing [NameID: [UInt32]], _ wanted: inout [UInt32]
    ) {
        wanted.removeAll(keepingCapacity: true)
        guard let key = names.key(of: destination) else { return }
        if key.kind == .agent {
            if let found = inboxes[destination] { wanted.append(contentsOf: found) }
            return
        }
        guard key.kind == .topic else { return }
        let match = trie.match(destination, names.bytes(of: destination), tenant: tenant)
        guard match.count > 0 else { return }
        let found = trie.subscribers(match)
        for place in found.indices { wanted.append(found[place]) }
    }

    /// Gives a record of the block that is being applied to a consumer, if that is live and has room; else the
    /// consumer falls behind, from this record on.
    private mutating func offer(
        _ record: RecordView, at index: Int, to consumer: LiveConsumer, now: Timestamp,
        _ effects: inout Effects
    ) {
        guard consumer.mode == .live, record.offset >= consumer.position else { return }
        guard giveFirst(record, at: index, to: consumer, now: now, &effects) else {
            consumer.mode = .behind(reading: nil)
            consumer.position = record.offset
            return
        }
    }

    func isExpired(_ record: RecordView, _ now: Timestamp) -> Bool {
        record.expiry != .none && record.expiry <= now
    }

    // MARK: Bookkeeping

    /// Puts a consumer on the list of those with something to log.
    mutating func list(_ consumer: LiveConsumer, now: Timestamp) {
        guard !consumer.isListed else { return }
        consumer.isListed = true
        listed.append(consumer.handle)
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
            let consumer = consumers[handle.index]
            consumer.isListed = false
            if consumer.isLogged { pack(consumer, now: now, &block) }
        }
        listed.removeAll(keepingCapacity: true)
        listedSince = nil
    }

    /// Deliveries come first: what is settled in the same turn was delivered before.
    private mutating func pack(_ consumer: LiveConsumer, now: Timestamp, _ block: inout Block) {
        while !consumer.delivered.isEmpty {
            packer.reset()
            consumer.delivered.takePart().pack(&packer)
            notePacked(.delivery, about: consumer.name, consumer.tenant, now: now, &block)
        }
        while !consumer.verdicts.isEmpty {
            packer.reset()
            consumer.verdicts.takePart().pack(&packer)
            notePacked(.settlement, about: consumer.name, consumer.tenant, now: now, &block)
        }
    }

    /// Packs a record about a consumer whose payload lies in the packer.
    mutating func notePacked(
        _ kind: MessageKind, about consumer: NameID, _ tenant: NameID, now: Timestamp, _ block: inout Block,
        from origin: Origin = Origin(connection: nil, tag: 0, durability: .fsynced)
    ) {
        var header = header(kind, tenant: tenant, now: now, block)
        header.destination = consumer
        var payload = NumberPacker()
        swap(&payload, &packer)
        note(header, RecordParts(payload: payload.buffer.bytes), &block, from: origin)
        swap(&payload, &packer)
    }
}
