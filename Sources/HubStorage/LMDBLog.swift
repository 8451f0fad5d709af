import HubBytes
package import HubModel
import HubSystem

/// The log on disk. One thread writes; readers come from `reader` and may be on any thread.
///
/// Blocks are the truth: one put and one commit each. Indexes and the router's state are checkpoints of it,
/// written every few seconds in the transaction of whatever comes along, and made again from the blocks behind
/// the last checkpoint when a log is opened.
package final class LMDBLog: MessageLog {
    let core: LogCore
    let options: LogOptions
    var file: LogFile
    var rules = AppendRules()
    /// As of the last transaction that wrote it.
    var meta: LogMeta
    /// Records behind the last checkpoint: what opening the log now would have to read.
    package private(set) var recordsSinceCheckpoint = 0
    var lastCheckpoint: Timestamp
    var retention: RetentionPass
    /// Why nothing is written any more, if so.
    private(set) var failure: StorageError?
    /// Held for its lock.
    private let lock: FileDescriptor

    /// Opens the log in a directory for writing, making both if they are not there.
    package static func open(
        _ path: String, options: LogOptions = LogOptions(), now: Timestamp
    ) throws(StorageError) -> LMDBLog {
        let isKnown = LogDirectory.isKnown(path)
        let lock = try LogDirectory.claim(path, neighbours: options.neighbours)
        let (environment, meta) = try LogDirectory.insisting(path, isKnown: isKnown) {
            () throws(StorageError) in
            try openEnvironment(path, options, now: now)
        }
        let recovered = try Recovery.run(environment.read(), meta)
        let records = recovered.records
        let core = LogCore(environment, recovered, follows: false)
        return try LMDBLog(
            core: core, options: options, meta: meta, records: records, now: now, lock: lock)
    }

    private init(
        core: LogCore, options: LogOptions, meta: LogMeta, records: Int, now: Timestamp,
        lock: consuming FileDescriptor
    ) throws(StorageError) {
        file = try LogFile(directory: core.path, options: options)
        self.core = core
        self.options = options
        self.meta = meta
        self.lock = lock
        recordsSinceCheckpoint = records
        lastCheckpoint = now
        retention = RetentionPass(policy: options.retention)
        // A damaged block may have held anything: numbers given now might repeat those in it.
        if let range = core.readAsWriter({ $0.damaged.first }) {
            failure = StorageError(.damaged(range), path: core.path)
        }
    }

    /// LMDB's own limit lies behind ours, so that giving space back works even when ours is reached.
    private static let mapMarginBytes = 64 << 20

    private static func openEnvironment(
        _ path: String, _ options: LogOptions, now: Timestamp
    ) throws(StorageError) -> (Environment, LogMeta) {
        if !Directory.exists("\(path)/\(Environment.fileName)") { try LogDirectory.makeLog(path, now: now) }
        try LogFile.checkBeginning(path)
        let environment = try Environment.open(
            path: path, mapBytes: options.sizeBytesMax + mapMarginBytes, readOnly: false)
        try LogFile.checkLength(environment)
        try LogFile.coverPages(environment)
        guard let meta = try LogMeta.read(environment.read()) else {
            throw StorageError(.notALog, path: path, detail: "the file has no record about a log")
        }
        return (environment, meta)
    }

    /// The side for reading.
    package var reader: any LogReader { LMDBReader(core) }

    /// Replaces what retention allows.
    package func setRetention(_ policy: RetentionPolicy) { retention.setPolicy(policy) }

    /// Writes a sealed block, and with it changes to the router's checkpoint, at once or not at all.
    package func commit(
        _ block: inout Block, state: consuming StateChanges?, now: Timestamp
    ) throws(StorageError) {
        try requireWritable()
        block.fillChecksums()
        let bounds = core.readAsWriter { $0.bounds }
        try rules.accept(block.view, bounds, path: core.path) { (session) throws(StorageError) in
            try lastSequence(of: session)
        } kind: { id in
            try? LogNames.name(core.environment.read(), id)?.key.kind
        }
        do throws(StorageError) {
            try write(block.view, state, now)
        } catch {
            rules.undo(block.view)
            noteFailure(error)
            throw error
        }
    }

    /// Throws why nothing is written any more, if so.
    func requireWritable() throws(StorageError) {
        if let failure { throw failure }
    }

    /// After a failed sync nobody knows what the kernel still holds: only opening the log again is safe. The same
    /// goes when LMDB could not write its meta page, for whatever reason: it then refuses reads as well, which is how
    /// that is known.
    func noteFailure(_ error: StorageError) {
        guard failure == nil else { return }
        if !canRead {
            core.reopenForReading()
            failure = StorageError(.syncFailed, path: error.path, detail: error.detail)
            return
        }
        guard !error.isTransient else { return }
        failure =
            error.kind == .inputOutput
            ? StorageError(.syncFailed, path: error.path, detail: error.detail) : error
    }

    private var canRead: Bool {
        do throws(StorageError) {
            _ = try core.environment.read()
            return true
        } catch {
            return error.kind != .syncFailed
        }
    }

    private func lastSequence(of session: NameID) throws(StorageError) -> SequenceNumber {
        if let last = core.readAsWriter({ $0.pending.list(of: session)?.lastPosition }) {
            return SequenceNumber(last)
        }
        return SequenceNumber(try IndexLookup.last(core.environment.read(), session, isSession: true))
    }

    private func write(
        _ block: BlockView, _ state: consuming StateChanges?, _ now: Timestamp
    ) throws(StorageError) {
        let isDue = isCheckpointDue(now)
        let stateBytes = state.byteCount
        let checkpointBytes = isDue ? core.readAsWriter { Checkpoint.estimate($0.pending) } : 0
        try file.prepare(2 * block.bytes.byteCount + 2 * stateBytes + checkpointBytes, core.environment)
        var transaction = try core.environment.write()
        if block.nameCount > 0 { try LogNames.write(block, &transaction) }
        try transaction.put(.log, StoreKey(block.firstOffset), block.bytes, appending: true)
        let written = try writeCheckpoint(&transaction, state, index: isDue)
        try transaction.commit()
        if let written { adopt(written, index: isDue, now) }
        publish(block)
    }

    private func publish(_ block: BlockView) {
        recordsSinceCheckpoint += block.count
        core.change { changing in
            if changing.bounds.start == changing.bounds.head { changing.bounds.start = block.firstOffset }
            changing.pending.add(block)
            changing.bounds.head = block.endOffset
            changing.bounds.lastTime = block.lastTime
            changing.bounds.names += block.nameCount
        }
    }

    // MARK: Checkpoints

    private func isCheckpointDue(_ now: Timestamp) -> Bool {
        let policy = options.checkpoint
        let elapsed = now.microseconds - lastCheckpoint.microseconds
        return core.readAsWriter { changing in
            guard changing.pending.end > changing.pending.base else { return false }
            return elapsed >= policy.intervalMilliseconds * 1000 || elapsed < 0
                || changing.pending.blockBytes >= policy.bytes || changing.pending.lists.count >= policy.names
        }
    }

    /// Writes index and router state as far as asked; the meta record that goes with them, or nil.
    private func writeCheckpoint(
        _ transaction: inout WriteTransaction, _ state: consuming StateChanges?, index: Bool
    ) throws(StorageError) -> LogMeta? {
        guard index || !state.isAbsent else { return nil }
        var written = meta
        if let state {
            try Checkpoint.writeState(state, &transaction)
            written.stateAppliedTo = max(written.stateAppliedTo, state.appliedTo)
        }
        if index {
            try core.readAsWriter { (changing) throws(StorageError) in
                try Checkpoint.writeIndex(changing.pending, &transaction)
                written.indexedTo = changing.pending.end
                written.blockBytes += changing.pending.blockBytes
            }
            written.records += recordsSinceCheckpoint
        }
        try written.write(&transaction)
        return written
    }

    /// After the commit: what was written is what is true.
    private func adopt(_ written: LogMeta, index: Bool, _ now: Timestamp) {
        meta = written
        if index {
            recordsSinceCheckpoint = 0
            lastCheckpoint = now
        }
        core.change { changing in
            changing.bounds.stateAppliedTo = written.stateAppliedTo
            if index { changing.pending.clear() }
        }
    }

    /// Writes a checkpoint now.
    package func checkpoint(state: consuming StateChanges?, now: Timestamp) throws(StorageError) {
        try requireWritable()
        do throws(StorageError) {
            let bytes = core.readAsWriter { Checkpoint.estimate($0.pending) } + 2 * state.byteCount
            try makeRoom(forCheckpoint: bytes, isIndexOnly: state.isAbsent)
            var transaction = try core.environment.write()
            let hasNews = core.readAsWriter { $0.pending.end > $0.pending.base }
            guard let written = try writeCheckpoint(&transaction, state, index: hasNews) else { return }
            try transaction.commit()
            adopt(written, index: hasNews, now)
        } catch {
            noteFailure(error)
            throw error
        }
    }

    /// Retention gives back only what the indexes cover. So that a log that is full can become empty again, they are
    /// written past its limit, into what LMDB's own has beyond.
    private func makeRoom(forCheckpoint bytes: Int, isIndexOnly: Bool) throws(StorageError) {
        do throws(StorageError) {
            try file.prepare(bytes, core.environment)
        } catch {
            let facts = core.environment.facts
            let end = (facts.lastPage + 1) * facts.pageBytes + bytes
            guard
                error.kind == .sizeLimit, isIndexOnly,
                end <= options.sizeBytesMax + Self.mapMarginBytes / 2
            else { throw error }
        }
    }

    /// Writes a checkpoint and removes what retention no longer allows, as far as either is due.
    package func maintain(now: Timestamp) throws(StorageError) -> Bool {
        var shortage: StorageError?
        if isCheckpointDue(now) {
            do throws(StorageError) {
                try checkpoint(state: nil, now: now)
            } catch {
                // Where there is no room for a checkpoint, retention is what makes some.
                guard error.isTransient else { throw error }
                shortage = error
            }
        }
        try requireWritable()
        do throws(StorageError) {
            let isMore = try runRetention(now)
            if let shortage, !isMore { throw shortage }
            return isMore
        } catch {
            noteFailure(error)
            throw error
        }
    }
}

extension Optional where Wrapped == StateChanges {
    /// Bytes of the changes, if there are any.
    fileprivate var byteCount: Int {
        switch self {
        case .some(let changes): changes.byteCount
        case .none: 0
        }
    }

    /// Whether there are no changes at all.
    fileprivate var isAbsent: Bool {
        switch self {
        case .some: false
        case .none: true
        }
    }
}
