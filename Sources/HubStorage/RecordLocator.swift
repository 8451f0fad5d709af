import HubBytes
import HubModel

/// Finds records by their offsets in the blocks of a snapshot, keeping the block where the last one was.
struct RecordLocator: ~Copyable, ~Escapable {
    private let cursor: Cursor
    private var block: BlockView?
    /// What the block kept covers.
    private var first = Offset.zero
    private var end = Offset.zero
    /// Whether what is kept is a hole or a block that is damaged.
    private var isBad = false

    @_lifetime(borrow snapshot)
    init(_ snapshot: borrowing Snapshot) throws(StorageError) {
        cursor = try snapshot.cursor(.log)
        block = nil
    }

    /// What was found at an offset.
    enum Finding: ~Escapable {
        /// The record, its checksum verified.
        case record(RecordView)
        /// Nothing: retention removed it.
        case gone
        /// Bytes that are not what was written.
        case damaged
    }

    /// The record at an offset.
    @_lifetime(copy self)
    mutating func find(_ offset: Offset) throws(StorageError) -> Finding {
        if offset < first || offset >= end { try load(offset) }
        if isBad { return .damaged }
        guard let block else { return .gone }
        let index = block.index(atOrAfter: offset)
        guard index < block.count, block.offset(at: index) == offset else {
            return block.isSparse && !block.isDirectoryIntact ? .damaged : .gone
        }
        guard
            let record = block.record(atPosition: block.position(at: index)), record.isIntact,
            record.offset == offset
        else { return .damaged }
        return .record(record)
    }

    /// Goes to the block that covers an offset, or notes the hole there.
    @_lifetime(self: copy self)
    private mutating func load(_ offset: Offset) throws(StorageError) {
        block = nil
        isBad = false
        first = offset
        end = offset.next
        guard try cursor.seek(atOrBefore: StoreKey(offset)), let key = cursor.key.offsetKey else { return }
        // Safety: what the cursor shows is mapped for as long as its snapshot, on which this value depends; the
        // borrow of the cursor alone would end with this call.
        let bytes = unsafe _overrideLifetime(cursor.value, copying: self)
        guard let found = BlockView(bytes), found.isHeaderIntact, found.firstOffset == key else {
            first = key
            isBad = true
            return
        }
        guard offset < found.endOffset else { return }
        first = key
        end = found.endOffset
        block = found
    }
}
