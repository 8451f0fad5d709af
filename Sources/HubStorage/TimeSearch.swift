import HubBytes
import HubModel

/// Finds places in the log by time: blocks are in order of time, so a search by halves over their keys will do.
enum TimeSearch {
    /// What the first block covers whose last record was taken at or after a time; nil if there is none.
    static func block(
        _ snapshot: Snapshot, _ bounds: LogBounds, reaching time: Timestamp
    ) throws(StorageError) -> Range<Offset>? {
        let cursor = try snapshot.cursor(.log)
        var low = bounds.start
        var high = bounds.head
        var found: Range<Offset>?
        // Every block that begins before `low` is too old; `found`, if any, begins at or behind `high`.
        while low < high {
            let middle = Offset(low.rawValue + (high.rawValue - low.rawValue) / 2)
            guard
                try cursor.seek(atOrBefore: StoreKey(middle)), let key = cursor.key.offsetKey,
                let block = BlockView(cursor.value), block.isHeaderIntact
            else {
                throw StorageError(
                    .damaged(middle..<middle.next), path: snapshot.environment.path,
                    detail: "the block at this offset")
            }
            if block.lastTime >= time {
                found = key..<block.endOffset
                high = key
            } else {
                low = max(block.endOffset, middle.next)
            }
        }
        return found
    }
}
