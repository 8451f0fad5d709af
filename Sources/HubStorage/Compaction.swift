import HubBytes
import HubModel

/// Rewriting blocks that are mostly dead: what is left of them goes into sparse blocks, joined with the one before
/// where that is sparse too, so that a few records kept for long do not hold whole blocks.
extension LMDBLog {
    /// A block is rewritten once half of it is dead.
    private static let deadShare = 2
    /// Sparse blocks are joined up to this size.
    private static let joinedBytesMax = 1 << 20

    /// One step through the blocks with dead records; says whether some are left.
    func compactStep() throws(StorageError) -> Bool {
        let candidates = try candidates()
        guard !candidates.keys.isEmpty else { return candidates.isMore }
        var transaction = try retentionTransaction(2 * candidates.bytes)
        var totals = meta
        for key in candidates.keys { try rewrite(key, &transaction, &totals) }
        try totals.write(&transaction)
        let start = try firstOffset(transaction)
        try transaction.commit()
        meta = totals
        core.change { if let start { $0.bounds.start = start } }
        return candidates.isMore
    }

    private func firstOffset(_ transaction: borrowing WriteTransaction) throws(StorageError) -> Offset? {
        let cursor = try transaction.cursor(.log)
        return try cursor.first() ? cursor.key.offsetKey : nil
    }

    /// Blocks to rewrite in this step: mostly dead, written to the indexes already, and not the newest.
    private func candidates() throws(StorageError) -> (keys: [Offset], bytes: Int, isMore: Bool) {
        let snapshot = try core.environment.read()
        let space = try snapshot.cursor(.space)
        let log = try snapshot.cursor(.log)
        let head = core.readAsWriter { $0.bounds.head }
        var keys: [Offset] = []
        var bytes = 0
        var looked = 0
        var isThere = try space.seek(atOrAfter: StoreKey(retention.compactFrom))
        while isThere, let key = space.key.offsetKey {
            if bytes >= options.retentionBytesPerCall || looked >= Self.sweepStep {
                retention.compactFrom = key
                return (keys, bytes, true)
            }
            if try log.seek(atOrAfter: StoreKey(key)), log.key.offsetKey == key,
                let block = BlockView(log.value), block.endOffset <= meta.indexedTo, block.endOffset < head,
                DeadSpace.read(space.value) >= block.bytes.byteCount / Self.deadShare, block.isIntact
            {
                keys.append(key)
                bytes += block.bytes.byteCount
            }
            looked += 1
            isThere = try space.next()
        }
        retention.compactFrom = .zero
        return (keys, bytes, false)
    }

    private func rewrite(
        _ key: Offset, _ transaction: inout WriteTransaction, _ totals: inout LogMeta
    ) throws(StorageError) {
        var remains = SparseBlock()
        let dead = try split(key, transaction, &remains)
        try forget(dead, &transaction)
        try transaction.remove(.space, StoreKey(key))
        try transaction.remove(.log, StoreKey(key))
        totals.records -= dead.count
        totals.blockBytes -= remains.originalBytes
        guard remains.count > 0 else { return }
        if let before = try joinable(key, transaction, remains.byteCount) {
            var joined = SparseBlock()
            try load(before, transaction, &joined)
            joined.append(contentsOf: remains)
            totals.blockBytes -= joined.originalBytes
            try transaction.remove(.log, StoreKey(before))
            remains = joined
        }
        remains.seal()
        totals.blockBytes += remains.byteCount
        try transaction.put(.log, StoreKey(remains.firstOffset), remains.bytes)
    }

    /// A dead record: what the index of its session must forget.
    struct DeadRecord {
        let session: NameID
        let sequence: UInt64
    }

