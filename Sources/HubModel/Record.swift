import HubBytes

/// Facts of a record that a bit each can say. The raw values are on disk.
public struct RecordFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
    /// The bits.
    public let rawValue: UInt16

    /// Flags with these bits.
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Bytes of a dialect's own stand before the payload: a signature, say.
    public static let annotated = RecordFlags(rawValue: 1 << 0)
    /// The last value of its topic, to be kept for whoever subscribes later.
    public static let retained = RecordFlags(rawValue: 1 << 1)
    /// The sender was told before the record was on disk.
    public static let receiptedFromMemory = RecordFlags(rawValue: 1 << 2)
    /// The payload is not JSON but bytes.
    public static let binary = RecordFlags(rawValue: 1 << 3)
    /// An answer that came after its command had already ended.
    public static let late = RecordFlags(rawValue: 1 << 4)
    /// An answer of the hub's own, which says that there is none: its command expired or was given up.
    public static let failure = RecordFlags(rawValue: 1 << 5)
}

/// The fixed fields of a record.
public struct RecordHeader: Hashable, Sendable, BitwiseCopyable {
    /// What the record is.
    public var kind: MessageKind
    /// Which protocol its sender speaks; 0 is the native one.
    public var dialect: UInt8 = 0
    /// Facts of one bit each.
    public var flags: RecordFlags = []
    /// The place in the log; set when the record is appended to a block.
    public var offset: Offset = .zero
    /// The place in the session.
    public var sequence: SequenceNumber = .none
    /// When the hub took it.
    public var time: Timestamp
    /// When it loses its value, if ever.
    public var expiry: Timestamp = .none
    /// Whose it is.
    public var tenant: NameID
    /// The conversation it belongs to, if any.
    public var session: NameID = .none
    /// The agent that sent it, if any.
    public var sender: NameID = .none
    /// The topic, agent or consumer that it is about: what the log indexes it by, besides the session.
    public var destination: NameID = .none

    /// A header with everything else at its default.
    @inlinable public init(_ kind: MessageKind, time: Timestamp, tenant: NameID) {
        self.kind = kind
        self.time = time
        self.tenant = tenant
    }
}

/// The parts of a record that vary in length. They are copied once, into the block.
public struct RecordParts: ~Escapable {
    /// The id that its sender gave it.
    public var id: RawSpan
    /// What ties an answer to its question.
    public var correlation: RawSpan
    /// What brought it about.
    public var cause: RawSpan
    /// The trace that it is part of.
    public var trace: RawSpan
    /// What a dialect keeps beside the payload.
    public var annotations: RawSpan
    /// The payload, exactly as its sender wrote it.
    public var payload: RawSpan

    /// Parts of which all but the payload are empty.
    @inlinable @_lifetime(copy payload)
    public init(payload: RawSpan) {
        let empty = payload.extracting(first: 0)
        id = empty
        correlation = empty
        cause = empty
        trace = empty
        annotations = empty
        self.payload = payload
    }

    /// Bytes of all parts together, without the fixed header.
    @inlinable public var byteCount: Int {
        id.byteCount + correlation.byteCount + cause.byteCount + trace.byteCount + payload.byteCount
            + (annotations.isEmpty ? 0 : annotations.byteCount + 4)
    }
}

/// Where the fields of a record lie. `docs/log-format.md` is this table in words; neither changes without a new
/// format version.
public enum RecordLayout {
    /// Bytes of the fixed header.
    public static let headerBytes = 64
    /// Position of the checksum of everything behind it.
    public static let checksum = 0
    /// Position of the size in bytes, padding not counted.
    public static let size = 4
    /// Position of the offset.
    public static let offset = 8
    /// Position of the sequence number.
    public static let sequence = 16
    /// Position of the time.
    public static let time = 24
    /// Position of the expiry.
    public static let expiry = 32
    /// Position of the tenant.
    public static let tenant = 40
    /// Position of the session.
    public static let session = 44
    /// Position of the sender.
    public static let sender = 48
    /// Position of the destination.
    public static let destination = 52
    /// Position of the kind.
    public static let kind = 56
    /// Position of the dialect.
    public static let dialect = 57
    /// Position of the flags.
    public static let flags = 58
    /// Position of the lengths of id, correlation, cause and trace, a byte each.
    public static let lengths = 60

    /// The bytes that a record of this size takes in a block: records begin at multiples of eight.
    @inlinable public static func padded(_ size: Int) -> Int { (size &+ 7) & ~7 }
}
