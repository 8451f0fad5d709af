import HubBytes
import HubModel

/// A block made of what retention left of others: positions come with their offsets, since some are missing.
struct SparseBlock: ~Copyable {
    private var content = ByteBuffer(capacity: 1 << 16)
    private var positions = ByteBuffer(capacity: 1 << 10)
    private(set) var firstOffset = Offset.zero
    private var endOffset = Offset.zero
    private(set) var count = 0
    private var firstTime = Timestamp.none
    private var lastTime = Timestamp.none
    /// Bytes of the block that this one is made of.
    private(set) var originalBytes = 0
    private var isSealed = false

    init() { content.append(zeros: BlockLayout.headerBytes) }

    var byteCount: Int { isSealed ? content.count : content.count + positions.count }

    var bytes: RawSpan {
        @_lifetime(borrow self) get { content.bytes }
    }

    /// Begins with what a block covers; its records are appended one by one.
    mutating func begin(_ block: borrowing BlockView) {
        firstOffset = block.firstOffset
        endOffset = block.endOffset
        firstTime = block.firstTime
        lastTime = block.lastTime
        originalBytes = block.bytes.byteCount
    }

    /// Appends a record as it is, checksum and all.
    mutating func append(_ record: RecordView) {
        positions.append(UInt32(firstOffset.distance(to: record.offset)))
        positions.append(UInt32(content.count))
        content.append(record.bytes)
        count += 1
    }

    /// Appends what another block holds, which must lie behind this one.
    mutating func append(contentsOf other: borrowing SparseBlock) {
        precondition(!isSealed && other.firstOffset >= endOffset)
        let moved = UInt32(firstOffset.distance(to: other.firstOffset))
        let shift = UInt32(content.count - BlockLayout.headerBytes)
        for index in 0..<other.count {
            positions.append(other.positions.bytes.load(index * 8, as: UInt32.self) + moved)
            positions.append(other.positions.bytes.load(index * 8 + 4, as: UInt32.self) + shift)
        }
        content.append(other.content.bytes.extracting(BlockLayout.headerBytes..<other.content.count))
        endOffset = other.endOffset
        lastTime = other.lastTime
        count += other.count
    }

    /// Writes directory, header and checksums.
    mutating func seal() {
        let recordBytes = content.count - BlockLayout.headerBytes
        content.append(contentsOf: positions)
        content.patch(BlockLayout.magic, at: BlockLayout.magicAt)
        content.patch(BlockLayout.version, at: BlockLayout.versionAt)
        content.patch(BlockLayout.sparse, at: BlockLayout.flags)
        content.patch(UInt32(count), at: BlockLayout.recordCount)
        content.patch(firstOffset.rawValue, at: BlockLayout.firstOffset)
        content.patch(UInt32(firstOffset.distance(to: endOffset)), at: BlockLayout.span)
        content.patch(firstTime.microseconds, at: BlockLayout.firstTime)
        content.patch(lastTime.microseconds, at: BlockLayout.lastTime)
        content.patch(UInt32(recordBytes), at: BlockLayout.recordBytes)
        let directory = Checksum.of(
            content.bytes.extracting(BlockLayout.headerBytes + recordBytes..<content.count))
        content.patch(directory, at: BlockLayout.directoryChecksum)
        let header = Checksum.of(content.bytes.extracting(BlockLayout.versionAt..<BlockLayout.headerBytes))
        content.patch(header, at: BlockLayout.headerChecksum)
        isSealed = true
    }
}
