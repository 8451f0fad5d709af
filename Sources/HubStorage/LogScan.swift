import HubBytes
import HubModel

/// A page of the log as a whole, block by block.
struct LogScan {
    private let core: LogCore
    private let query: LogQuery
    private let limit: PageLimit

    init(_ core: LogCore, _ query: LogQuery, _ limit: PageLimit) {
        self.core = core
        self.query = query
        self.limit = limit
    }

    /// The state of a scan: what was collected, and the position reached.
    private struct Progress {
        var builder: PageBuilder
        /// Forward: the next position wanted. Backward: the position behind the next one wanted.
        var position: UInt64
    }

    func page() throws(StorageError) -> LogPage {
        let (snapshot, bounds) = try core.read { (changing) throws(StorageError) in
            (try changing.environment.read(), changing.bounds)
        }
        let isForward = query.direction == .forward
        let end = min(query.to, bounds.head.rawValue)
        var progress = Progress(builder: PageBuilder(limit), position: isForward ? query.from : end)
        if isForward {
            try scanForward(snapshot, to: end, &progress)
        } else {
            try scanBackward(snapshot, to: query.from, &progress)
        }
        let isDone = isForward ? progress.position >= end : progress.position <= query.from
        var next = query
        if isForward { next.from = progress.position } else { next.to = progress.position }
        return LogPage(
            pin: snapshot, records: progress.builder.records, gaps: progress.builder.gaps,
            next: isDone ? nil : next, head: bounds.head)
    }

    // MARK: Forward

    private func scanForward(
        _ snapshot: Snapshot, to end: UInt64, _ progress: inout Progress
    ) throws(StorageError) {
        guard progress.position < end else { return }
        let cursor = try snapshot.cursor(.log)
        var isThere = try cursor.seek(atOrBefore: StoreKey(Offset(progress.position)))
        if !isThere { isThere = try cursor.first() }
        while isThere, progress.position < end, !progress.builder.isFull {
            let key = try blockKey(cursor)
            if key >= end { break }
            if key > progress.position { skip(to: key, .retention, &progress) }
            if let block = intactBlock(cursor) {
                takeForward(block, to: end, &progress)
                isThere = try cursor.next()
            } else {
                isThere = try cursor.next()
                let behind = isThere ? cursor.key.offsetKey?.rawValue ?? end : end
                skip(to: min(behind, end), .damaged, &progress)
            }
        }
        // No more blocks, or only such as begin behind the end: what is left of the range lies in a hole.
        if !progress.builder.isFull { skip(to: end, .retention, &progress) }
    }

    private func skip(to position: UInt64, _ reason: Gap.Reason, _ progress: inout Progress) {
        guard position > progress.position else { return }
        progress.builder.note(Gap(from: progress.position, through: position - 1, reason))
        progress.position = position
    }

    private func takeForward(_ block: BlockView, to end: UInt64, _ progress: inout Progress) {
        var index = block.index(atOrAfter: Offset(progress.position))
        while index < block.count, !progress.builder.isFull {
            let offset = block.offset(at: index).rawValue
            guard offset < end else { break }
            skip(to: offset, .retention, &progress)
            add(block, index, &progress)
            progress.position = offset + 1
            index += 1
        }
        if index == block.count, !progress.builder.isFull {
            skip(to: min(block.endOffset.rawValue, end), .retention, &progress)
        }
    }

    private func add(_ block: BlockView, _ index: Int, _ progress: inout Progress) {
        let offset = block.offset(at: index)
        if let record = block.record(atPosition: block.position(at: index)), record.isIntact,
            record.offset == offset
        {
            progress.builder.add(record)
        } else {
            progress.builder.note(Gap(from: offset.rawValue, through: offset.rawValue, .damaged))
        }
    }

    /// The block at the cursor if header and directory are what was written: without those nobody knows which
    /// offsets it has.
    @_lifetime(borrow cursor)
    private func intactBlock(_ cursor: borrowing Cursor) -> BlockView? {
        guard
            let block = BlockView(cursor.value), block.isHeaderIntact, block.isDirectoryIntact,
            block.firstOffset == cursor.key.offsetKey
        else { return nil }
        return block
    }

    private func blockKey(_ cursor: borrowing Cursor) throws(StorageError) -> UInt64 {
        guard let key = cursor.key.offsetKey else {
            throw StorageError(.damaged(nil), path: core.path, detail: "the key of a block")
        }
        return key.rawValue
    }

    // MARK: Backward

    private func scanBackward(
        _ snapshot: Snapshot, to start: UInt64, _ progress: inout Progress
    ) throws(StorageError) {
        guard progress.position > start else { return }
        let cursor = try snapshot.cursor(.log)
        var isThere = try cursor.seek(atOrBefore: StoreKey(Offset(progress.position - 1)))
        while isThere, progress.position > start, !progress.builder.isFull {
            let key = try blockKey(cursor)
            let floor = max(key, start)
            if let block = intactBlock(cursor) {
                skipBack(to: max(block.endOffset.rawValue, start), .retention, &progress)
                takeBackward(block, to: start, &progress)
                if !progress.builder.isFull { skipBack(to: floor, .retention, &progress) }
            } else {
                skipBack(to: floor, .damaged, &progress)
            }
            isThere = try cursor.previous()
        }
        if !isThere, !progress.builder.isFull { skipBack(to: start, .retention, &progress) }
    }

    private func skipBack(to position: UInt64, _ reason: Gap.Reason, _ progress: inout Progress) {
        guard position < progress.position else { return }
        progress.builder.note(Gap(from: position, through: progress.position - 1, reason))
        progress.position = position
    }

    private func takeBackward(_ block: BlockView, to start: UInt64, _ progress: inout Progress) {
        var index = block.index(atOrAfter: Offset(progress.position)) - 1
        while index >= 0, !progress.builder.isFull {
            let offset = block.offset(at: index).rawValue
            guard offset >= start else { return }
            skipBack(to: offset + 1, .retention, &progress)
            add(block, index, &progress)
            progress.position = offset
            index -= 1
        }
    }
}
