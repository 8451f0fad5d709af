import CLMDB
import HubBytes
import HubModel

/// Finds records by their offsets in the blocks of a snapshot.
///
/// Records of one session lie far apart, so that each look would wait for memory twice: for the directory's entry,
/// then for the record. They are therefore looked for in batches, in steps: all entries are fetched, then all
/// records, then each is checked, and the memory's delays overlap.
struct RecordLocator: ~Copyable, ~Escapable {
    private let cursor: Cursor
    private let path: String
    /// The blocks of the batch that is being looked for; the last one is kept for the next batch.
    private var blocks: [Place] = []
    private var targets: [Target] = []

    /// What was found at an offset.
    enum Finding: ~Escapable {
        /// The record, its checksum verified.
        case record(RecordView)
        /// Nothing: retention removed it.
        case gone
        /// Bytes that are not what was written.
        case damaged
    }

    /// A block whose header was verified, or what is there instead.
    private struct Place {
        let bytes: MappedBytes
        let first: Offset
        let end: Offset
        let state: State
        enum State { case block, hole, damaged }
    }

    /// An offset that is looked for.
    private struct Target {
        let offset: Offset
        /// Its block's place in `blocks`.
        let block: Int
        /// Where the directory's entry lies in the block, then where the record lies; 0 if nowhere.
        var position: Int
    }

    /// How many records are looked for at once: enough to keep the memory busy, few enough to stay in the cache.
    static let batch = 32

    @_lifetime(borrow snapshot)
    init(_ snapshot: borrowing Snapshot) throws(StorageError) {
        cursor = try snapshot.cursor(.log)
        path = snapshot.environment.path
    }

    /// The record at an offset.
    mutating func find(
        _ offset: Offset, _ body: (Finding) throws(StorageError) -> Void
    ) throws(StorageError) {
        try find(count: 1, { _ in offset }, { (_, finding) throws(StorageError) in try body(finding) })
    }

    /// Looks for up to `batch` offsets, which should be in order, and hands over what was found in that order.
    mutating func find(
        count: Int, _ offset: (Int) -> Offset,
        _ body: (_ index: Int, Finding) throws(StorageError) -> Void
    ) throws(StorageError) {
        precondition(count <= Self.batch)
        if blocks.count > 1 { blocks.removeSubrange(..<(blocks.count - 1)) }
        targets.removeAll(keepingCapacity: true)
        for index in 0..<count { try aim(at: offset(index)) }
        for index in targets.indices { locate(index) }
        for index in targets.indices { try body(index, finding(targets[index])) }
    }

    /// Looks for postings in their order, batch by batch, until `body` returns false; whether it never did.
    mutating func find(
        _ postings: [Posting], _ body: (Posting, Finding) -> Bool
    ) throws(StorageError) -> Bool {
        var index = 0
        var goesOn = true
        while index < postings.count, goesOn {
            let batch = min(postings.count - index, Self.batch)
            try find(count: batch) {
                postings[index + $0].offset
            } _: { place, finding in
                goesOn = goesOn && body(postings[index + place], finding)
            }
            index += batch
        }
        return goesOn
    }

    /// Finds the block of an offset and begins to fetch the directory's entry.
    private mutating func aim(at offset: Offset) throws(StorageError) {
        if blocks.last.map({ offset < $0.first || offset >= $0.end }) ?? true {
            blocks.append(try Self.place(of: offset, cursor))
        }
        let place = blocks[blocks.count - 1]
        var target = Target(offset: offset, block: blocks.count - 1, position: 0)
        if place.state == .block, let block = BlockView(place.bytes.span) {
            let index = block.index(atOrAfter: offset)
            if index < block.count {
                target.position = block.entryPosition(at: index)
                place.bytes.prefetch(target.position)
            }
        }
        targets.append(target)
    }

    /// Reads the directory's entry and begins to fetch the record.
    private mutating func locate(_ index: Int) {
        let target = targets[index]
        guard target.position > 0 else { return }
        let bytes = blocks[target.block].bytes
        let position = Int(bytes.span.load(target.position, as: UInt32.self))
        targets[index].position = position
        var line = 0
        while line < 6 {
            bytes.prefetch(position &+ line &* 64)
            line &+= 1
        }
    }

    @_lifetime(copy self)
    private func finding(_ target: Target) -> Finding {
        let place = blocks[target.block]
        switch place.state {
        case .hole: return .gone
        case .damaged: return .damaged
        case .block: break
        }
        guard let block = BlockView(place.bytes.span) else { return .damaged }
        guard target.position > 0 else { return block.isDirectoryIntact ? .gone : .damaged }
        guard let record = block.record(atPosition: target.position), record.isIntact else { return .damaged }
        if record.offset != target.offset {
            // In a sparse block the next record behind one that is gone; in a dense one a directory that lies.
            return block.isSparse && block.isDirectoryIntact ? .gone : .damaged
        }
        // Safety: the bytes are mapped for as long as the snapshot lives, on which this value depends.
        return .record(unsafe _overrideLifetime(record, copying: self))
    }

    /// The block that covers an offset, or the hole there.
    private static func place(of offset: Offset, _ cursor: borrowing Cursor) throws(StorageError) -> Place {
        let hole = Place(bytes: MappedBytes(), first: offset, end: offset.next, state: .hole)
        guard try cursor.seek(atOrBefore: StoreKey(offset)), let key = cursor.key.offsetKey else {
            return hole
        }
        guard let block = BlockView(cursor.value), block.isHeaderIntact, block.firstOffset == key else {
            return Place(bytes: MappedBytes(), first: key, end: offset.next, state: .damaged)
        }
        guard offset < block.endOffset else { return hole }
        return Place(bytes: MappedBytes(cursor.value), first: key, end: block.endOffset, state: .block)
    }
}

/// Bytes of a snapshot whose lifetime the locator looks after.
@safe private struct MappedBytes {
    private let start: UnsafeRawPointer?
    private let count: Int

    init() {
        // Safety: no bytes at all.
        unsafe start = nil
        count = 0
    }

    init(_ span: RawSpan) {
        // Safety: only the locator keeps these, and it cannot outlive the snapshot that maps them.
        unsafe start = span.withUnsafeBytes { $0.baseAddress }
        count = span.byteCount
    }

    var span: RawSpan {
        @_lifetime(borrow self) get {
            // Safety: as above.
            let span = unsafe RawSpan(_unsafeStart: start.unsafelyUnwrapped, byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    func prefetch(_ position: Int) {
        guard position >= 0, position < count else { return }
        // Safety: inside the bytes; and a prefetch reads nothing that the program sees.
        unsafe clmdb_prefetch(start.unsafelyUnwrapped + position)
    }
}
