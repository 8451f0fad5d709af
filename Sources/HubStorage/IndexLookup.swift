import HubBytes
import HubModel

/// Reads the indexes as a checkpoint left them.
enum IndexLookup {
    /// Appends up to `max` entries at or behind a position and before another, in order.
    static func appendForward(
        _ snapshot: Snapshot, _ id: NameID, isSession: Bool, from: UInt64, to: UInt64, max: Int,
        _ postings: inout [Posting]
    ) throws(StorageError) {
        let cursor = try snapshot.cursor(isSession ? .sessions : .topics)
        let limit = postings.count + max
        // The run wanted is the last that begins at or before the position, or else the first behind it.
        var isThere = try cursor.seek(atOrBefore: StoreKey(id, position: from))
        if !isThere || cursor.key.runKey?.id != id {
            isThere = try cursor.seek(atOrAfter: StoreKey(id, position: from))
        }
        while isThere, postings.count < limit, let key = cursor.key.runKey, key.id == id, key.position < to {
            let run = try run(cursor, snapshot)
            run.forEach { index, offset in
                guard let offset else { return true }
                let position = isSession ? key.position + UInt64(index) : offset.rawValue
                guard position < to, postings.count < limit else { return false }
                if position >= from { postings.append(Posting(position: position, offset: offset)) }
                return true
            }
            isThere = try cursor.next()
        }
    }

    /// Appends up to `max` entries before a position and not before another, newest first.
    static func appendBackward(
        _ snapshot: Snapshot, _ id: NameID, isSession: Bool, from: UInt64, to: UInt64, max: Int,
        _ postings: inout [Posting]
    ) throws(StorageError) {
        guard to > 0 else { return }
        let cursor = try snapshot.cursor(isSession ? .sessions : .topics)
        let limit = postings.count + max
        var isThere = try cursor.seek(atOrBefore: StoreKey(id, position: to - 1))
        while isThere, postings.count < limit, let key = cursor.key.runKey, key.id == id {
            var kept: [Posting] = []
            let run = try run(cursor, snapshot)
            run.forEach { index, offset in
                guard let offset else { return true }
                let position = isSession ? key.position + UInt64(index) : offset.rawValue
                if position >= from, position < to {
                    kept.append(Posting(position: position, offset: offset))
                }
                return true
            }
            postings.append(contentsOf: kept.suffix(limit - postings.count).reversed())
            if key.position <= from { return }
            isThere = try cursor.previous()
        }
    }

    @_lifetime(borrow cursor)
    private static func run(
        _ cursor: borrowing Cursor, _ snapshot: Snapshot
    ) throws(StorageError) -> IndexRun {
        guard let run = IndexRun(cursor.value) else {
            let key = cursor.key.runKey
            throw StorageError(
                .damaged(nil), path: snapshot.environment.path,
                detail: "index of \(key?.id ?? .none) from \(key?.position ?? 0)")
        }
        return run
    }

    /// What the indexes hold of a session, topic, agent or consumer. Entries of blocks that are gone stay in the
    /// indexes until a sweep, so those before the log's beginning do not count.
    static func extent(
        _ snapshot: Snapshot, _ id: NameID, isSession: Bool
    ) throws(StorageError) -> NameExtent {
        var extent = NameExtent.empty
        extent.removedThrough = try Trim.read(snapshot, id).through
        extent.last = extent.removedThrough
        let start = try start(snapshot)
        let cursor = try snapshot.cursor(isSession ? .sessions : .topics)
        var isThere = try cursor.seek(atOrAfter: StoreKey(id, position: 0))
        while isThere, let key = cursor.key.runKey, key.id == id {
            let run = try run(cursor, snapshot)
            let last = isSession ? key.position + UInt64(run.count) - 1 : run.lastOffset.rawValue
            extent.last = max(extent.last, last)
            if run.firstOffset >= start {
                if extent.first == nil { extent.first = key.position }
                extent.count += run.liveCount
            } else {
                count(run, from: start, isSession ? key.position : nil, &extent)
            }
            isThere = try cursor.next()
        }
        return extent
    }

    /// Counts the entries of a run, part of which is gone.
    private static func count(
        _ run: borrowing IndexRun, from start: Offset, _ sequence: UInt64?, _ extent: inout NameExtent
    ) {
        run.forEach { index, offset in
            guard let offset else { return true }
            let position = sequence.map { $0 + UInt64(index) } ?? offset.rawValue
            if offset < start {
                extent.removedThrough = max(extent.removedThrough, position)
            } else {
                if extent.first == nil { extent.first = position }
                extent.count += 1
            }
            return true
        }
    }

    /// The first offset of the log as a snapshot has it.
    private static func start(_ snapshot: Snapshot) throws(StorageError) -> Offset {
        let cursor = try snapshot.cursor(.log)
        return try cursor.first() ? cursor.key.offsetKey ?? .zero : .zero
    }

    /// Where the last record of a topic is of which retention has left anything.
    static func lastKept(_ snapshot: Snapshot, topic: NameID) throws(StorageError) -> Offset? {
        let cursor = try snapshot.cursor(.topics)
        guard
            try cursor.seek(atOrBefore: StoreKey(topic, position: UInt64.max)), cursor.key.runKey?.id == topic
        else { return nil }
        return try run(cursor, snapshot).lastOffset
    }

    /// The last position of a session, topic, agent or consumer, without counting what comes before. What was
    /// removed may lie behind what is left: a session's numbers must not begin again there.
    static func last(_ snapshot: Snapshot, _ id: NameID, isSession: Bool) throws(StorageError) -> UInt64 {
        let removed = try Trim.read(snapshot, id).through
        let cursor = try snapshot.cursor(isSession ? .sessions : .topics)
        guard
            try cursor.seek(atOrBefore: StoreKey(id, position: UInt64.max)),
            let key = cursor.key.runKey, key.id == id
        else { return removed }
        let run = try run(cursor, snapshot)
        return max(removed, isSession ? key.position + UInt64(run.count) - 1 : run.lastOffset.rawValue)
    }
}
