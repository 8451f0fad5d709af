import HubBytes
import HubModel

/// Consumers, as the log tells of them.
extension LoggedState {
    mutating func setConsumer(_ record: RecordView, _ names: borrowing NameTable) {
        let id = record.destination
        guard let wanted = ConsumerRecord(record.payload) else { return }
        changed.insert(.consumer(id))
        if let known = consumers[id] { return known.set(wanted.filter, wanted.settings) }
        let consumer = makeConsumer(id, record.tenant, wanted, era: record.offset, at: record.time, names)
        putConsumer(consumer)
    }

    mutating func putConsumer(_ consumer: LoggedConsumer) {
        if consumers.updateValue(consumer, forKey: consumer.id) == nil {
            consumerCounts[consumer.tenant, default: 0] += 1
        }
    }

    /// A consumer that begins now, behind the record that made it, unless it wants to begin elsewhere.
    func makeConsumer(
        _ id: NameID, _ tenant: NameID, _ wanted: ConsumerRecord, era: Offset, at time: Timestamp,
        _ names: borrowing NameTable
    ) -> LoggedConsumer {
        var cursor = appliedTo
        if case .offset(let offset) = wanted.start { cursor = offset }
        let consumer = LoggedConsumer(
            id: id, tenant: tenant, wanted.filter, wanted.settings, era: era, cursor: cursor)
        consumer.owe(owedAtStart(wanted, tenant, names), at: time)
        return consumer
    }

    /// What a new consumer gets before anything else: the retained values of its topics or, if it asks for that, the
    /// last message of each. The newest of them, if they are more than any consumer may have in flight.
    private func owedAtStart(
        _ wanted: ConsumerRecord, _ tenant: NameID, _ names: borrowing NameTable
    ) -> [Offset] {
        guard case .topics(let patterns) = wanted.filter else { return [] }
        var found: [Offset] = []
        func consider(_ topic: NameID, _ offset: Offset) {
            guard names.key(of: topic) == NameKey(.topic, tenant: tenant) else { return }
            if patterns.contains(where: { $0.matches(names.bytes(of: topic)) }) { found.append(offset) }
        }
        switch wanted.start {
        case .offset: return []
        case .new: for (topic, offset) in retained { consider(topic, offset) }
        case .last:
            for number in 0..<lastMessages.count {
                let topic = NameID(UInt32(number))
                if lastMessages[topic] > 0 { consider(topic, Offset(lastMessages[topic] - 1)) }
            }
        }
        return Array(found.sorted().suffix(ConsumerSettings.inFlightLimit))
    }

    mutating func applyConsumer(_ record: RecordView) {
        let id = record.destination
        guard let consumer = consumers[id] else { return }
        changed.insert(.consumer(id))
        switch record.kind {
        case .consumerDelete:
            consumers[id] = nil
            consumerCounts[consumer.tenant, default: 1] -= 1
        case .consumerMove:
            var reader = NumberReader(record.payload)
            let target = Offset(min(reader.next(), Offset.end.rawValue))
            guard reader.isAtEnd, !reader.hasFailed else { return }
            consumer.move(to: target, era: record.offset)
        case .settlement:
            // What stands behind the verdicts is about letters, and only there if an operator dealt with some.
            guard let settlement = SettlementRecord(record.payload) else { return }
            consumer.apply(settlement, at: record.time)
            var letters = NumberReader(record.annotations)
            while !record.annotations.isEmpty, !letters.isAtEnd {
                consumer.close(letter: Offset(min(letters.next(), Offset.end.rawValue)))
            }
        default:
            guard let delivery = DeliveryRecord(record.payload) else { return }
            consumer.apply(delivery, at: record.time)
        }
    }

    /// A dead letter names the consumer that gave up and the message that it gave up on.
    mutating func applyDeadLetter(_ record: RecordView) {
        guard let letter = DeadLetter(record.annotations), let consumer = consumers[letter.consumer] else {
            return
        }
        consumer.bury(letter.offset, letter: record.offset)
        changed.insert(.consumer(letter.consumer))
    }
}
