import HubBytes
import HubModel

/// From the index entries to the records: each must be there.
///
/// Every record was compared with its entry before, so the entries of a name are right if they are as many. Only
/// where they are not is each of them looked up.
extension CheckRun {
    /// What is known of the name whose runs are being read.
    private struct Reading {
        let id: NameID
        let trim: Trim
        /// Entries for records that should be there.
        var entries = 0
        /// The position behind the last run.
        var end: UInt64?
    }

    func checkRuns(of database: Database) throws(StorageError) {
        let snapshot = snapshot
        let cursor = try snapshot.cursor(database)
        var reading: Reading?
        var isThere = try cursor.first()
        while isThere {
            if let key = cursor.key.runKey {
                if reading?.id != key.id {
                    if let reading { try finish(reading, database) }
                    reading = try begin(key.id, database)
                }
                if var current = reading {
                    check(cursor.value, at: key.position, database, &current)
                    reading = current
                }
            } else {
                note(part(database), "a run has a key of \(cursor.key.byteCount) bytes")
            }
            report.runs += 1
            advance(cursor.value.byteCount)
            isThere = try cursor.next()
        }
        if let reading { try finish(reading, database) }
    }

    private func part(_ database: Database) -> CheckFinding.Part {
        database == .sessions ? .sessions : .topics
    }

    private func begin(_ id: NameID, _ database: Database) throws(StorageError) -> Reading {
        let isRight = (kind(of: id) == .session) == (database == .sessions) && kind(of: id) != nil
        if !isRight {
            note(part(database), name: id, "the index has entries of \(id), which does not belong there")
        }
        return Reading(id: id, trim: try readableTrim(id) ?? .none)
    }

    private func check(_ value: RawSpan, at position: UInt64, _ database: Database, _ reading: inout Reading)
    {
        let (id, part) = (reading.id, part(database))
        guard let run = IndexRun(value) else {
            unreadable.insert(id)
            reading.end = nil
            return note(part, name: id, "the run of \(id) from \(position) is damaged")
        }
        var last = Offset.zero
        var live = 0
        var expected = 0
        let isComplete = run.forEach { index, offset in
            guard let offset else { return true }
            if live > 0, offset <= last {
                note(part, offset: offset, name: id, "the run of \(id) from \(position) is not in order")
            }
            last = offset
            live += 1
            if offset < report.start {
                report.leftoverEntries += 1
            } else if offset >= meta.indexedTo {
                note(
                    part, offset: offset, name: id,
                    "the index of \(id) knows record \(offset), which no checkpoint covers")
            } else if report.damaged.isEmpty || !isDamaged(offset) {
                expected += 1
            }
            return true
        }
        reading.entries += expected
        report.entries += expected
        if !isComplete || live != run.liveCount || last != run.lastOffset {
            note(part, name: id, "the run of \(id) from \(position) does not hold what it says")
        }
        checkPlace(run, at: position, database, &reading)
    }

    /// Runs follow each other: in a session without a number missing but those that retention removed, elsewhere in
    /// order of offsets.
    private func checkPlace(
        _ run: borrowing IndexRun, at position: UInt64, _ database: Database, _ reading: inout Reading
    ) {
        let (id, part) = (reading.id, part(database))
        if let end = reading.end, position < end {
            note(
                part, name: id,
                "the run of \(id) from \(position) overlaps the one before, which ends at \(end)")
        }
        if database == .sessions {
            let end = reading.end ?? 1
            if position > end, position - 1 > reading.trim.through {
                note(
                    part, name: id,
                    "numbers \(end) to \(position - 1) of \(id) are missing, and retention did not remove them"
                )
            }
            reading.end = position &+ UInt64(run.count)
        } else {
            if position != run.firstOffset.rawValue {
                note(
                    part, name: id, "the run of \(id) from \(position) begins with record \(run.firstOffset)")
            }
            reading.end = run.lastOffset.rawValue &+ 1
        }
    }

    private func finish(_ reading: Reading, _ database: Database) throws(StorageError) {
        let name = Int(reading.id.rawValue)
        let found = name < matched.count ? Int(matched[name]) : 0
        guard reading.entries != found, !unreadable.contains(reading.id) else { return }
        try lookUpEach(reading.id, database)
    }

    private func lookUpEach(_ id: NameID, _ database: Database) throws(StorageError) {
        let snapshot = snapshot
        let cursor = try snapshot.cursor(database)
        var locator = try RecordLocator(snapshot)
        var isThere = try cursor.seek(atOrAfter: StoreKey(id, position: 0))
        while isThere, let key = cursor.key.runKey, key.id == id {
            guard let run = IndexRun(cursor.value) else { return }
            var postings: [Posting] = []
            run.forEach { index, offset in
                if let offset, offset >= report.start, offset < meta.indexedTo, !isDamaged(offset) {
                    let position = database == .sessions ? key.position + UInt64(index) : offset.rawValue
                    postings.append(Posting(position: position, offset: offset))
                }
                return true
            }
            var first = 0
            while first < postings.count {
                let count = min(postings.count - first, RecordLocator.batch)
                try locator.find(count: count) {
                    postings[first + $0].offset
                } _: {
                    compare(postings[first + $0], $1, id, database)
                }
                first += count
            }
            isThere = try cursor.next()
        }
    }

    private func compare(
        _ posting: Posting, _ finding: RecordLocator.Finding, _ id: NameID, _ database: Database
    ) {
        let offset = posting.offset
        switch finding {
        case .record(let record):
            let isRight =
                database == .sessions
                ? record.session == id && record.sequence.rawValue == posting.position
                : record.destination == id
            if !isRight {
                note(
                    part(database), offset: offset, name: id,
                    "the index of \(id) knows record \(offset), which is another's")
            }
        case .gone:
            note(
                part(database), offset: offset, name: id,
                "the index of \(id) knows record \(offset), which is not there")
        case .damaged:
            note(
                part(database), offset: offset, name: id,
                "the index of \(id) knows record \(offset), which is damaged")
        }
    }
}
