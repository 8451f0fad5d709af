import HubBytes
import HubModel

/// Reads all of a log in one snapshot and compares everything with everything: blocks with their checksums and
/// order, records with the indexes and back, names both ways, counters, and what retention noted.
///
/// The cost is one pass over the blocks and one over the indexes. Entries are compared in batches of about a
/// million records sorted as the index is, so that neither side is looked up one by one; beside a batch, memory
/// goes to about a dozen bytes for each name.
package enum LogCheck {
    /// Checks the log in a directory, also while another process writes to it. Progress is reported as a share
    /// of 1.
    package static func run(
        _ path: String, findingsMax: Int = 100, progress: @escaping (Double) -> Void = { _ in }
    ) throws(StorageError) -> CheckReport {
        try run(LMDBReader.open(path), findingsMax: findingsMax, progress: progress)
    }

    /// Checks a log that is open.
    package static func run(
        _ reader: LMDBReader, findingsMax: Int = 100, progress: @escaping (Double) -> Void = { _ in }
    ) throws(StorageError) -> CheckReport {
        let check = try CheckRun(reader, findingsMax: findingsMax, progress)
        try check.attempt(.names) { () throws(StorageError) in try check.checkNames() }
        try check.attempt(.block) { () throws(StorageError) in try check.checkBlocks() }
        try check.attempt(.sessions) { () throws(StorageError) in try check.checkRuns(of: .sessions) }
        try check.attempt(.topics) { () throws(StorageError) in try check.checkRuns(of: .topics) }
        check.checkPendingCount()
        try check.attempt(.state) { () throws(StorageError) in try check.checkState() }
        try check.attempt(.retention) { () throws(StorageError) in try check.checkRetention() }
        check.checkMeta()
        check.finish()
        return check.report
    }
}

/// A check under way: what its parts share.
final class CheckRun {
    let snapshot: Snapshot
    let meta: LogMeta
    /// A copy of the index in memory, taken together with the snapshot.
    let pending: PendingIndex
    var report: CheckReport
    /// By a name's number: its kind, 0 where there is no readable name.
    var kinds: [UInt8] = [0]
    /// By a session's number: the last sequence number that was read.
    var lastSequences: [UInt64] = [0]
    /// By a name's number: index entries that a record was found for.
    var matched: [UInt32] = [0]
    /// Names with a run that cannot be read, so that their entries cannot be counted.
    var unreadable: Set<NameID> = []
    /// Entries of the index in memory that a record was found for.
    var matchedPending = 0
    /// Records and bytes of the blocks that the indexes on disk cover.
    var indexedRecords = 0
    var indexedBytes = 0

    /// Whether nothing more can be read in this snapshot.
    private var isCut = false
    private let progress: (Double) -> Void
    private var workDone = 0
    private var workReported = 0
    private let work: Int

    init(
        _ reader: LMDBReader, findingsMax: Int, _ progress: @escaping (Double) -> Void
    ) throws(StorageError) {
        let core = reader.core
        let taken = try core.look { snapshot, changing in
            Taken(snapshot: snapshot, pending: changing.pending.copy())
        }
        snapshot = taken.snapshot
        guard let meta = try LogMeta.read(snapshot) else {
            throw StorageError(.notALog, path: core.path, detail: "the file has no record about a log")
        }
        self.meta = meta
        pending = taken.pending
        report = CheckReport(epoch: meta.epoch, findingsMax: findingsMax)
        self.progress = progress
        var pages = 0
        for database in [Database.log, .sessions, .topics, .names, .nameIndex] {
            pages += try snapshot.pages(database)
        }
        work = max(1, pages * core.environment.facts.pageBytes)
    }

    /// What was taken under the lock.
    private struct Taken: ~Copyable {
        let snapshot: Snapshot
        let pending: PendingIndex
    }

    func note(
        _ part: CheckFinding.Part, offset: Offset? = nil, name: NameID? = nil, _ sentence: String
    ) {
        report.note(CheckFinding(part, offset: offset, name: name, sentence))
    }

