public import HubBytes

/// A record where it lies: in a block that is being filled, in a page of the log, in a mapped file. It copies
/// nothing and cannot outlive the bytes.
public struct RecordView: ~Escapable {
    /// All bytes of the record, padding included.
    public let bytes: RawSpan

    /// A view of bytes whose shape is known to be a record's; nil if it is not. The checksum is not looked at.
    @inlinable @_lifetime(copy bytes)
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= RecordLayout.headerBytes else { return nil }
        let size = Int(bytes.load(RecordLayout.size, as: UInt32.self))
        let lengths = bytes.load(RecordLayout.lengths, as: UInt32.self)
        var needed = RecordLayout.headerBytes &+ Self.sum(ofLengths: lengths)
        let flags = RecordFlags(rawValue: bytes.load(RecordLayout.flags, as: UInt16.self))
        if flags.contains(.annotated) {
            guard bytes.byteCount >= RecordLayout.headerBytes &+ 4 else { return nil }
            needed = needed &+ 4 &+ Int(bytes.load(RecordLayout.headerBytes, as: UInt32.self))
        }
        guard
            size >= needed, RecordLayout.padded(size) == bytes.byteCount,
            MessageKind(rawValue: bytes.load(RecordLayout.kind, as: UInt8.self)) != nil
        else { return nil }
        self.bytes = bytes
    }

    @inlinable static func sum(ofLengths lengths: UInt32) -> Int {
        Int(lengths & 255) &+ Int(lengths >> 8 & 255) &+ Int(lengths >> 16 & 255) &+ Int(lengths >> 24)
    }

    /// What the record is.
    @inlinable public var kind: MessageKind {
        guard let kind = MessageKind(rawValue: bytes.load(RecordLayout.kind, as: UInt8.self)) else {
            preconditionFailure("a view is only made of a record whose kind is known")
        }
        return kind
    }

    /// Which protocol its sender speaks; 0 is the native one.
    @inlinable public var dialect: UInt8 { bytes.load(RecordLayout.dialect, as: UInt8.self) }

    /// Facts of one bit each.
    @inlinable public var flags: RecordFlags {
        RecordFlags(rawValue: bytes.load(RecordLayout.flags, as: UInt16.self))
    }

    /// The place in the log.
    @inlinable public var offset: Offset { Offset(bytes.load(RecordLayout.offset, as: UInt64.self)) }

    /// The place in the session.
    @inlinable public var sequence: SequenceNumber {
        SequenceNumber(bytes.load(RecordLayout.sequence, as: UInt64.self))
    }

    /// When the hub took it.
    @inlinable public var time: Timestamp {
        Timestamp(microseconds: bytes.load(RecordLayout.time, as: Int64.self))
    }

    /// When it loses its value, if ever.
    @inlinable public var expiry: Timestamp {
        Timestamp(microseconds: bytes.load(RecordLayout.expiry, as: Int64.self))
    }

    /// Whose it is.
    @inlinable public var tenant: NameID { NameID(bytes.load(RecordLayout.tenant, as: UInt32.self)) }

    /// The conversation it belongs to, if any.
    @inlinable public var session: NameID { NameID(bytes.load(RecordLayout.session, as: UInt32.self)) }

    /// The agent that sent it, if any.
    @inlinable public var sender: NameID { NameID(bytes.load(RecordLayout.sender, as: UInt32.self)) }

    /// The topic, agent or consumer that it is about.
    @inlinable public var destination: NameID {
        NameID(bytes.load(RecordLayout.destination, as: UInt32.self))
    }

    /// The fixed fields together.
    public var header: RecordHeader {
        var header = RecordHeader(kind, time: time, tenant: tenant)
        header.dialect = dialect
        header.flags = flags
        header.offset = offset
        header.sequence = sequence
        header.expiry = expiry
        header.session = session
        header.sender = sender
        header.destination = destination
        return header
    }

    @inlinable var annotationBytes: Int {
        flags.contains(.annotated) ? Int(bytes.load(RecordLayout.headerBytes, as: UInt32.self)) : 0
    }

    /// Where the varying parts begin.
    @inlinable var partsStart: Int { RecordLayout.headerBytes &+ (flags.contains(.annotated) ? 4 : 0) }

    @inlinable func length(_ part: Int) -> Int {
        Int(bytes.load(RecordLayout.lengths &+ part, as: UInt8.self))
    }

    @inlinable @_lifetime(copy self)
    func part(_ index: Int) -> RawSpan {
        var start = partsStart
        var before = 0
        while before < index {
            start &+= length(before)
            before &+= 1
        }
        return bytes.extracting(start..<start &+ length(index))
    }

    /// The id that its sender gave it.
    @inlinable public var id: RawSpan {
        @_lifetime(copy self) get { part(0) }
    }

    /// What ties an answer to its question.
    @inlinable public var correlation: RawSpan {
        @_lifetime(copy self) get { part(1) }
    }

    /// What brought it about.
    @inlinable public var cause: RawSpan {
        @_lifetime(copy self) get { part(2) }
    }

    /// The trace that it is part of.
    @inlinable public var trace: RawSpan {
        @_lifetime(copy self) get { part(3) }
    }

    /// Where the annotations begin.
    @inlinable var annotationsStart: Int {
        partsStart &+ Self.sum(ofLengths: bytes.load(RecordLayout.lengths, as: UInt32.self))
    }

    /// What a dialect keeps beside the payload.
    @inlinable public var annotations: RawSpan {
        @_lifetime(copy self) get {
            bytes.extracting(annotationsStart..<annotationsStart &+ annotationBytes)
        }
    }

    /// The payload, exactly as its sender wrote it.
    @inlinable public var payload: RawSpan {
        @_lifetime(copy self) get {
            let end = Int(bytes.load(RecordLayout.size, as: UInt32.self))
            return bytes.extracting(annotationsStart &+ annotationBytes..<end)
        }
    }
}
