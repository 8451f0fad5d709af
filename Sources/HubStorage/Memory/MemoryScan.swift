import HubBytes
import HubModel

/// Pages of the memory log.
extension MemoryState {
    func page(_ query: LogQuery, _ limit: PageLimit) -> LogPage {
        let builder = MemoryPageBuilder(query, limit)
        switch query.source {
        case .log: return query.direction == .forward ? logForward(builder) : logBackward(builder)
        case .session(let id): return sessionPage(id, builder)
        case .destination(let id): return topicPage([id], builder)
        case .topics(let patterns, let tenant):
            return topicPage(topics(patterns, tenant, after: nil), builder)
        }
    }

    /// The topics of a tenant that match one of the patterns, in order of their names.
    func topics(_ patterns: [TopicPattern], _ tenant: NameID, after: String?) -> [NameID] {
        names.list(NameKey(.topic, tenant: tenant), after: after).filter { id in
            guard let name = names[id].map({ TopicName(unchecked: $0.text) }) else { return false }
            return patterns.contains { $0.matches(name) }
        }
    }

    // MARK: The whole log

    private func logForward(_ started: consuming MemoryPageBuilder) -> LogPage {
        var builder = started
        let end = min(builder.query.to, bounds.head.rawValue)
        var position = builder.query.from
        var index = index(endingBehind: position)
        while position < end, !builder.isFull {
            guard index < kept.count else { break }
            let block = kept[index]
            let first = min(block.segment.firstOffset.rawValue, end)
            builder.noteRemoved(from: position, to: first)
            position = max(position, first)
            let blockEnd = min(block.segment.endOffset.rawValue, end)
            while position < blockEnd, !builder.isFull {
                if block.isDead(Offset(position)) {
                    builder.noteRemoved(from: position, to: position + 1)
                } else {
                    builder.add(block.segment, Offset(position))
                }
                position += 1
            }
            index += 1
        }
        return builder.finish(next: position < end ? position : nil, head: bounds.head)
    }

    private func logBackward(_ started: consuming MemoryPageBuilder) -> LogPage {
        var builder = started
        let start = builder.query.from
        var position = min(builder.query.to, bounds.head.rawValue)
        // Blocks before this one begin before the position.
        var index = position > start ? index(endingBehind: position - 1) : 0
        if index < kept.count, kept[index].segment.firstOffset.rawValue < position { index += 1 }
        while position > start, !builder.isFull, index > 0 {
            index -= 1
            let block = kept[index]
            let end = max(block.segment.endOffset.rawValue, start)
            builder.noteRemoved(from: end, to: position)
            position = min(position, end)
            let floor = max(block.segment.firstOffset.rawValue, start)
            while position > floor, !builder.isFull {
                position -= 1
                if block.isDead(Offset(position)) {
                    builder.noteRemoved(from: position, to: position + 1)
                } else {
                    builder.add(block.segment, Offset(position))
                }
            }
        }
        if position > start, !builder.isFull {
            builder.noteRemoved(from: start, to: position)
            position = start
        }
        return builder.finish(next: position > start ? position : nil, head: bounds.head)
    }

    // MARK: One session

    /// In a session numbers are dense: each that is not there is missing.
    private func sessionPage(_ id: NameID, _ started: consuming MemoryPageBuilder) -> LogPage {
        var builder = started
        let list = list(of: id) ?? MemoryList(isSession: true)
        let from = max(builder.query.from, SequenceNumber.first.rawValue)
        let to = min(builder.query.to, list.last + 1)
        guard list.isSession, from < to else { return builder.finish(next: nil, head: bounds.head) }
        let entries = list.postings[list.index(atOrAfter: from)..<list.index(atOrAfter: to)]
        if builder.isForward {
            var position = from
            for entry in entries {
                if builder.isFull { return builder.finish(next: position, head: bounds.head) }
                builder.noteRemoved(from: position, to: entry.position)
                add(entry, &builder)
                position = entry.position + 1
            }
            builder.noteRemoved(from: position, to: to)
        } else {
            var position = to
            for entry in entries.reversed() {
                if builder.isFull { return builder.finish(next: position, head: bounds.head) }
                builder.noteRemoved(from: entry.position + 1, to: position)
                add(entry, &builder)
                position = entry.position
            }
            builder.noteRemoved(from: from, to: position)
        }
        return builder.finish(next: nil, head: bounds.head)
    }

    private func add(_ entry: Posting, _ builder: inout MemoryPageBuilder) {
        if let segment = segment(holding: entry.offset) {
            builder.add(segment, entry.offset)
        } else {
            builder.noteRemoved(from: entry.position, to: entry.position + 1)
        }
    }

    // MARK: Topics, agents and consumers

    /// The entries of one or several lists in order of their offsets. What is missing is everything that is not
    /// there up to where retention has removed something.
    private func topicPage(_ ids: [NameID], _ started: consuming MemoryPageBuilder) -> LogPage {
        var builder = started
        let query = builder.query
        guard query.from < query.to else { return builder.finish(next: nil, head: bounds.head) }
        let lists = ids.compactMap { list(of: $0) }.filter { !$0.isSession }
        var removedEnd: UInt64 = 0
        for list in lists where list.trim.count > 0 { removedEnd = max(removedEnd, list.trim.through + 1) }
        removedEnd = min(removedEnd, query.to)
        let entries = merge(lists, query, builder.recordsMax)
        if builder.isForward {
            var position = query.from
            for entry in entries {
                if builder.isFull { return builder.finish(next: position, head: bounds.head) }
                builder.noteRemoved(from: position, to: min(entry.position, removedEnd))
                add(entry, &builder)
                position = entry.position + 1
            }
            builder.noteRemoved(from: position, to: removedEnd)
        } else {
            var position = query.to
            for entry in entries {
                if builder.isFull { return builder.finish(next: position, head: bounds.head) }
                builder.noteRemoved(from: entry.position + 1, to: min(position, removedEnd))
                add(entry, &builder)
                position = entry.position
            }
            builder.noteRemoved(from: query.from, to: min(position, removedEnd))
        }
        return builder.finish(next: nil, head: bounds.head)
    }

    /// Enough entries of each list for a full page and one more, so that whether there is more is known.
    private func merge(_ lists: [MemoryList], _ query: LogQuery, _ max: Int) -> [Posting] {
        let isForward = query.direction == .forward
        var entries: [Posting] = []
        for list in lists {
            let range = list.index(atOrAfter: query.from)..<list.index(atOrAfter: query.to)
            let wanted = list.postings[range]
            entries.append(contentsOf: isForward ? wanted.prefix(max + 1) : wanted.suffix(max + 1))
        }
        if lists.count == 1 { return isForward ? entries : entries.reversed() }
        return entries.sorted { isForward ? $0.offset < $1.offset : $1.offset < $0.offset }
    }
}