    /// Copies what is alive, and lists what is dead: a record about a topic whose oldest records, itself among
    /// them, have left the index.
    private func split(
        _ key: Offset, _ transaction: borrowing WriteTransaction, _ remains: inout SparseBlock
    ) throws(StorageError) -> [DeadRecord] {
        guard let value = try transaction.value(.log, StoreKey(key)), let block = BlockView(value) else {
            return []
        }
        remains.begin(block)
        var trims: [NameID: Trim] = [:]
        var dead: [DeadRecord] = []
        for index in 0..<block.count {
            let record = block.record(at: index)
            let topic = record.destination
            var trim = trims[topic]
            if trim == nil {
                trim = topic == .none ? Trim.none : try Trim.read(transaction, topic)
                trims[topic] = trim
            }
            if let trim, trim.count > 0, record.offset.rawValue <= trim.through {
                dead.append(DeadRecord(session: record.session, sequence: record.sequence.rawValue))
            } else {
                remains.append(record)
            }
        }
        return dead
    }

    private func load(
        _ key: Offset, _ transaction: borrowing WriteTransaction, _ block: inout SparseBlock
    ) throws(StorageError) {
        guard let value = try transaction.value(.log, StoreKey(key)), let view = BlockView(value) else {
            return
        }
        block.begin(view)
        for index in 0..<view.count { block.append(view.record(at: index)) }
    }

    /// The block before, if it is sparse and small enough to be joined.
    private func joinable(
        _ key: Offset, _ transaction: borrowing WriteTransaction, _ bytes: Int
    ) throws(StorageError) -> Offset? {
        let cursor = try transaction.cursor(.log)
        guard
            try cursor.seek(atOrBefore: StoreKey(key)), let before = cursor.key.offsetKey,
            let block = BlockView(cursor.value), block.isSparse, block.isIntact,
            block.bytes.byteCount + bytes <= Self.joinedBytesMax,
            before.distance(to: key) < Int(Int32.max)
        else { return nil }
        return before
    }

    // MARK: The sessions' index

    private func forget(
        _ dead: [DeadRecord], _ transaction: inout WriteTransaction
    ) throws(StorageError) {
        let sorted = dead.filter { $0.session != .none }.sorted {
            ($0.session, $0.sequence) < ($1.session, $1.sequence)
        }
        var index = 0
        while index < sorted.count {
            index = try forgetRun(sorted, from: index, &transaction)
        }
    }

    /// Takes the entries that one run holds out of it; the index of the first dead record behind the run.
    private func forgetRun(
        _ dead: [DeadRecord], from first: Int, _ transaction: inout WriteTransaction
    ) throws(StorageError) -> Int {
        let session = dead[first].session
        guard let old = try sessionRun(session, dead[first].sequence, transaction) else { return first + 1 }
        var entries = old.entries
        var next = first
        while next < dead.count, dead[next].session == session, dead[next].sequence < old.end {
            if dead[next].sequence >= old.position { entries[Int(dead[next].sequence - old.position)] = nil }
            next += 1
        }
        try transaction.remove(.sessions, StoreKey(session, position: old.position))
        let leading = entries.prefix { $0 == nil }.count
        let removed = old.entries.prefix(leading).filter { $0 != nil }.count
        if leading > 0 {
            try Trim.extend(
                &transaction, session, through: old.position + UInt64(leading) - 1, count: removed)
        }
        if leading < entries.count {
            var builder = IndexRunBuilder()
            for entry in entries[leading...] { builder.append(entry) }
            let key = StoreKey(session, position: old.position + UInt64(leading))
            try transaction.put(
                .sessions, key, builder.finish(recordBytes: old.bytes, lastTime: old.lastTime))
        }
        return next
    }

    private struct SessionRun {
        let position: UInt64
        let entries: [Offset?]
        let bytes: Int
        let lastTime: Timestamp
        var end: UInt64 { position + UInt64(entries.count) }
    }

    private func sessionRun(
        _ session: NameID, _ sequence: UInt64, _ transaction: borrowing WriteTransaction
    ) throws(StorageError) -> SessionRun? {
        let cursor = try transaction.cursor(.sessions)
        guard
            try cursor.seek(atOrBefore: StoreKey(session, position: sequence)),
            let key = cursor.key.runKey, key.id == session, let run = IndexRun(cursor.value),
            sequence < key.position + UInt64(run.count)
        else { return nil }
        var entries: [Offset?] = []
        run.forEach { _, offset in
            entries.append(offset)
            return true
        }
        return SessionRun(
            position: key.position, entries: entries, bytes: run.recordBytes, lastTime: run.lastTime)
    }
}
