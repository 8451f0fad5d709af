import HubBytes
import HubModel

/// What retention is in the middle of. It works in small steps, one `maintain` at a time, so that no commit waits
/// long for it.
struct RetentionPass {
    private(set) var policy: RetentionPolicy
    /// By a topic's number: the limits that apply to it, looked up once.
    var limitsOfTopic: [NameID: RetentionLimits?] = [:]
    /// Bytes of blocks removed since the indexes were last swept of runs that point to nothing.
    var bytesSinceSweep = 0
    /// Where a sweep through an index stands, if one is going on.
    var sweep: Sweep?
    /// Where the walk through the topics stands, if one is going on.
    var topicsFrom: NameID?
    /// When the topics were last walked through.
    var topicsWalked = Timestamp.none
    /// Where the walk through blocks with dead records stands.
    var compactFrom = Offset.zero

    /// A place in an index.
    struct Sweep {
        var database: Database
        var id: NameID
        var position: UInt64
    }

    init(policy: RetentionPolicy) { self.policy = policy }

    mutating func setPolicy(_ policy: RetentionPolicy) {
        self.policy = policy
        limitsOfTopic = [:]
        topicsWalked = .none
    }
}

extension LMDBLog {
    /// Entries of an index that one step looks at.
    static let sweepStep = 4096
    /// How often topics are held to their own limits, in milliseconds.
    static let topicWalkMilliseconds: Int64 = 1000

    /// One step of retention; says whether more is waiting.
    func runRetention(_ now: Timestamp) throws(StorageError) -> Bool {
        var isMore = false
        if try isLogOverLimit(now) { isMore = try dropBlocks(now) || isMore }
        if retention.sweep != nil || isSweepDue { isMore = try sweepStep() || isMore }
        if !retention.policy.topics.isEmpty {
            if isTopicWalkDue(now) { isMore = try walkTopics(now) || isMore }
            isMore = try compactStep() || isMore
        }
        return isMore
    }

    private func isTopicWalkDue(_ now: Timestamp) -> Bool {
        retention.topicsFrom != nil
            || now >= retention.topicsWalked.adding(milliseconds: Self.topicWalkMilliseconds)
            || now < retention.topicsWalked
    }

    /// A transaction for retention: small, and in the room that is kept free for it.
    func retentionTransaction(_ bytes: Int = 0) throws(StorageError) -> WriteTransaction {
        do throws(StorageError) {
            try file.prepare(bytes, core.environment)
        } catch {
            // With no room left, giving some back is just what must go on: the reserve is for this.
            guard error.isTransient else { throw error }
        }
        return try core.environment.write()
    }

    // MARK: Whole blocks

    /// The first block, whether the limits let it go, and how much goes with it.
    private struct Oldest {
        let end: Offset
        let records: Int
        let bytes: Int
        let lastTime: Timestamp
    }

    private func isOver(_ limits: RetentionLimits, _ block: Oldest, _ now: Timestamp) -> Bool {
        let total = totals
        return limits.letGo(
            recordsBehind: total.records - block.records, bytesBehind: total.bytes - block.bytes,
            lastTime: block.lastTime, now: now)
    }

    /// Records and bytes of blocks in the log.
    var totals: (records: Int, bytes: Int) {
        let pending = core.readAsWriter { $0.pending.blockBytes }
        return (meta.records + recordsSinceCheckpoint, meta.blockBytes + pending)
    }

    private func isLogOverLimit(_ now: Timestamp) throws(StorageError) -> Bool {
        let limits = retention.policy.log
        guard !limits.isUnlimited else { return false }
        let snapshot = try core.environment.read()
        let cursor = try snapshot.cursor(.log)
        guard try cursor.first(), let block = try oldest(cursor) else { return false }
        return isOver(limits, block, now)
    }

    /// The block at the cursor if it may go at all: behind it there is another, and the indexes have been
    /// written past it.
    private func oldest(_ cursor: borrowing Cursor) throws(StorageError) -> Oldest? {
        guard let key = cursor.key.offsetKey else { return nil }
        let head = core.readAsWriter { $0.bounds.head }
        guard let block = BlockView(cursor.value), block.isHeaderIntact else {
            // Nobody can read it, so nothing is lost with it. It weighs what its bytes do, and had as many records
            // as there are offsets up to the next block: otherwise they would count among those kept for ever.
            let bytes = cursor.value.byteCount
            guard try cursor.next(), let end = cursor.key.offsetKey, end <= meta.indexedTo else { return nil }
            return Oldest(end: end, records: key.distance(to: end), bytes: bytes, lastTime: .none)
        }
        guard block.endOffset <= meta.indexedTo, block.endOffset < head else { return nil }
        return Oldest(
            end: block.endOffset, records: block.count, bytes: block.bytes.byteCount, lastTime: block.lastTime
        )
    }

