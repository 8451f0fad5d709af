import HubBytes
import HubModel

/// An index entry: which record stands at a position of a session, topic, agent or consumer.
struct Posting: Equatable, BitwiseCopyable {
    /// The sequence number in a session, the offset elsewhere.
    let position: UInt64
    /// The record's place in the log.
    let offset: Offset
}

/// The index of everything since the last checkpoint, in memory only: recovery makes it again from the blocks.
///
/// Entries are four bytes each, in one arena of chunks that double as a list grows, so that a thousand sessions
/// cost no allocation each and one busy session is walked in a few hops.
struct PendingIndex: ~Copyable {
    /// The entries of one session, topic, agent or consumer.
    struct List {
        let id: NameID
        let isSession: Bool
        /// The first entry's sequence number or offset.
        let firstPosition: UInt64
        /// Entries, holes included.
        fileprivate(set) var count = 0
        /// Entries of a session whose records nobody can read: see `PendingIndex.hole`.
        fileprivate(set) var holes = 0
        fileprivate(set) var bytes = 0
        /// Bytes of the smallest record.
        fileprivate(set) var leastBytes = Int.max
        fileprivate(set) var lastOffset: Offset
        fileprivate(set) var lastTime: Timestamp
        fileprivate var firstChunk: Int
        fileprivate var lastChunk: Int
        fileprivate var usedInLast = 0
        fileprivate var roomInLast: Int

        /// The last entry's sequence number or offset.
        var lastPosition: UInt64 { isSession ? firstPosition + UInt64(count) - 1 : lastOffset.rawValue }
    }

    private static let chunkHeader = 2
    private static let firstChunkEntries = 4
    private static let chunkEntriesMax = 1024
    /// Stands for an entry that is not there. Only recovery leaves holes, where a block of the tail is damaged and
    /// the ones behind it are not: a session's later numbers must keep their places. Such a log is not written to.
    private static let hole = UInt32.max

    /// Entries are distances from here.
    private(set) var base: Offset
    /// The offset behind the last block taken in.
    private(set) var end: Offset
    /// Bytes of the blocks taken in.
    private(set) var blockBytes = 0
    private(set) var lists: [List] = []
    /// By a name's number: its list's place and one, or 0.
    private var listOfName: [UInt32] = []
    /// Chunks: where the next one is, how many entries it has room for, then the entries.
    private var arena: [UInt32] = []

    /// An empty index of what comes from an offset on.
    init(from base: Offset) {
        self.base = base
        end = base
    }

    /// The same once more. It costs little until one of the two changes.
    func copy() -> PendingIndex {
        var copy = PendingIndex(from: base)
        copy.end = end
        copy.blockBytes = blockBytes
        copy.lists = lists
        copy.listOfName = listOfName
        copy.arena = arena
        return copy
    }

    /// Forgets everything before `end`, which a checkpoint now covers.
    mutating func clear() {
        for list in lists { listOfName[Int(list.id.rawValue)] = 0 }
        lists.removeAll(keepingCapacity: lists.count < 1 << 16)
        arena.removeAll(keepingCapacity: arena.count < 1 << 22)
        base = end
        blockBytes = 0
    }

    /// Takes in the block that begins at `end`, or behind it where retention has removed blocks.
    mutating func add(_ block: borrowing BlockView) {
        precondition(block.firstOffset >= end)
        var index = 0
        while index < block.count {
            add(block.record(at: index))
            index &+= 1
        }
        end = block.endOffset
        blockBytes += block.bytes.byteCount
    }

    private mutating func add(_ record: RecordView) {
        if record.session != .none {
            add(record, to: record.session, isSession: true, position: record.sequence.rawValue)
        }
        if record.destination != .none {
            add(record, to: record.destination, isSession: false, position: record.offset.rawValue)
        }
    }

    private mutating func add(_ record: RecordView, to id: NameID, isSession: Bool, position: UInt64) {
        let name = Int(id.rawValue)
        if name >= listOfName.count {
            listOfName.append(contentsOf: repeatElement(0, count: max(1024, name + 1 - listOfName.count)))
        }
        if listOfName[name] == 0 { start(id, isSession, position, record) }
        let place = Int(listOfName[name]) - 1
        while isSession, lists[place].firstPosition &+ UInt64(lists[place].count) < position {
            put(Self.hole, place)
            lists[place].holes &+= 1
        }
        put(UInt32(truncatingIfNeeded: base.distance(to: record.offset)), place)
        lists[place].bytes &+= record.bytes.byteCount
        lists[place].leastBytes = min(lists[place].leastBytes, record.bytes.byteCount)
        lists[place].lastOffset = record.offset
        lists[place].lastTime = record.time
    }

