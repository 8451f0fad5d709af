import HubBytes
import HubModel

/// Why a message is dead. The raw values are on disk.
package enum DeadLetterReason: UInt8, Sendable, Equatable {
    /// It was delivered as often as is allowed.
    case attempts = 1
    /// Its consumer said that it will never do it.
    case terminated = 2
    /// It expired before it was done.
    case expired = 3
}

/// What a dead letter says beside the message itself: who gave up on it, why, and what was tried. It stands in the
/// annotations of a `deadLetter` record, whose payload is the message's own.
struct DeadLetter: Equatable {
    let consumer: NameID
    /// Where the message is.
    let offset: Offset
    let reason: DeadLetterReason
    let attempts: Int
    /// When it was first taken and last delivered.
    let taken: Timestamp
    let lastDelivered: Timestamp
    /// Whether it was a command whose sender has been told that nobody will answer.
    let isCommandOver: Bool
    /// What the consumer said, if it said anything.
    let remark: [UInt8]

    private static let version: UInt64 = 1

    func pack(_ packer: inout NumberPacker) {
        packer.put(Self.version)
        packer.put(UInt64(consumer.rawValue))
        packer.put(offset.rawValue)
        packer.put(UInt64(reason.rawValue))
        packer.put(UInt64(attempts))
        packer.put(signed: taken.microseconds)
        packer.put(signed: lastDelivered.microseconds)
        packer.put(isCommandOver ? 1 : 0)
        remark.withBytes { packer.put($0) }
    }

    /// What was packed; nil if the bytes are something else.
    init?(_ annotations: RawSpan) {
        var reader = NumberReader(annotations)
        guard reader.next() == Self.version else { return nil }
        consumer = NameID(UInt32(truncatingIfNeeded: reader.next()))
        offset = Offset(min(reader.next(), Offset.end.rawValue))
        let reason = DeadLetterReason(rawValue: UInt8(truncatingIfNeeded: reader.next()))
        attempts = Int(clamping: reader.next())
        taken = Timestamp(microseconds: reader.nextSigned())
        lastDelivered = Timestamp(microseconds: reader.nextSigned())
        isCommandOver = reader.next() == 1
        remark = reader.nextBytes().array
        guard let reason, reader.isAtEnd, !reader.hasFailed else { return nil }
        self.reason = reason
    }

    init(
        consumer: NameID, _ delivery: UnsettledDelivery, _ reason: DeadLetterReason, taken: Timestamp,
        isCommandOver: Bool,
        remark: [UInt8] = []
    ) {
        self.consumer = consumer
        offset = delivery.offset
        self.reason = reason
        attempts = delivery.attempts
        self.taken = taken
        lastDelivered = delivery.since
        self.isCommandOver = isCommandOver
        self.remark = remark
    }
}
