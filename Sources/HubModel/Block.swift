import HubBytes

/// Records on their way into the log: filled by the router, written by storage, then applied by the router from
/// the same memory. The buffers are reused round after round.
public struct Block: ~Copyable, Sendable {
    private var content: ByteBuffer
    private var positions: ByteBuffer
    private var names = ByteBuffer(capacity: 256)
    /// Where the first record will be in the log.
    public private(set) var firstOffset: Offset = .zero
    /// Records in the block.
    public private(set) var count = 0
    /// Names that the block brings.
    public private(set) var nameCount = 0
    private var firstTime = Timestamp.none
    /// The newest record's time.
    public private(set) var lastTime = Timestamp.none
    /// Whether the directory is written and nothing more can be added.
    public private(set) var isSealed = false

    /// An empty block whose first record will have this offset.
    public init(firstOffset: Offset = .zero, capacity: Int = 1 << 16) {
        content = ByteBuffer(capacity: max(capacity, BlockLayout.headerBytes))
        positions = ByteBuffer(capacity: max(capacity / 64, 64))
        reset(firstOffset: firstOffset)
    }

    /// Empties the block for another round, keeping its memory.
    public mutating func reset(firstOffset: Offset) {
        content.removeAll()
        positions.removeAll()
        names.removeAll()
        content.append(zeros: BlockLayout.headerBytes)
        self.firstOffset = firstOffset
        count = 0
        nameCount = 0
        firstTime = .none
        lastTime = .none
        isSealed = false
    }

    /// Gives back memory beyond what ordinary blocks need; the block must have been reset.
    public mutating func shrink(toCapacity capacity: Int) {
        guard count == 0, content.capacity > capacity else { return }
        content.removeAll()
        content.shrink(toCapacity: capacity)
        reset(firstOffset: firstOffset)
    }

    /// Whether there is neither a record nor a name in it.
    public var isEmpty: Bool { count == 0 && nameCount == 0 }

    /// Bytes so far, directory included.
    public var byteCount: Int {
        isSealed ? content.count : content.count + positions.count + names.count
    }

    /// The offset that the next record will get.
    public var nextOffset: Offset { firstOffset.advanced(by: count) }

    /// The bytes of a sealed block.
    public var bytes: RawSpan {
        @_lifetime(borrow self) get {
            precondition(isSealed)
            return content.bytes
        }
    }

    /// Appends a record at `nextOffset` and returns that; its parts are copied here and nowhere else.
    @discardableResult
    public mutating func append(_ header: RecordHeader, _ parts: borrowing RecordParts) -> Offset {
        precondition(!isSealed && count < Limits.blockRecordsMax)
        precondition(header.time >= lastTime, "records of a block are in order of time")
        let size = RecordLayout.headerBytes + parts.byteCount
        precondition(content.count + size < Limits.blockBytesMax)
        let offset = nextOffset
        positions.append(UInt32(content.count))
        content.write(upTo: RecordLayout.padded(size)) { writer in
            Self.putHeader(header, offset: offset, size: size, parts, &writer)
            if !parts.annotations.isEmpty { writer.put(UInt32(parts.annotations.byteCount)) }
            writer.put(parts.id)
            writer.put(parts.correlation)
            writer.put(parts.cause)
            writer.put(parts.trace)
            writer.put(parts.annotations)
            writer.put(parts.payload)
            writer.padToEight()
        }
        if count == 0 { firstTime = header.time }
        lastTime = header.time
        count += 1
        return offset
    }

    private static func putHeader(
        _ header: RecordHeader, offset: Offset, size: Int, _ parts: borrowing RecordParts,
        _ writer: inout TailWriter
    ) {
        var flags = header.flags
        if parts.annotations.isEmpty { flags.remove(.annotated) } else { flags.insert(.annotated) }
        writer.put(UInt32(0))  // the checksum, filled in where the block is written
        writer.put(UInt32(size))
        writer.put(offset.rawValue)
        writer.put(header.sequence.rawValue)
        writer.put(header.time.microseconds)
        writer.put(header.expiry.microseconds)
        writer.put(header.tenant.rawValue)
        writer.put(header.session.rawValue)
        writer.put(header.sender.rawValue)
        writer.put(header.destination.rawValue)
        writer.put(header.kind.rawValue)
        writer.put(header.dialect)
        writer.put(flags.rawValue)
        writer.put(UInt8(parts.id.byteCount))
        writer.put(UInt8(parts.correlation.byteCount))
        writer.put(UInt8(parts.cause.byteCount))
        writer.put(UInt8(parts.trace.byteCount))
    }