    /// Goes on with the other parts if one cannot be walked through to its end.
    func attempt(_ part: CheckFinding.Part, _ body: () throws(StorageError) -> Void) throws(StorageError) {
        guard !isCut else { return }
        do throws(StorageError) {
            try body()
        } catch {
            if case .damaged = error.kind {
                return note(part, "the rest cannot be read: \(error.detail)")
            }
            // After some damage LMDB takes nothing more in the same transaction.
            guard !report.isClean else { throw error }
            isCut = true
            note(part, "this and all else cannot be checked any more: \(error.detail)")
        }
    }

    /// Counts bytes that were gone through, and says so now and then.
    func advance(_ bytes: Int) {
        workDone += bytes
        guard workDone - workReported >= work / 500 else { return }
        workReported = workDone
        progress(min(1, Double(workDone) / Double(work)))
    }

    func finish() { progress(1) }

    /// Whether the record at an offset could not be read.
    func isDamaged(_ offset: Offset) -> Bool {
        var low = 0
        var high = report.damaged.count
        while low < high {
            let middle = (low + high) / 2
            if report.damaged[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
        }
        return low < report.damaged.count && report.damaged[low].contains(offset)
    }

    /// Notes that records cannot be trusted, joining the range to the one before where they touch.
    func noteDamage(_ range: Range<Offset>) {
        if let last = report.damaged.last, last.upperBound >= range.lowerBound {
            report.damaged[report.damaged.count - 1] =
                last.lowerBound..<max(last.upperBound, range.upperBound)
        } else {
            report.damaged.append(range)
        }
    }

    // MARK: Small databases

    func checkState() throws(StorageError) {
        let snapshot = snapshot
        let cursor = try snapshot.cursor(.state)
        var isThere = try cursor.first()
        while isThere {
            if CheckedValue.unwrap(cursor.value) == nil {
                note(.state, "the value of the router's key \(Self.hexadecimal(cursor.key)) is damaged")
            }
            report.stateValues += 1
            isThere = try cursor.next()
        }
    }

    private static func hexadecimal(_ bytes: RawSpan) -> String {
        bytes.array.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    func checkRetention() throws(StorageError) {
        let snapshot = snapshot
        let trims = try snapshot.cursor(.trims)
        var isThere = try trims.first()
        while isThere {
            if let id = trims.key.nameKey, id != .none, Int(id.rawValue) < kinds.count {
                if Trim(trims.value) == nil {
                    note(.retention, name: id, "what was removed of \(id) is damaged")
                }
            } else {
                note(.retention, "retention noted something about a name that does not exist")
            }
            isThere = try trims.next()
        }
        let space = try snapshot.cursor(.space)
        isThere = try space.first()
        while isThere {
            if let key = space.key.offsetKey, try snapshot.value(.log, StoreKey(key)) != nil {
                if space.value.byteCount != 8 {
                    note(.retention, offset: key, "the dead bytes of block \(key) are damaged")
                }
            } else {
                note(
                    .retention, offset: space.key.offsetKey,
                    "retention noted something about a block that is gone")
            }
            isThere = try space.next()
        }
    }

    func checkMeta() {
        guard !isCut else { return }
        if meta.indexedTo > report.head {
            note(.meta, "the indexes go to \(meta.indexedTo) and the log to \(report.head) only")
        }
        if meta.stateAppliedTo > report.head {
            note(
                .meta, "the router's state goes to \(meta.stateAppliedTo) and the log to \(report.head) only")
        }
        // What lies in damaged blocks cannot be counted.
        guard report.damaged.isEmpty else { return }
        if meta.records != indexedRecords {
            note(
                .meta,
                "the log counts \(meta.records) records before its checkpoint, there are \(indexedRecords)")
        }
        if meta.blockBytes != indexedBytes {
            note(
                .meta,
                "the log counts \(meta.blockBytes) bytes before its checkpoint, there are \(indexedBytes)")
        }
    }
}
