import HubBytes
package import HubModel
import Synchronization

/// What the writer and the readers of a memory log share.
final class MemoryCore: Sendable {
    let state: Mutex<MemoryState>

    init(_ state: MemoryState) { self.state = Mutex(state) }
}

/// Reads a memory log, on any thread and on several at once.
package final class MemoryReader: LogReader {
    private let core: MemoryCore

    init(_ core: MemoryCore) { self.core = core }

    /// Where the log begins and ends now.
    package var bounds: LogBounds { core.state.withLock { $0.bounds } }

    /// A page of records.
    package func page(_ query: LogQuery, _ limit: PageLimit) throws(StorageError) -> LogPage {
        core.state.withLock { $0.page(query, limit) }
    }

    /// The first offset whose record was taken at or after a time; the head if there is none.
    package func offset(atOrAfter time: Timestamp) throws(StorageError) -> Offset {
        core.state.withLock { state in
            for block in state.kept[state.index(reaching: time)...] {
                var offset = block.segment.firstOffset
                while offset < block.segment.endOffset {
                    if !block.isDead(offset), block.segment.record(at: offset).time >= time { return offset }
                    offset = offset.next
                }
            }
            return state.bounds.head
        }
    }

    /// The last record of each topic that matches a pattern, in order of the topics' names.
    package func lastPerTopic(
        _ pattern: TopicPattern, tenant: NameID, after: TopicName?, _ limit: PageLimit
    ) throws(StorageError) -> LogPage {
        core.state.withLock { state in
            var builder = MemoryPageBuilder(.topics([pattern], tenant: tenant), limit)
            for topic in state.topics([pattern], tenant, after: after?.text) {
                if builder.isFull { break }
                guard let last = state.list(of: topic)?.postings.last?.offset,
                    let segment = state.segment(holding: last)
                else { continue }
                builder.add(segment, last)
            }
            return builder.finish(next: nil, head: state.bounds.head)
        }
    }

    /// Names of a kind and tenant in order of their text, beginning behind one.
    package func names(_ key: NameKey, after: String?, limit: Int) throws(StorageError) -> [KnownName] {
        core.state.withLock { state in
            state.names.list(key, after: after).prefix(max(limit, 0)).compactMap { state.names[$0] }
        }
    }

    /// The number of a name, if the log knows it.
    package func find(_ key: NameKey, _ text: String) throws(StorageError) -> NameID? {
        core.state.withLock { $0.names.find(key, text) }
    }

    /// What a number stands for, if the log knows it.
    package func name(_ id: NameID) throws(StorageError) -> KnownName? {
        core.state.withLock { $0.names[id] }
    }

    /// What the log holds of a session, topic, agent or consumer.
    package func extent(of id: NameID) throws(StorageError) -> NameExtent {
        core.state.withLock { state in
            guard let list = state.list(of: id) else { return .empty }
            return NameExtent(
                first: list.postings.first?.position, last: list.last, count: list.live,
                removedThrough: list.trim.through)
        }
    }

    /// Goes through the router's checkpoint in order of its keys.
    package func forEachState(_ body: (_ key: RawSpan, _ value: RawSpan) -> Void) throws(StorageError) {
        // A copy, so that `body` may ask the log.
        for entry in core.state.withLock({ $0.sortedRouterState }) {
            entry.key.withBytes { key in entry.value.withBytes { value in body(key, value) } }
        }
    }
}
