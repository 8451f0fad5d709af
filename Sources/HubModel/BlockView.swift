public import HubBytes

/// A sealed block where it lies. Making one checks that the parts fit the bytes, so that every access stays
/// inside; it looks at no checksum, which is storage's to do.
public struct BlockView: ~Escapable {
    /// All bytes of the block.
    public let bytes: RawSpan
    /// Records present.
    public let count: Int
    /// Where the records end and the directory begins.
    public let directoryStart: Int
    /// Where the new names begin.
    public let namesStart: Int
    /// Whether some of the offsets that it covers are gone.
    public let isSparse: Bool

    /// The view, or nil if the bytes do not have a block's shape.
    @_lifetime(copy bytes)
    public init?(_ bytes: RawSpan) {
        guard
            bytes.byteCount >= BlockLayout.headerBytes,
            bytes.load(BlockLayout.magicAt, as: UInt32.self) == BlockLayout.magic,
            bytes.load(BlockLayout.versionAt, as: UInt16.self) == BlockLayout.version,
            bytes.load(BlockLayout.reserved, as: UInt32.self) == 0
        else { return nil }
        let flags = bytes.load(BlockLayout.flags, as: UInt16.self)
        let records = Int(bytes.load(BlockLayout.recordBytes, as: UInt32.self))
        let names = Int(bytes.load(BlockLayout.nameBytes, as: UInt32.self))
        let span = Int(bytes.load(BlockLayout.span, as: UInt32.self))
        let first = bytes.load(BlockLayout.firstOffset, as: UInt64.self)
        count = Int(bytes.load(BlockLayout.recordCount, as: UInt32.self))
        isSparse = flags & BlockLayout.sparse != 0
        directoryStart = BlockLayout.headerBytes + records
        let entry = isSparse ? BlockLayout.sparseEntryBytes : BlockLayout.denseEntryBytes
        namesStart = directoryStart + count * entry
        guard
            flags & ~BlockLayout.sparse == 0, bytes.byteCount <= Limits.blockBytesMax + (1 << 23),
            records % 8 == 0, count <= Limits.blockRecordsMax, first < UInt64(Int64.max) - UInt64(UInt32.max),
            isSparse ? count <= span : count == span, namesStart + names == bytes.byteCount
        else { return nil }
        self.bytes = bytes
    }

    /// The first offset that the block covers.
    public var firstOffset: Offset { Offset(bytes.load(BlockLayout.firstOffset, as: UInt64.self)) }

    /// How many offsets it covers, gone ones included.
    public var span: Int { Int(bytes.load(BlockLayout.span, as: UInt32.self)) }

    /// The offset behind the last that it covers.
    public var endOffset: Offset { firstOffset.advanced(by: span) }

    /// When its first record was taken.
    public var firstTime: Timestamp {
        Timestamp(microseconds: bytes.load(BlockLayout.firstTime, as: Int64.self))
    }

    /// When its last record was taken.
    public var lastTime: Timestamp {
        Timestamp(microseconds: bytes.load(BlockLayout.lastTime, as: Int64.self))
    }

    /// Names that it brings.
    public var nameCount: Int { Int(bytes.load(BlockLayout.nameCount, as: UInt32.self)) }

    /// Where the directory says where record `index` of those present begins.
    @inlinable public func entryPosition(at index: Int) -> Int {
        precondition(index >= 0 && index < count)
        return directoryStart &+ (isSparse ? index &* 8 &+ 4 : index &* 4)
    }

    /// Where record `index` of those present begins.
    @inlinable public func position(at index: Int) -> Int {
        Int(bytes.load(entryPosition(at: index), as: UInt32.self))
    }

    /// The offset of record `index` of those present, as the directory has it.
    @inlinable public func offset(at index: Int) -> Offset {
        precondition(index >= 0 && index < count)
        if !isSparse { return firstOffset.advanced(by: index) }
        return firstOffset.advanced(by: Int(bytes.load(directoryStart &+ index &* 8, as: UInt32.self)))
    }

    /// Which of the records present is the first at or behind an offset; `count` if none is.
    public func index(atOrAfter offset: Offset) -> Int {
        if offset <= firstOffset { return 0 }
        let distance = firstOffset.distance(to: offset)
        if !isSparse { return min(distance, count) }
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if Int(bytes.load(directoryStart + middle * 8, as: UInt32.self)) < distance {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// The record at a position, or nil if there is none of a record's shape.
    @inlinable @_lifetime(copy self)
    public func record(atPosition position: Int) -> RecordView? {
        guard
            position >= BlockLayout.headerBytes, position & 7 == 0,
            position &+ RecordLayout.headerBytes <= directoryStart
        else { return nil }
        let size = Int(bytes.load(position &+ RecordLayout.size, as: UInt32.self))
        guard size >= RecordLayout.headerBytes, position &+ RecordLayout.padded(size) <= directoryStart
        else { return nil }
        return RecordView(bytes.extracting(position..<position &+ RecordLayout.padded(size)))
    }

    /// Record `index` of those present; the shape must be known to be good, as after a checksum was verified.
    @inlinable @_lifetime(copy self)
    public func record(at index: Int) -> RecordView {
        guard let record = record(atPosition: position(at: index)) else {
            preconditionFailure("a block whose checksums hold has records where its directory says")
        }
        return record
    }

    /// The names that the block brings, one after the other; `next` gives nil at the end or where the bytes
    /// stop making sense.
    public var names: BlockNames {
        @_lifetime(copy self) get { BlockNames(bytes.extracting(namesStart..<bytes.byteCount)) }
    }
}

/// The new names of a block, read one after the other.
public struct BlockNames: ~Escapable {
    private let bytes: RawSpan
    private var position = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    /// Whether all bytes were read.
    public var isAtEnd: Bool { position == bytes.byteCount }

    /// One name: its number, its key, and its text.
    public struct Entry: ~Escapable {
        /// The number that the name got.
        public let id: NameID
        /// What it names and whose it is.
        public let key: NameKey
        /// Its bytes.
        public let text: RawSpan

        @_lifetime(copy text)
        init(id: NameID, key: NameKey, text: RawSpan) {
            self.id = id
            self.key = key
            self.text = text
        }
    }

    /// The next name, or nil at the end or where the bytes stop making sense.
    @_lifetime(copy self)
    public mutating func next() -> Entry? {
        guard position + BlockLayout.nameHeaderBytes <= bytes.byteCount else { return nil }
        let length = Int(bytes.load(position + 8, as: UInt16.self))
        let start = position + BlockLayout.nameHeaderBytes
        guard
            start + length <= bytes.byteCount, bytes.load(position + 11, as: UInt8.self) == 0,
            let kind = NameKind(rawValue: bytes.load(position + 10, as: UInt8.self))
        else { return nil }
        let id = NameID(bytes.load(position, as: UInt32.self))
        let tenant = NameID(bytes.load(position + 4, as: UInt32.self))
        position = start + length
        return Entry(
            id: id, key: NameKey(kind, tenant: tenant), text: bytes.extracting(start..<start + length))
    }
}
