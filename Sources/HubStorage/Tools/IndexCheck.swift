import HubBytes
import HubModel

/// Where the indexes should say that some records are.
struct RecordBatch {
    /// An index entry as it should be.
    struct Entry: BitwiseCopyable {
        let id: NameID
        let position: UInt64
        let offset: Offset

        static func precedes(_ left: Entry, _ right: Entry) -> Bool {
            left.id.rawValue != right.id.rawValue
                ? left.id.rawValue < right.id.rawValue : left.position < right.position
        }
    }

    /// Whether the records lie behind the last checkpoint.
    var isPending = false
    private(set) var count = 0
    fileprivate var sessions: [Entry] = []
    fileprivate var topics: [Entry] = []

    mutating func add(_ record: RecordView) {
        count += 1
        if record.session != .none {
            sessions.append(
                Entry(id: record.session, position: record.sequence.rawValue, offset: record.offset))
        }
        if record.destination != .none {
            topics.append(
                Entry(id: record.destination, position: record.offset.rawValue, offset: record.offset))
        }
    }

    fileprivate mutating func removeAll() {
        count = 0
        sessions.removeAll(keepingCapacity: true)
        topics.removeAll(keepingCapacity: true)
    }
}

/// From the records to the index entries: each must be there.
extension CheckRun {
    func compare(_ batch: inout RecordBatch) throws(StorageError) {
        batch.sessions.sort(by: RecordBatch.Entry.precedes)
        batch.topics.sort(by: RecordBatch.Entry.precedes)
        if batch.isPending {
            compareWithPending(batch.sessions, isSession: true)
            compareWithPending(batch.topics, isSession: false)
        } else {
            try compare(batch.sessions, with: .sessions)
            try compare(batch.topics, with: .topics)
        }
        batch.removeAll()
    }

    private func compare(
        _ entries: [RecordBatch.Entry], with database: Database
    ) throws(StorageError) {
        let snapshot = snapshot
        let cursor = try snapshot.cursor(database)
        var first = 0
        while first < entries.count {
            let id = entries[first].id
            var end = first + 1
            while end < entries.count, entries[end].id == id { end += 1 }
            // A topic's records that retention gave up leave the index at once and their blocks later.
            if database == .topics, let trim = try readableTrim(id), trim.count > 0 {
                while first < end, entries[first].position <= trim.through { first += 1 }
            }
            if first < end { try compareOne(entries[first..<end], cursor, database) }
            first = end
        }
    }

    /// What retention removed of a name; nil if nothing or if it cannot be read.
    func readableTrim(_ id: NameID) throws(StorageError) -> Trim? {
        let snapshot = snapshot
        guard let value = try snapshot.value(.trims, StoreKey(id)) else { return nil }
        return Trim(value)
    }

    /// Compares the records of one name, in order, with its runs.
    private func compareOne(
        _ entries: ArraySlice<RecordBatch.Entry>, _ cursor: borrowing Cursor, _ database: Database
    ) throws(StorageError) {
        let id = entries[entries.startIndex].id
        let isSession = database == .sessions
        let name = Int(id.rawValue)
        let start = StoreKey(id, position: entries[entries.startIndex].position)
        var isThere = try cursor.seek(atOrBefore: start)
        if !isThere || cursor.key.runKey?.id != id { isThere = try cursor.seek(atOrAfter: start) }
        var next = entries.startIndex
        while next < entries.endIndex, isThere, let key = cursor.key.runKey, key.id == id {
            guard let run = IndexRun(cursor.value) else {
                unreadable.insert(id)
                return
            }
            run.forEach { index, offset in
                let position = isSession ? key.position + UInt64(index) : offset?.rawValue ?? 0
                while next < entries.endIndex, entries[next].position < position {
                    noteMissing(entries[next], isSession ? .sessions : .topics)
                    next += 1
                }
                guard next < entries.endIndex else { return false }
                guard entries[next].position == position else { return true }
                if offset == entries[next].offset {
                    if name < matched.count { matched[name] += 1 }
                } else {
                    noteMissing(entries[next], isSession ? .sessions : .topics)
                }
                next += 1
                return true
            }
            if next < entries.endIndex { isThere = try cursor.next() }
        }
        while next < entries.endIndex {
            noteMissing(entries[next], isSession ? .sessions : .topics)
            next += 1
        }
    }

    private func noteMissing(_ entry: RecordBatch.Entry, _ part: CheckFinding.Part) {
        note(
            part, offset: entry.offset, name: entry.id,
            "record \(entry.offset) is not in the index of \(entry.id)")
    }

    // MARK: The index in memory

    private func compareWithPending(_ entries: [RecordBatch.Entry], isSession: Bool) {
        var first = 0
        while first < entries.count {
            let id = entries[first].id
            var end = first + 1
            while end < entries.count, entries[end].id == id { end += 1 }
            compareOneWithPending(entries[first..<end], isSession: isSession)
            first = end
        }
    }

    private func compareOneWithPending(_ entries: ArraySlice<RecordBatch.Entry>, isSession: Bool) {
        var next = entries.startIndex
        let first = entries[next]
        if let list = pending.list(of: first.id), list.isSession == isSession {
            let skipped =
                isSession && first.position > list.firstPosition
                ? Int(first.position - list.firstPosition) : 0
            pending.forEachOffset(of: list, from: skipped) { index, offset in
                let position = isSession ? list.firstPosition + UInt64(index) : offset.rawValue
                while next < entries.endIndex, entries[next].position < position {
                    noteMissing(entries[next], .pending)
                    next += 1
                }
                guard next < entries.endIndex else { return false }
                guard entries[next].position == position else { return true }
                if entries[next].offset == offset {
                    matchedPending += 1
                } else {
                    noteMissing(entries[next], .pending)
                }
                next += 1
                return true
            }
        }
        while next < entries.endIndex {
            // A block that is committed and not yet known to the index is no fault: it was taken in between.
            if entries[next].offset < pending.end { noteMissing(entries[next], .pending) }
            next += 1
        }
    }

    func checkPendingCount() {
        var expected = 0
        for list in pending.lists {
            pending.forEachOffset(of: list) { _, offset in
                // What a checkpoint covers meanwhile is in the indexes on disk.
                if offset >= meta.indexedTo { expected += 1 }
                return true
            }
        }
        report.entries += expected
        if expected != matchedPending, report.damaged.isEmpty {
            note(
                .pending,
                "the index in memory has \(expected) entries, \(matchedPending) of them for records that exist"
            )
        }
    }
}