    /// The session of record `index`.
    public func session(at index: Int) -> NameID {
        NameID(content.bytes.load(position(at: index) + RecordLayout.session, as: UInt32.self))
    }

    /// The topic, agent or consumer that record `index` is about.
    public func destination(at index: Int) -> NameID {
        NameID(content.bytes.load(position(at: index) + RecordLayout.destination, as: UInt32.self))
    }

    /// Gives record `index` its number in its session: what is not known before the block has its place in the log.
    public mutating func setSequence(_ sequence: SequenceNumber, at index: Int) {
        content.patch(sequence.rawValue, at: position(at: index) + RecordLayout.sequence)
    }

    /// The number of record `index` in its session.
    public func sequence(at index: Int) -> SequenceNumber {
        SequenceNumber(content.bytes.load(position(at: index) + RecordLayout.sequence, as: UInt64.self))
    }

    private func position(at index: Int) -> Int {
        precondition(index >= 0 && index < count)
        return Int(positions.bytes.load(index &* BlockLayout.denseEntryBytes, as: UInt32.self))
    }

    /// Records that the block is the first to use a name. Names must come in the order of their numbers.
    public mutating func define(_ id: NameID, _ key: NameKey, _ text: RawSpan) {
        precondition(!isSealed && text.byteCount <= Int(UInt16.max))
        names.append(id.rawValue)
        names.append(key.tenant.rawValue)
        names.append(UInt16(text.byteCount))
        names.append(key.kind.rawValue)
        names.append(UInt8(0))
        names.append(text)
        nameCount += 1
    }

    /// Writes directory and header; the checksums stay zero for whoever writes the block.
    public mutating func seal() {
        precondition(!isSealed)
        let recordBytes = content.count - BlockLayout.headerBytes
        content.append(contentsOf: positions)
        content.append(contentsOf: names)
        content.patch(BlockLayout.magic, at: BlockLayout.magicAt)
        content.patch(BlockLayout.version, at: BlockLayout.versionAt)
        content.patch(UInt32(count), at: BlockLayout.recordCount)
        content.patch(firstOffset.rawValue, at: BlockLayout.firstOffset)
        content.patch(UInt32(count), at: BlockLayout.span)
        content.patch(UInt32(nameCount), at: BlockLayout.nameCount)
        content.patch(firstTime.microseconds, at: BlockLayout.firstTime)
        content.patch(lastTime.microseconds, at: BlockLayout.lastTime)
        content.patch(UInt32(recordBytes), at: BlockLayout.recordBytes)
        content.patch(UInt32(names.count), at: BlockLayout.nameBytes)
        isSealed = true
    }

    /// Fills in the checksums of a sealed block: of each record, of the directory, and last of the header.
    public mutating func fillChecksums(by checksum: (RawSpan) -> UInt32) {
        precondition(isSealed)
        var index = 0
        while index < count {
            let position = Int(positions.bytes.load(index &* 4, as: UInt32.self))
            let size = Int(content.bytes.load(position &+ RecordLayout.size, as: UInt32.self))
            fillChecksum(
                position &+ RecordLayout.size..<position &+ RecordLayout.padded(size), at: position, checksum)
            index &+= 1
        }
        let directoryBytes = positions.count + names.count
        fillChecksum(
            content.count - directoryBytes..<content.count, at: BlockLayout.directoryChecksum, checksum)
        fillChecksum(
            BlockLayout.versionAt..<BlockLayout.headerBytes, at: BlockLayout.headerChecksum, checksum)
    }

    private mutating func fillChecksum(
        _ covered: Range<Int>, at position: Int, _ checksum: (RawSpan) -> UInt32
    ) {
        let value = checksum(content.bytes.extracting(covered))
        content.patch(value, at: position)
    }

    /// The parts of a sealed block.
    public var view: BlockView {
        @_lifetime(borrow self) get {
            precondition(isSealed)
            guard let view = BlockView(content.bytes) else {
                preconditionFailure("a block that was just sealed has a block's shape")
            }
            return view
        }
    }
}
