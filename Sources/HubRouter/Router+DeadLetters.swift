import HubBytes
package import HubModel

/// Messages that were given up: they go to a topic of their own, from which an operator brings them back or not.
extension Router {
    /// Writes a dead letter: the message's own payload and history, to the topic of its consumer's dead.
    mutating func bury(
        _ record: RecordView, _ delivery: UnsettledDelivery, _ reason: DeadLetterReason,
        _ consumer: LiveConsumer, now: Timestamp, _ block: inout Block
    ) {
        let command = record.kind == .command ? logged.commands[record.offset] : nil
        let isCommandOver = command.map { names.key(of: $0.destination)?.kind == .agent } ?? false
        let letter = DeadLetter(
            consumer: consumer.name, delivery, reason, taken: record.time, isCommandOver: isCommandOver,
            remark: remarks.take(delivery.offset, by: consumer.handle))
        var header = header(.deadLetter, tenant: record.tenant, now: now, block)
        header.sender = record.sender
        header.destination = deadTopic(of: consumer, &block)
        header.dialect = record.dialect
        var packed = NumberPacker()
        letter.pack(&packed)
        delivery.offset.description.withBytes { cause in
            var parts = RecordParts(payload: record.payload)
            parts.id = record.id
            parts.correlation = record.correlation
            parts.trace = record.trace
            parts.cause = cause
            parts.annotations = packed.buffer.bytes
            note(header, parts, &block)
        }
        if consumer.isLogged {
            // Until the letter is applied the delivery still looks due, and must not be buried twice.
            consumer.attended[delivery.offset] = LiveConsumer.noRead
        } else {
            consumer.state.unsettled.settle(delivery.offset)
            consumer.release(delivery.offset)
            consumer.noteProgress()
        }
        // Only the one whom a command is for can be the last to give up on it; on a topic others may answer.
        if isCommandOver, let command { failCommand(command, "dead_letter", now: now, &block) }
    }

    /// `$dead.` and the consumer's name; nameless consumers share one.
    private mutating func deadTopic(of consumer: LiveConsumer, _ block: inout Block) -> NameID {
        var text = ByteBuffer(capacity: 64)
        text.append("$dead.")
        if consumer.isLogged {
            OwnTopic.append(names.bytes(of: consumer.name), to: &text)
        } else {
            text.append("nameless")
        }
        return ownName(.topic, consumer.tenant, text.bytes, &block)
    }

    /// A dead letter is in the log: operators are told, and the message's sender is.
    mutating func afterDeadLetter(_ record: RecordView, now: Timestamp, _ effects: inout Effects) {
        guard let letter = DeadLetter(record.annotations) else { return }
        let event = Effects.Event.deadLetter(
            consumer: letter.consumer, message: letter.offset, letter: record.offset, letter.reason)
        effects.events.append(event)
        if let sender = connectionOfAgent[record.sender] {
            effects.notices.append(Effects.Notice(connection: sender, event: event))
        }
        guard let handle = consumerOfName[letter.consumer] else { return }
        let consumer = consumers[handle.index]
        consumer.release(letter.offset)
        consumer.attended[letter.offset] = nil
        consumer.noteProgress()
        proceed(consumer, now: now, &effects)
    }

    // MARK: What an operator does about them

    /// The dead letters of a consumer that nobody has dealt with, oldest first: where they are.
    package func deadLetters(of consumer: NameID) -> [Offset] { logged.consumers[consumer]?.letters ?? [] }

    /// The dead letters of all consumers of a tenant, or of one, from an offset on, oldest first.
    package func deadLetters(
        of tenant: NameID, _ consumer: NameID? = nil, from: Offset, limit: Int
    ) -> [Offset] {
        if let consumer { return Array(logged.consumers[consumer]?.letters(from: from, limit: limit) ?? []) }
        var found: [Offset] = []
        for consumer in logged.consumers.values where consumer.tenant == tenant {
            found += consumer.letters(from: from, limit: limit)
            // Each may have thousands, of which few are shown.
            guard found.count > 16 * limit else { continue }
            found.sort()
            found.removeLast(found.count - limit)
        }
        return Array(found.sorted().prefix(limit))
    }

    /// What a dead letter says.
    package struct DeadLetterFacts: Sendable, Equatable {
        /// Whose it is.
        package let consumer: NameID
        /// Where the message is, or was.
        package let message: Offset
        /// Why it was given up.
        package let reason: DeadLetterReason
        /// How often it was delivered.
        package let attempts: Int
        /// When it was taken and when it was last delivered.
        package let taken: Timestamp
        /// When it was last delivered.
        package let lastDelivered: Timestamp
        /// What its consumer said, if anything.
        package let remark: String
    }

    /// What the record of a dead letter says; nil if it is none.
    package static func facts(ofLetter record: RecordView) -> DeadLetterFacts? {
        guard record.kind == .deadLetter, let letter = DeadLetter(record.annotations) else { return nil }
        return DeadLetterFacts(
            consumer: letter.consumer, message: letter.offset, reason: letter.reason,
            attempts: letter.attempts,
            taken: letter.taken, lastDelivered: letter.lastDelivered,
            remark: String(decoding: letter.remark, as: UTF8.self))
    }

    /// Brings a dead message back to the consumer that gave up on it: it is delivered once more, as if for the first
    /// time. `isKept` says whether the log still has the message; if not, the letter, which has all of it, comes instead.
    package mutating func redrive(
        letter record: RecordView, isKept: Bool, _ request: OperatorRequest, now: Timestamp,
        _ block: inout Block
    ) throws(Refusal) {
        let (letter, consumer) = try self.letter(record)
        var settlement = SettlementRecord(era: consumer.era)
        let wanted = isKept ? letter.offset : record.offset
        settlement.add(.revived, from: wanted, through: wanted)
        close(record.offset, consumer, settlement, request, now: now, &block)
    }

    /// Gives a dead letter up for good: it stays in the log, and is no longer listed.
    package mutating func drop(
        letter record: RecordView, _ request: OperatorRequest, now: Timestamp, _ block: inout Block
    ) throws(Refusal) {
        let (_, consumer) = try letter(record)
        close(record.offset, consumer, SettlementRecord(era: consumer.era), request, now: now, &block)
    }

    private func letter(_ record: RecordView) throws(Refusal) -> (DeadLetter, LoggedConsumer) {
        guard record.kind == .deadLetter, let letter = DeadLetter(record.annotations) else {
            throw Refusal(.unknownMessage, "offset \(record.offset) is no dead letter")
        }
        guard let consumer = logged.consumers[letter.consumer] else {
            throw Refusal(.unknownConsumer, "the consumer of the dead letter at \(record.offset) is no more")
        }
        guard consumer.letters.contains(record.offset) else {
            throw Refusal(.conflict, "the dead letter at \(record.offset) was dealt with already")
        }
        return (letter, consumer)
    }

    private mutating func close(
        _ letter: Offset, _ consumer: LoggedConsumer, _ settlement: SettlementRecord,
        _ request: OperatorRequest,
        now: Timestamp, _ block: inout Block
    ) {
        packer.reset()
        settlement.pack(&packer)
        var closed = NumberPacker()
        closed.put(letter.rawValue)
        var header = header(.settlement, tenant: consumer.tenant, now: now, block)
        header.destination = consumer.id
        var payload = NumberPacker()
        swap(&payload, &packer)
        var parts = RecordParts(payload: payload.buffer.bytes)
        parts.annotations = closed.buffer.bytes
        note(header, parts, &block, from: request.origin)
        swap(&payload, &packer)
    }
}