    private func dropBlocks(_ now: Timestamp) throws(StorageError) -> Bool {
        let limits = retention.policy.log
        var transaction = try retentionTransaction()
        var dropped = 0
        var isMore = false
        let before = meta
        do throws(StorageError) {
            while let (key, block) = try firstBlock(transaction), isOver(limits, block, now) {
                if dropped >= options.retentionBytesPerCall {
                    isMore = true
                    break
                }
                try transaction.remove(.log, StoreKey(key))
                try transaction.remove(.space, StoreKey(key))
                meta.records = max(0, meta.records - block.records)
                meta.blockBytes -= block.bytes
                dropped += block.bytes
            }
            guard dropped > 0 else { return false }
            let start = try firstKey(transaction)
            try meta.write(&transaction)
            try transaction.commit()
            core.change { if let start { $0.bounds.start = start } }
        } catch {
            meta = before
            throw error
        }
        retention.bytesSinceSweep += dropped
        return isMore
    }

    private func firstBlock(
        _ transaction: borrowing WriteTransaction
    ) throws(StorageError) -> (Offset, Oldest)? {
        let cursor = try transaction.cursor(.log)
        guard try cursor.first(), let key = cursor.key.offsetKey, let block = try oldest(cursor) else {
            return nil
        }
        return (key, block)
    }

    private func firstKey(_ transaction: borrowing WriteTransaction) throws(StorageError) -> Offset? {
        let cursor = try transaction.cursor(.log)
        return try cursor.first() ? cursor.key.offsetKey : nil
    }

    // MARK: Index runs that point to blocks that are gone

    /// An eighth of the log may be gone before the indexes are swept: their own waste stays as small.
    private var isSweepDue: Bool {
        retention.bytesSinceSweep > 0 && retention.bytesSinceSweep >= totals.bytes / 8
    }

    private func sweepStep() throws(StorageError) -> Bool {
        if retention.sweep == nil {
            retention.bytesSinceSweep = 0
            retention.sweep = RetentionPass.Sweep(database: .sessions, id: .none, position: 0)
        }
        guard let sweep = retention.sweep else { return false }
        let start = core.readAsWriter { $0.bounds.start }
        let (dead, next) = try deadRuns(sweep, before: start)
        if !dead.isEmpty {
            var transaction = try retentionTransaction(dead.count * 128)
            for run in dead {
                try transaction.remove(sweep.database, StoreKey(run.id, position: run.position))
                try Trim.extend(&transaction, run.id, through: run.through, count: run.count)
            }
            try transaction.commit()
        }
        retention.sweep = next
        return next != nil
    }

    private struct DeadRun {
        let id: NameID
        let position: UInt64
        let through: UInt64
        let count: Int
    }

    /// The runs among the next few that end before the log begins, and where to go on.
    private func deadRuns(
        _ sweep: RetentionPass.Sweep, before start: Offset
    ) throws(StorageError) -> ([DeadRun], RetentionPass.Sweep?) {
        let snapshot = try core.environment.read()
        let cursor = try snapshot.cursor(sweep.database)
        var dead: [DeadRun] = []
        var isThere = try cursor.seek(atOrAfter: StoreKey(sweep.id, position: sweep.position))
        var looked = 0
        while isThere, let key = cursor.key.runKey {
            if looked == Self.sweepStep {
                return (
                    dead, RetentionPass.Sweep(database: sweep.database, id: key.id, position: key.position)
                )
            }
            if let run = IndexRun(cursor.value), run.lastOffset < start {
                let through =
                    sweep.database == .sessions
                    ? key.position + UInt64(run.count) - 1 : run.lastOffset.rawValue
                dead.append(
                    DeadRun(id: key.id, position: key.position, through: through, count: run.liveCount))
            }
            looked += 1
            isThere = try cursor.next()
        }
        let next: RetentionPass.Sweep? =
            sweep.database == .sessions
            ? RetentionPass.Sweep(database: .topics, id: .none, position: 0) : nil
        return (dead, next)
    }
}
