import HubBytes
import HubModel

/// All of a memory log. A value: copying it is taking a snapshot, and costs nothing until one of both changes.
struct MemoryState {
    /// A block, and which of its records a topic's limits have removed.
    struct Kept {
        let segment: MemorySegment
        /// Records that are still there.
        var live: Int
        /// By place in the block; empty while all are there.
        var dead: [Bool] = []

        func isDead(_ offset: Offset) -> Bool {
            !dead.isEmpty && dead[segment.firstOffset.distance(to: offset)]
        }
    }

    var bounds: LogBounds
    var kept: [Kept] = []
    private(set) var names = MemoryNames()
    /// By a name's number.
    var lists: [MemoryList?] = [nil]
    /// Records and bytes of blocks kept.
    var records = 0
    var bytes = 0
    private var router: [[UInt8]: [UInt8]] = [:]

    init(epoch: Epoch) {
        bounds = LogBounds(
            epoch: epoch, start: .zero, head: .zero, lastTime: .none, names: 0, stateAppliedTo: .zero)
    }

    // MARK: Writing

    /// Takes in a block that keeps to the rules.
    mutating func append(_ segment: MemorySegment) {
        let block = segment.view()
        names.add(block)
        lists.append(contentsOf: repeatElement(nil, count: names.count + 1 - lists.count))
        for index in 0..<block.count { addToLists(block.record(at: index)) }
        if kept.isEmpty { bounds.start = segment.firstOffset }
        kept.append(Kept(segment: segment, live: segment.count))
        records += segment.count
        bytes += segment.byteCount
        bounds.head = segment.endOffset
        bounds.lastTime = segment.lastTime
        bounds.names = names.count
    }

    private mutating func addToLists(_ record: RecordView) {
        if record.session != .none {
            add(record, to: record.session, isSession: true, position: record.sequence.rawValue)
        }
        if record.destination != .none {
            add(record, to: record.destination, isSession: false, position: record.offset.rawValue)
        }
    }

    private mutating func add(_ record: RecordView, to id: NameID, isSession: Bool, position: UInt64) {
        let place = Int(id.rawValue)
        if lists[place] == nil { lists[place] = MemoryList(isSession: isSession) }
        lists[place]?.append(
            Posting(position: position, offset: record.offset), bytes: record.bytes.byteCount)
    }

    /// Takes in changes to the router's checkpoint.
    mutating func apply(_ changes: [(key: [UInt8], value: [UInt8]?)], appliedTo: Offset) {
        for change in changes { router[change.key] = change.value }
        bounds.stateAppliedTo = max(bounds.stateAppliedTo, appliedTo)
    }

    // MARK: Reading

    /// The router's checkpoint in order of its keys.
    var sortedRouterState: [(key: [UInt8], value: [UInt8])] {
        router.map { ($0.key, $0.value) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }
    }

    func list(of id: NameID) -> MemoryList? {
        Int(id.rawValue) < lists.count ? lists[Int(id.rawValue)] : nil
    }

    /// The first block that ends behind an offset; `kept.count` if none does.
    func index(endingBehind offset: UInt64) -> Int {
        firstIndex { $0.endOffset.rawValue > offset }
    }

    /// The first block whose last record was taken at or after a time; `kept.count` if none was.
    func index(reaching time: Timestamp) -> Int { firstIndex { $0.lastTime >= time } }

    /// The first block of which something is true that stays true for all behind it.
    private func firstIndex(where isTrue: (MemorySegment) -> Bool) -> Int {
        var low = 0
        var high = kept.count
        while low < high {
            let middle = (low + high) / 2
            if isTrue(kept[middle].segment) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The block that holds the record at an offset, or nil if the record is gone.
    func segment(holding offset: Offset) -> MemorySegment? {
        let index = index(endingBehind: offset.rawValue)
        guard index < kept.count, kept[index].segment.firstOffset <= offset, !kept[index].isDead(offset)
        else { return nil }
        return kept[index].segment
    }
}
