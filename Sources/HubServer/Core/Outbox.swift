package import HubBytes
package import HubModel
package import HubProtocols
package import HubRouter

/// What the core has for those on one loop, collected over a turn. Texts lie in `bytes`; a message that many are given
/// is there once.
package struct Outbox: ~Copyable, Sendable {
    /// Texts and payloads.
    package var bytes = ByteBuffer(capacity: 1 << 12)
    /// Messages that are given.
    package var messages: [RoutedMessage] = []
    /// What is told, in order.
    package var entries: [Entry] = []
    private var lastSession = (id: NameID.none, text: Slice.empty)
    private var lastConsumer: (handle: ConsumerHandle, text: Slice)?

    /// An empty one.
    package init() {}

    /// One thing that somebody is told.
    package enum Entry: Sendable {
        /// What became of something proposed.
        case receipt(Receipt)
        /// That nothing came of what was asked, and why.
        case rejection(Seat, tag: UInt64, Refusal)
        /// What was asked is done.
        case done(Seat, tag: UInt64)
        /// A message.
        case delivery(Seat, message: Int32, attempt: Int32, consumer: Slice)
        /// It is known now.
        case connected(Seat, tag: UInt64, head: Offset)
        /// It is a member of a consumer now.
        case subscribed(Seat, tag: UInt64, consumer: Slice, position: Offset)
        /// It is a member no more.
        case unsubscribed(Seat, tag: UInt64, consumer: Slice)
        /// Its agent has come somewhere else.
        case replaced(Seat)
        /// It has to say again whose it is.
        case unknown(Seat)
        /// It was silent for so long that it counts as gone.
        case silent(Seat)
        /// Something that it should know.
        case notice(Seat, Notice)
    }

    /// What became of something proposed.
    package struct Receipt: Sendable {
        /// Whom to tell.
        package let seat: Seat
        /// What was proposed.
        package let tag: UInt64
        /// Where it is.
        package let offset: Offset
        /// Its conversation.
        package let session: Slice
        /// Its place in that.
        package let sequence: SequenceNumber
        /// How firmly it is kept.
        package let durability: Durability
        /// Whether it was taken before.
        package let isDuplicate: Bool
        /// Whether it is for an agent that is away.
        package let isAddresseeAway: Bool
    }

    /// Something that somebody should know.
    package enum Notice: Sendable {
        /// Deliveries wait for acknowledgements.
        case stalled(consumer: Slice, inFlight: Int, limit: Int)
        /// Messages are gone.
        case gap(consumer: Slice, Gap)
        /// An agent came, went or fell silent.
        case presence(agent: Slice, Presence, since: Timestamp)
        /// A consumer is no more.
        case consumerDeleted(Slice)
        /// An operator moved it.
        case consumerMoved(Slice, to: Offset)
        /// It is held back, or goes on.
        case consumerPaused(Slice, Bool)
        /// A command gets no answer.
        case commandTimedOut(Offset)
        /// A message went to the dead letters.
        case deadLetter(consumer: Slice, message: Offset, letter: Offset, DeadLetterReason)
    }

    /// Whether there is nothing in it.
    package var isEmpty: Bool { entries.isEmpty }

    /// Forgets everything and keeps an ordinary amount of memory.
    package mutating func reset() {
        bytes.removeAll()
        bytes.shrink(toCapacity: Self.keptBytes)
        messages.removeAll(keepingCapacity: messages.capacity <= Self.keptEntries)
        entries.removeAll(keepingCapacity: entries.capacity <= Self.keptEntries)
        lastSession = (.none, .empty)
        lastConsumer = nil
    }

    private static let keptBytes = 4 << 20
    private static let keptEntries = 16_384

    // MARK: Texts

    /// A session's name; the last one is remembered.
    package mutating func place(session: NameID, _ router: borrowing Router) -> Slice {
        if lastSession.id != session {
            lastSession = (session, place(name: session, router))
        }
        return lastSession.text
    }

    /// A name in words.
    package mutating func place(name: NameID, _ router: borrowing Router) -> Slice {
        name == .none ? .empty : bytes.place(router.bytes(of: name))
    }

    /// A consumer's name, or what stands for one without; the last one is remembered.
    package mutating func place(consumer: ConsumerHandle, _ router: borrowing Router) -> Slice {
        if let last = lastConsumer, last.handle == consumer { return last.text }
        let name = router.name(of: consumer)
        let text =
            name == .none ? bytes.place(ConsumerLabel.text(consumer)) : place(name: name, router)
        lastConsumer = (consumer, text)
        return text
    }

    // MARK: What is told most

    /// Adds a message for somebody.
    mutating func give(_ delivery: Effects.Delivery, _ record: RecordView, _ router: borrowing Router) {
        let message = place(record, router)
        let consumer = place(consumer: delivery.consumer, router)
        entries.append(
            .delivery(
                delivery.connection, message: message, attempt: Int32(clamping: delivery.attempt),
                consumer: consumer))
    }

    /// Adds what became of something proposed.
    mutating func tell(_ receipt: Effects.Receipt, _ router: borrowing Router) {
        let session = place(session: receipt.session, router)
        entries.append(
            .receipt(
                Receipt(
                    seat: receipt.connection, tag: receipt.tag, offset: receipt.offset, session: session,
                    sequence: receipt.sequence, durability: receipt.durability,
                    isDuplicate: receipt.isDuplicate, isAddresseeAway: receipt.isAddresseeAway)))
    }

    // MARK: Messages

    /// A message with its texts; one that was just placed is not placed again.
    package mutating func place(_ record: RecordView, _ router: borrowing Router) -> Int32 {
        if let last = messages.last, last.offset == record.offset { return Int32(messages.count - 1) }
        var message = RoutedMessage(
            record.kind, offset: record.offset, sequence: record.sequence, time: record.time,
            expiry: record.expiry)
        message.dialect = record.dialect
        message.flags = record.flags
        message.isDirect = router.kind(of: record.destination) == .agent
        message.session = place(session: record.session, router)
        message.sender = place(name: record.sender, router)
        message.destination = place(name: record.destination, router)
        message.takeParts(of: record, into: &bytes)
        messages.append(message)
        return Int32(messages.count - 1)
    }
}

extension RoutedMessage {
    /// Copies the parts of a record to where texts lie.
    mutating func takeParts(of record: RecordView, into bytes: inout ByteBuffer) {
        if !record.id.isEmpty { id = bytes.place(record.id) }
        if !record.correlation.isEmpty { correlation = bytes.place(record.correlation) }
        if !record.cause.isEmpty { cause = bytes.place(record.cause) }
        if !record.trace.isEmpty { trace = bytes.place(record.trace) }
        if !record.annotations.isEmpty { annotations = bytes.place(record.annotations) }
        payload = bytes.place(record.payload)
    }
}

/// What stands for a consumer without a name: no name can begin so.
package enum ConsumerLabel {
    private static let sign = "~"

    /// The label of a nameless consumer.
    package static func text(_ handle: ConsumerHandle) -> String {
        "\(sign)\(handle.index).\(handle.generation)"
    }

    /// The consumer that a label stands for; nil for what is no label.
    package static func handle(_ text: RawSpan) -> ConsumerHandle? {
        guard text.byteCount > 1, text.byteCount <= 22, text.load(0, as: UInt8.self) == UInt8(ascii: "~")
        else { return nil }
        let parts = text.text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let index = UInt32(parts[0]), let generation = UInt32(parts[1]) else {
            return nil
        }
        return ConsumerHandle(index: index, generation: generation)
    }
}