    private mutating func put(_ entry: UInt32, _ place: Int) {
        if lists[place].usedInLast == lists[place].roomInLast { extend(place) }
        arena[lists[place].lastChunk &+ Self.chunkHeader &+ lists[place].usedInLast] = entry
        lists[place].usedInLast &+= 1
        lists[place].count &+= 1
    }

    private mutating func start(_ id: NameID, _ isSession: Bool, _ position: UInt64, _ record: RecordView) {
        let chunk = addChunk(entries: Self.firstChunkEntries)
        lists.append(
            List(
                id: id, isSession: isSession, firstPosition: position, lastOffset: record.offset,
                lastTime: record.time, firstChunk: chunk, lastChunk: chunk, roomInLast: Self.firstChunkEntries
            ))
        listOfName[Int(id.rawValue)] = UInt32(lists.count)
    }

    private mutating func extend(_ place: Int) {
        let room = min(lists[place].roomInLast * 2, Self.chunkEntriesMax)
        let chunk = addChunk(entries: room)
        arena[lists[place].lastChunk] = UInt32(chunk)
        lists[place].lastChunk = chunk
        lists[place].roomInLast = room
        lists[place].usedInLast = 0
    }

    private mutating func addChunk(entries: Int) -> Int {
        let chunk = arena.count
        arena.append(0)
        arena.append(UInt32(entries))
        arena.append(contentsOf: repeatElement(0, count: entries))
        return chunk
    }

    /// The entries of a session, topic, agent or consumer, or nil if there are none.
    func list(of id: NameID) -> List? {
        let name = Int(id.rawValue)
        guard name < listOfName.count, listOfName[name] != 0 else { return nil }
        return lists[Int(listOfName[name]) - 1]
    }

    /// The lists in order of their names' numbers: the order in which a checkpoint writes them.
    func sortedLists() -> [List] { lists.sorted { $0.id < $1.id } }

    /// Goes through a list's offsets in order, until `body` says stop by returning false. Holes are left out, and
    /// chunks that end before entry `first` hopped over.
    func forEachOffset(of list: List, from first: Int = 0, _ body: (_ index: Int, Offset) -> Bool) {
        var chunk = list.firstChunk
        var index = 0
        while index < list.count {
            let entries = min(Int(arena[chunk + 1]), list.count - index)
            if index + entries > first {
                var entry = max(first - index, 0)
                while entry < entries {
                    let distance = arena[chunk + Self.chunkHeader + entry]
                    if distance != Self.hole, !body(index + entry, base.advanced(by: Int(distance))) {
                        return
                    }
                    entry += 1
                }
            }
            index += entries
            chunk = Int(arena[chunk])
        }
    }

    /// Appends up to `max` entries of a list at or behind a position, in order.
    func appendForward(
        of id: NameID, from position: UInt64, to end: UInt64, max: Int, _ postings: inout [Posting]
    ) {
        // Whoever asks may name any position; those behind the list are none to count with.
        guard let list = list(of: id), max > 0, position <= list.lastPosition else { return }
        let limit = postings.count + max
        let first = list.isSession && position > list.firstPosition ? Int(position - list.firstPosition) : 0
        forEachOffset(of: list, from: first) { index, offset in
            let here = list.isSession ? list.firstPosition + UInt64(index) : offset.rawValue
            guard here < end, postings.count < limit else { return false }
            if here >= position { postings.append(Posting(position: here, offset: offset)) }
            return true
        }
    }

    /// Appends up to `max` entries of a list before a position and not before another, newest first.
    func appendBackward(
        of id: NameID, from position: UInt64, to end: UInt64, max: Int, _ postings: inout [Posting]
    ) {
        guard let list = list(of: id), max > 0 else { return }
        // Chunks point forward only, so the entries wanted are found forward and then turned round.
        var kept: [Posting] = []
        forEachOffset(of: list, from: firstBackward(list, before: end, max: max)) { index, offset in
            let here = list.isSession ? list.firstPosition + UInt64(index) : offset.rawValue
            guard here < end else { return false }
            if here >= position { kept.append(Posting(position: here, offset: offset)) }
            return true
        }
        postings.append(contentsOf: kept.suffix(max).reversed())
    }

    /// The first entry that a backward read of at most `max` entries can need.
    private func firstBackward(_ list: List, before end: UInt64, max: Int) -> Int {
        guard list.holes == 0, list.isSession || end > list.lastPosition else { return 0 }
        let behind = end > list.lastPosition ? list.count : Int(end) - Int(list.firstPosition)
        return Swift.max(0, behind - max)
    }
}
