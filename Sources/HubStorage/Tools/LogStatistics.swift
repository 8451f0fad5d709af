import HubBytes
package import HubModel
import HubSystem

/// The log in numbers, as one snapshot has them: read from counters and from the ends of the log, so that the
/// cost follows the number of names and not that of records.
package struct LogStatistics: Sendable, Equatable {
    /// One of the databases in the log's file.
    package struct DatabaseSize: Sendable, Equatable {
        /// What it is called in the file.
        package let name: String
        /// Entries in it.
        package let entries: Int
        /// Pages that it occupies.
        package let pages: Int
    }

    /// The log's present life.
    package let epoch: Epoch
    /// When the log was made.
    package let created: Timestamp
    /// The format's version.
    package let format: Int
    /// The first offset that is kept.
    package let start: Offset
    /// The offset that the next record will get.
    package let head: Offset
    /// Every record before this offset is in the indexes on disk.
    package let indexedTo: Offset
    /// Up to where the router's checkpoint is true.
    package let stateAppliedTo: Offset
    /// Records that are kept.
    package let records: Int
    /// Those of them that the last checkpoint does not cover.
    package let recordsSinceCheckpoint: Int
    /// Blocks that are kept.
    package let blocks: Int
    /// Those of them that retention has taken records out of; nil if there are too many blocks to look at each.
    package let sparseBlocks: Int?
    /// Bytes of the blocks.
    package let blockBytes: Int
    /// Bytes of the file, as its length.
    package let fileBytes: Int
    /// Bytes that the file occupies on the disk.
    package let allocatedBytes: Int
    /// Bytes of a page of the file.
    package let pageBytes: Int
    /// Pages in use or free for reuse; what the file has beyond was reserved ahead.
    package let pages: Int
    /// Pages that are free for reuse.
    package let freePages: Int
    /// The databases in the file.
    package let databases: [DatabaseSize]
    /// Names of each kind, in the order of `NameKind.allCases`.
    package let names: [Int]
    /// When the oldest record was taken; nil if there is none.
    package let oldest: Timestamp?
    /// When the newest record was taken; nil if there is none.
    package let newest: Timestamp?
    /// Read transactions open in all processes, this one's own not counted; nil if this process cannot know.
    package let readers: Int?
    /// Ranges of offsets that could not be read when the log was opened.
    package let damaged: [Range<Offset>]

    /// More blocks than this are not looked at one by one.
    private static let blocksLookedAtMax = 1 << 16

    /// Bytes of blocks for each record.
    package var bytesPerRecord: Double? { records > 0 ? Double(blockBytes) / Double(records) : nil }

    /// Records in a block.
    package var recordsPerBlock: Double? { blocks > 0 ? Double(records) / Double(blocks) : nil }

    /// Names of a kind.
    package func names(_ kind: NameKind) -> Int {
        NameKind.allCases.firstIndex(of: kind).map { names[$0] } ?? 0
    }

    /// The numbers of an open log.
    package init(of reader: LMDBReader) throws(StorageError) {
        let core = reader.core
        let taken = try core.look { snapshot, changing in
            Taken(
                snapshot: snapshot, bounds: changing.bounds,
                pendingEnd: changing.pending.end,
                pendingBytes: changing.pending.blockBytes, damaged: changing.damaged)
        }
        let snapshot = taken.snapshot
        guard let meta = try LogMeta.read(snapshot) else {
            throw StorageError(.notALog, path: core.path, detail: "the file has no record about a log")
        }
        epoch = meta.epoch
        created = meta.created
        format = LogMeta.version
        start = taken.bounds.start
        head = taken.bounds.head
        indexedTo = meta.indexedTo
        stateAppliedTo = meta.stateAppliedTo
        damaged = taken.damaged
        // A checkpoint that is committed and not yet taken out of the pending index is in the counters already.
        let isCovered = meta.indexedTo >= taken.pendingEnd
        let lost = taken.damaged.reduce(0) { $0 + $1.lowerBound.distance(to: $1.upperBound) }
        recordsSinceCheckpoint = isCovered ? 0 : max(0, meta.indexedTo.distance(to: head) - lost)
        records = meta.records + recordsSinceCheckpoint
        blockBytes = meta.blockBytes + (isCovered ? 0 : taken.pendingBytes)
        blocks = try snapshot.count(.log)
        sparseBlocks = blocks <= Self.blocksLookedAtMax ? try Self.countSparse(snapshot) : nil
        databases = try Self.databases(snapshot)
        names = try Self.countNames(snapshot)
        let facts = core.environment.facts
        pageBytes = facts.pageBytes
        pages = facts.lastPage + 1
        freePages = try snapshot.freePages()
        readers = core.environment.activeReaders().map { max(0, $0 - 1) }
        (oldest, newest) = try Self.times(snapshot)
        let path = core.path
        (fileBytes, allocatedBytes) = try StorageError.wrapping(path: path) { () throws(SystemError) in
            let file = try FileDescriptor.open("\(path)/\(Environment.fileName)", .read)
            return (try file.size(), try file.allocatedSize())
        }
    }

    /// What belongs together: a snapshot, and what is in memory only.
    private struct Taken {
        let snapshot: Snapshot
        let bounds: LogBounds
        let pendingEnd: Offset
        let pendingBytes: Int
        let damaged: [Range<Offset>]
    }

    private static func databases(_ snapshot: Snapshot) throws(StorageError) -> [DatabaseSize] {
        var sizes: [DatabaseSize] = []
        for database in Database.allCases {
            sizes.append(
                DatabaseSize(
                    name: database.name, entries: try snapshot.count(database),
                    pages: try snapshot.pages(database)))
        }
        return sizes
    }

    private static func countSparse(_ snapshot: Snapshot) throws(StorageError) -> Int {
        let cursor = try snapshot.cursor(.log)
        var sparse = 0
        var isThere = try cursor.first()
        while isThere {
            if let block = BlockView(cursor.value), block.isSparse { sparse += 1 }
            isThere = try cursor.next()
        }
        return sparse
    }

    /// Names are sorted by kind, but LMDB does not count a part of a database: each is passed once.
    private static func countNames(_ snapshot: Snapshot) throws(StorageError) -> [Int] {
        var counts = Array(repeating: 0, count: NameKind.allCases.count)
        let cursor = try snapshot.cursor(.nameIndex)
        var isThere = try cursor.first()
        while isThere {
            if !cursor.key.isEmpty, let kind = NameKind(rawValue: cursor.key.load(0, as: UInt8.self)),
                let place = NameKind.allCases.firstIndex(of: kind)
            {
                counts[place] += 1
            }
            isThere = try cursor.next()
        }
        return counts
    }

    private static func times(_ snapshot: Snapshot) throws(StorageError) -> (Timestamp?, Timestamp?) {
        let cursor = try snapshot.cursor(.log)
        var oldest: Timestamp?
        var newest: Timestamp?
        if try cursor.first(), let block = BlockView(cursor.value), block.isHeaderIntact {
            oldest = block.firstTime
        }
        if try cursor.last(), let block = BlockView(cursor.value), block.isHeaderIntact {
            newest = block.lastTime
        }
        return (oldest, newest)
    }
}
