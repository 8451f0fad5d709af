import HubBytes
import HubModel

/// Retention in memory: blocks by the limits of the log, records one by one by those of their topics.
extension MemoryState {
    /// Removes all that a policy no longer allows.
    mutating func retain(_ policy: RetentionPolicy, now: Timestamp) {
        if !policy.log.isUnlimited { dropBlocks(policy.log, now) }
        guard !policy.topics.isEmpty else { return }
        var areBlocksEmpty = false
        for place in lists.indices {
            guard lists[place]?.isSession == false, lists[place]?.live != 0 else { continue }
            let id = NameID(UInt32(place))
            guard let limits = limits(of: id, policy) else { continue }
            while isFirstOver(id, limits, now) { areBlocksEmpty = removeFirst(of: id) || areBlocksEmpty }
        }
        if areBlocksEmpty { forgetEmptyBlocks() }
    }

    // MARK: Whole blocks

    private mutating func dropBlocks(_ limits: RetentionLimits, _ now: Timestamp) {
        var dropped = 0
        while dropped + 1 < kept.count, isOver(kept[dropped], limits, now) {
            let block = kept[dropped]
            dropped += 1
            records -= block.live
            bytes -= block.segment.byteCount
            var offset = block.segment.firstOffset
            while offset < block.segment.endOffset {
                if !block.isDead(offset) { leaveLists(block.segment.record(at: offset)) }
                offset = offset.next
            }
            kept[dropped - 1].live = 0
            kept[dropped - 1].dead = Array(repeating: true, count: block.segment.count)
            popLists(block)
        }
        guard dropped > 0 else { return }
        kept.removeSubrange(..<dropped)
        bounds.start = kept[0].segment.firstOffset
    }

    private func isOver(_ block: Kept, _ limits: RetentionLimits, _ now: Timestamp) -> Bool {
        limits.letGo(
            recordsBehind: records - block.live, bytesBehind: bytes - block.segment.byteCount,
            lastTime: block.segment.lastTime, now: now)
    }

    private mutating func leaveLists(_ record: RecordView) {
        for id in [record.session, record.destination] where id != .none {
            lists[Int(id.rawValue)]?.noteRemoved(bytes: record.bytes.byteCount)
        }
    }

    /// Takes the entries of a block that is going out of the lists at whose beginnings they stand.
    private mutating func popLists(_ block: Kept) {
        var offset = block.segment.firstOffset
        while offset < block.segment.endOffset {
            let record = block.segment.record(at: offset)
            popDead(record.session)
            popDead(record.destination)
            offset = offset.next
        }
    }

    /// Takes dead entries off the beginning of a list.
    private mutating func popDead(_ id: NameID) {
        while let first = lists[Int(id.rawValue)]?.postings.first, segment(holding: first.offset) == nil {
            lists[Int(id.rawValue)]?.removeFirst()
        }
    }

    // MARK: Topics

    /// The limits of the first rule that a topic matches; nil if none does or it is no topic.
    private func limits(of id: NameID, _ policy: RetentionPolicy) -> RetentionLimits? {
        guard let name = names[id], name.key.kind == .topic else { return nil }
        let topic = TopicName(unchecked: name.text)
        return policy.topics.first { $0.pattern.matches(topic) }?.limits
    }

    private func isFirstOver(_ id: NameID, _ limits: RetentionLimits, _ now: Timestamp) -> Bool {
        guard
            let list = list(of: id), let offset = list.postings.first?.offset,
            let segment = segment(holding: offset)
        else { return false }
        let record = segment.record(at: offset)
        return limits.letGo(
            recordsBehind: list.live - 1, bytesBehind: list.bytes - record.bytes.byteCount,
            lastTime: record.time, now: now)
    }

    /// Removes the first record of a topic; says whether its block has none left.
    private mutating func removeFirst(of id: NameID) -> Bool {
        guard let offset = list(of: id)?.postings.first?.offset else { return false }
        let index = index(endingBehind: offset.rawValue)
        let segment = kept[index].segment
        if kept[index].dead.isEmpty { kept[index].dead = Array(repeating: false, count: segment.count) }
        kept[index].dead[segment.firstOffset.distance(to: offset)] = true
        kept[index].live -= 1
        records -= 1
        let record = segment.record(at: offset)
        leaveLists(record)
        popDead(record.session)
        popDead(record.destination)
        return kept[index].live == 0
    }

    /// The newest block stays, whatever is left of it: with it the log knows where it ends.
    private mutating func forgetEmptyBlocks() {
        guard let newest = kept.last?.segment.firstOffset else { return }
        kept.removeAll { block in
            guard block.live == 0, block.segment.firstOffset != newest else { return false }
            bytes -= block.segment.byteCount
            return true
        }
        bounds.start = kept[0].segment.firstOffset
    }
}
