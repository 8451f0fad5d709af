import HubBytes
import HubModel

/// Holding single topics to limits of their own: their oldest runs leave the index, and the blocks where the
/// records lie are marked as so much emptier.
extension LMDBLog {
    /// Topics that one step looks at.
    private static let topicsStep = 512

    /// One step through the topics; says whether some are left.
    func walkTopics(_ now: Timestamp) throws(StorageError) -> Bool {
        var id = retention.topicsFrom ?? NameID(0)
        var transaction = try retentionTransaction()
        var looked = 0
        var removed = 0
        while let topic = try nextTopic(transaction, after: id) {
            id = topic
            if let limits = try limits(of: topic) {
                let runs = try runsOverLimit(transaction, topic, limits, now)
                for run in runs { try remove(run, of: topic, &transaction) }
                removed += runs.count
            }
            looked += 1
            if looked >= Self.topicsStep || removed >= Self.topicsStep {
                if removed > 0 { try transaction.commit() }
                retention.topicsFrom = id
                return true
            }
        }
        if removed > 0 { try transaction.commit() }
        retention.topicsFrom = nil
        retention.topicsWalked = now
        return false
    }

    private func nextTopic(
        _ transaction: borrowing WriteTransaction, after id: NameID
    ) throws(StorageError) -> NameID? {
        let cursor = try transaction.cursor(.topics)
        guard try cursor.seek(atOrAfter: StoreKey(NameID(id.rawValue + 1), position: 0)) else { return nil }
        return cursor.key.runKey?.id
    }

    /// The limits of the first rule that a topic matches; nil if none does, or if it is no topic but an agent's
    /// or consumer's records.
    private func limits(of topic: NameID) throws(StorageError) -> RetentionLimits? {
        if let known = retention.limitsOfTopic[topic] { return known }
        var found: RetentionLimits?
        if let name = try LogNames.name(core.environment.read(), topic), name.key.kind == .topic {
            let topicName = TopicName(unchecked: name.text)
            found = retention.policy.topics.first { $0.pattern.matches(topicName) }?.limits
        }
        retention.limitsOfTopic[topic] = .some(found)
        return found
    }

    private struct OldRun {
        let position: UInt64
        let lastOffset: Offset
        let offsets: [Offset]
    }

    /// Goes from the newest run to the oldest: once the limits are used up, or a run is too old, it and all
    /// before it may go.
    private func runsOverLimit(
        _ transaction: borrowing WriteTransaction, _ topic: NameID, _ limits: RetentionLimits,
        _ now: Timestamp
    ) throws(StorageError) -> [OldRun] {
        let pending = core.readAsWriter { $0.pending.list(of: topic) }
        var records = pending?.count ?? 0
        var bytes = pending?.bytes ?? 0
        var old: [OldRun] = []
        var isOver = false
        let cursor = try transaction.cursor(.topics)
        var isThere = try cursor.seek(atOrBefore: StoreKey(topic, position: UInt64.max))
        while isThere, let key = cursor.key.runKey, key.id == topic {
            guard let run = IndexRun(cursor.value) else { return [] }
            isOver =
                isOver || limits.records.map { records >= $0 } ?? false
                || limits.bytes.map { bytes >= $0 } ?? false
                || limits.oldest(at: now).map { run.lastTime < $0 } ?? false
            records += run.liveCount
            bytes += run.recordBytes
            if isOver { old.append(oldRun(run, key.position)) }
            isThere = try cursor.previous()
        }
        return old
    }

    private func oldRun(_ run: borrowing IndexRun, _ position: UInt64) -> OldRun {
        var offsets: [Offset] = []
        run.forEach { _, offset in
            if let offset { offsets.append(offset) }
            return true
        }
        return OldRun(position: position, lastOffset: run.lastOffset, offsets: offsets)
    }

    private func remove(
        _ run: OldRun, of topic: NameID, _ transaction: inout WriteTransaction
    ) throws(StorageError) {
        try transaction.remove(.topics, StoreKey(topic, position: run.position))
        try Trim.extend(&transaction, topic, through: run.lastOffset.rawValue, count: run.offsets.count)
        for (block, bytes) in try blocks(of: run.offsets, transaction) {
            try DeadSpace.add(&transaction, block: block, bytes: bytes)
        }
    }

    /// How many bytes the records at some offsets, which are in order, have in which block.
    private func blocks(
        of offsets: [Offset], _ transaction: borrowing WriteTransaction
    ) throws(StorageError) -> [(Offset, Int)] {
        let cursor = try transaction.cursor(.log)
        var found: [(Offset, Int)] = []
        var index = 0
        while index < offsets.count {
            guard
                try cursor.seek(atOrBefore: StoreKey(offsets[index])), let key = cursor.key.offsetKey,
                let block = BlockView(cursor.value), block.endOffset > offsets[index]
            else {
                index += 1
                continue
            }
            var bytes = 0
            while index < offsets.count, offsets[index] < block.endOffset {
                bytes += block.recordBytes(at: offsets[index])
                index += 1
            }
            found.append((key, bytes))
        }
        return found
    }
}

extension BlockView {
    /// Bytes of the record at an offset, by the directory alone: 0 if it is not there.
    fileprivate func recordBytes(at offset: Offset) -> Int {
        let index = index(atOrAfter: offset)
        guard index < count, self.offset(at: index) == offset else { return 0 }
        let end = index + 1 < count ? position(at: index + 1) : directoryStart
        return max(0, end - position(at: index))
    }
}

/// How many bytes of each block belong to records that retention has given up: kept for blocks that have any.
enum DeadSpace {
    static func add(
        _ transaction: inout WriteTransaction, block: Offset, bytes: Int
    ) throws(StorageError) {
        let key = StoreKey(block)
        var before = 0
        if let value = try transaction.value(.space, key) { before = read(value) }
        var value = ByteBuffer(capacity: 64)
        value.append(UInt64(before + bytes))
        try transaction.put(.space, key, value.bytes)
    }

    static func read(_ value: RawSpan) -> Int {
        value.byteCount == 8 ? Int(clamping: value.load(0, as: UInt64.self)) : 0
    }
}
