import HubBytes
import HubModel

/// The blocks, one after the other, each with its records; what they say is collected in batches and compared with
/// the indexes.
extension CheckRun {
    /// Records in a batch: enough to make look-ups cheap, at some fifty bytes each.
    private static let batchRecords = 1 << 20

    /// Where the walk through the blocks stands.
    private struct Walk {
        var end = Offset.zero
        var lastTime = Timestamp.none
        /// A block without a readable header: its records end where the next block begins.
        var openDamage: Offset?
        var batch = RecordBatch()
    }

    func checkBlocks() throws(StorageError) {
        var walk = Walk()
        report.start = meta.indexedTo
        do throws(StorageError) {
            try walkThroughBlocks(&walk)
        } catch {
            guard case .damaged = error.kind else { throw error }
            note(.block, "the blocks from \(walk.end) on cannot be reached: \(error.detail)")
            walk.openDamage = walk.openDamage ?? walk.end
        }
        if let open = walk.openDamage { noteDamage(open..<max(open.next, meta.indexedTo)) }
        report.head = max(walk.end, meta.indexedTo, report.damaged.last?.upperBound ?? .zero)
        try compare(&walk.batch)
    }

    private func walkThroughBlocks(_ walk: inout Walk) throws(StorageError) {
        let snapshot = snapshot
        let cursor = try snapshot.cursor(.log)
        var isThere = try cursor.first()
        if isThere, let start = cursor.key.offsetKey { report.start = start }
        while isThere {
            if let key = cursor.key.offsetKey {
                try check(cursor.value, key, &walk)
            } else {
                note(.block, "a block has a key that no block can have")
            }
            advance(cursor.value.byteCount)
            isThere = try cursor.next()
        }
    }

    private func check(_ bytes: RawSpan, _ key: Offset, _ walk: inout Walk) throws(StorageError) {
        report.blocks += 1
        report.blockBytes += bytes.byteCount
        if let open = walk.openDamage {
            noteDamage(open..<max(open.next, key))
            walk.openDamage = nil
        }
        guard let block = BlockView(bytes), block.isHeaderIntact else {
            note(
                .block, offset: key,
                "the header of block \(key) is damaged, and with it all its records are lost")
            walk.openDamage = key
            return
        }
        if block.firstOffset != key {
            note(.block, offset: key, "the block at \(key) says that it begins at \(block.firstOffset)")
            walk.openDamage = key
            return
        }
        checkOrder(block, &walk)
        guard block.isDirectoryIntact else {
            note(
                .block, offset: key,
                "the directory of block \(key) is damaged, and its records cannot be found")
            noteDamage(key..<block.endOffset)
            return
        }
        // What the indexes on disk cover and what only the one in memory covers are compared apart.
        if key >= meta.indexedTo, !walk.batch.isPending {
            try compare(&walk.batch)
            walk.batch.isPending = true
        }
        try checkNames(of: block)
        checkRecords(block, &walk)
        if block.endOffset <= meta.indexedTo {
            indexedRecords += block.count
            indexedBytes += bytes.byteCount
        }
        if walk.batch.count >= Self.batchRecords { try compare(&walk.batch) }
    }

    private func checkOrder(_ block: borrowing BlockView, _ walk: inout Walk) {
        let key = block.firstOffset
        if key < walk.end {
            note(.block, offset: key, "block \(key) overlaps the one before, which ends at \(walk.end)")
        }
        if key > walk.end, key > meta.indexedTo, report.blocks > 1, report.damaged.last?.upperBound != key {
            note(
                .block, offset: key,
                "nothing is there between \(walk.end) and block \(key), and no checkpoint covers it")
        }
        if block.firstTime < walk.lastTime {
            note(.block, offset: key, "block \(key) begins before the last record of the block before")
        }
        if key < meta.indexedTo, block.endOffset > meta.indexedTo {
            note(.meta, offset: key, "the indexes end at \(meta.indexedTo), inside block \(key)")
        }
        walk.end = max(walk.end, block.endOffset)
        walk.lastTime = max(walk.lastTime, block.lastTime)
    }

    // MARK: Records

    private func checkRecords(_ block: borrowing BlockView, _ walk: inout Walk) {
        var end = BlockLayout.headerBytes
        var lastTime = block.firstTime
        var last = -1
        var index = 0
        while index < block.count {
            let offset = block.offset(at: index)
            let position = block.position(at: index)
            if position != end {
                note(.block, offset: offset, "record \(offset) is not where the one before it ends")
            }
            let distance =
                block.firstOffset.rawValue <= offset.rawValue ? block.firstOffset.distance(to: offset) : -1
            if distance <= last || distance >= block.span {
                note(.block, offset: offset, "block \(block.firstOffset) has record \(offset) out of order")
            }
            last = distance
            report.records += 1
            guard let record = block.record(atPosition: position), record.isIntact, record.offset == offset
            else {
                note(.record, offset: offset, "record \(offset) is damaged")
                noteDamage(offset..<offset.next)
                end = index + 1 < block.count ? block.position(at: index + 1) : block.directoryStart
                index += 1
                continue
            }
            check(record, after: lastTime)
            lastTime = record.time
            end = position + record.bytes.byteCount
            walk.batch.add(record)
            index += 1
        }
        if end != block.directoryStart {
            note(
                .block, offset: block.firstOffset,
                "block \(block.firstOffset) has bytes that belong to no record")
        }
        if lastTime > block.lastTime {
            note(
                .block, offset: block.firstOffset, "block \(block.firstOffset) has records newer than it says"
            )
        }
    }

    private func check(_ record: RecordView, after time: Timestamp) {
        let offset = record.offset
        if record.time < time {
            note(.record, offset: offset, "record \(offset) is older than the one before it")
        }
        if record.tenant != .none, kind(of: record.tenant) != .tenant {
            note(
                .record, offset: offset, name: record.tenant,
                "record \(offset) has \(record.tenant) as its tenant, which is none")
        }
        if record.sender != .none, kind(of: record.sender) == nil {
            note(
                .record, offset: offset, name: record.sender,
                "record \(offset) comes from \(record.sender), a name that is not there")
        }
        if record.destination != .none,
            kind(of: record.destination) == nil || kind(of: record.destination) == .session
        {
            note(
                .record, offset: offset, name: record.destination,
                "record \(offset) goes to \(record.destination), which is no topic, agent or consumer")
        }
        checkSequence(record)
    }

    private func checkSequence(_ record: RecordView) {
        let (offset, sequence) = (record.offset, record.sequence)
        guard record.session != .none else {
            if sequence != .none {
                note(.record, offset: offset, "record \(offset) has a sequence number and no session")
            }
            return
        }
        guard kind(of: record.session) == .session else {
            return note(
                .record, offset: offset, name: record.session,
                "record \(offset) is in \(record.session), which is no session")
        }
        let session = Int(record.session.rawValue)
        if sequence.rawValue <= lastSequences[session] {
            note(
                .record, offset: offset, name: record.session,
                "record \(offset) is number \(sequence) of its session, behind number \(lastSequences[session])"
            )
        }
        lastSequences[session] = max(lastSequences[session], sequence.rawValue)
    }
}
