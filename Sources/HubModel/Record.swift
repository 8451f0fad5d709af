import HubBytes

/// Facts of a record that a bit each can say. The raw values are on disk.
package struct RecordFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
    /// The bits.
    package let rawValue: UInt16

    /// Flags with these bits.
    @inlinable package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Bytes of a dialect's own stand before the payload: a signature, say.
    package static let annotated = RecordFlags(rawValue: 1 << 0)
    /// The last value of its topic, to be kept for whoever subscribes later.
    package static let retained = RecordFlags(rawValue: 1 << 1)
    /// The sender was told before the record was on disk.
    package static let receiptedFromMemory = RecordFlags(rawValue: 1 << 2)
    /// The payload is not JSON but bytes.
    package static let binary = RecordFlags(rawValue: 1 << 3)
    /// An answer that came after its command had already ended.
    package static let late = RecordFlags(rawValue: 1 << 4)
}

/// The fixed fields of a record.
package struct RecordHeader: Hashable, Sendable, BitwiseCopyable {
    /// What the record is.
    package var kind: MessageKind
    /// Which protocol its sender speaks; 0 is the native one.
    package var dialect: UInt8 = 0
    /// Facts of one bit each.
    package var flags: RecordFlags = []
    /// The place in the log; set when the record is appended to a block.
    package var offset: Offset = .zero
    /// The place in the session.
    package var sequence: SequenceNumber = .none
    /// When the hub took it.
    package var time: Timestamp
    /// When it loses its value, if ever.
    package var expiry: Timestamp = .none
    /// Whose it is.
    package var tenant: NameID
    /// The conversation it belongs to, if any.
    package var session: NameID = .none
    /// The agent that sent it, if any.
    package var sender: NameID = .none
    /// The topic, agent or consumer that it is about: what the log indexes it by, besides the session.
    package var destination: NameID = .none

    /// A header with everything else at its default.
    @inlinable package init(_ kind: MessageKind, time: Timestamp, tenant: NameID) {
        self.kind = kind
        self.time = time
        self.tenant = tenant
    }
}

/// The parts of a record that vary in length. They are copied once, into the block.
package struct RecordParts: ~Escapable {
    /// The id that its sender gave it.
    package var id: RawSpan
    /// What ties an answer to its question.
    package var correlation: RawSpan
    /// What brought it about.
    package var cause: RawSpan
    /// The trace that it is part of.
    package var trace: RawSpan
    /// What a dialect keeps beside the payload.
    package var annotations: RawSpan
    /// The payload, exactly as its sender wrote it.
    package var payload: RawSpan

    /// Parts of which all but the payload are empty.
    @inlinable @_lifetime(copy payload)
    package init(payload: RawSpan) {
        let empty = payload.extracting(first: 0)
        id = empty
        correlation = empty
        cause = empty
        trace = empty
        annotations = empty
        self.payload = payload
    }

    /// Bytes of all parts together, without the fixed header.
    @inlinable package var byteCount: Int {
        id.byteCount + correlation.byteCount + cause.byteCount + trace.byteCount + payload.byteCount
            + (annotations.isEmpty ? 0 : annotations.byteCount + 4)
    }
}

/// Where the fields of a record lie. `docs/log-format.md` is this table in words; neither changes without a new
/// format version.
package enum RecordLayout {
    /// Bytes of the fixed header.
    package static let headerBytes = 64
    /// Position of the checksum of everything behind it.
    package static let checksum = 0
    /// Position of the size in bytes, padding not counted.
    package static let size = 4
    /// Position of the offset.
    package static let offset = 8
    /// Position of the sequence number.
    package static let sequence = 16
    /// Position of the time.
    package static let time = 24
    /// Position of the expiry.
    package static let expiry = 32
    /// Position of the tenant.
    package static let tenant = 40
    /// Position of the session.
    package static let session = 44
    /// Position of the sender.
    package static let sender = 48
    /// Position of the destination.
    package static let destination = 52
    /// Position of the kind.
    package static let kind = 56
    /// Position of the dialect.
    package static let dialect = 57
    /// Position of the flags.
    package static let flags = 58
    /// Position of the lengths of id, correlation, cause and trace, a byte each.
    package static let lengths = 60

    /// The bytes that a record of this size takes in a block: records begin at multiples of eight.
    @inlinable package static func padded(_ size: Int) -> Int { (size &+ 7) & ~7 }
}
