import HubBytes
import HubModel

/// Finds places in the log by time: blocks are in order of time, so a search by halves over their keys will do.
enum TimeSearch {
    /// What a block covers, and the latest that its last record can have been taken.
    struct Place {
        let range: Range<Offset>
        let lastTime: Timestamp
        /// Whether the block's header is what was written.
        let isReadable: Bool
    }

    /// The first block whose last record was taken at or after a time, or may have been: too early rather than too
    /// late. Nil if there is none.
    static func place(
        _ snapshot: Snapshot, _ bounds: LogBounds, reaching time: Timestamp
    ) throws(StorageError) -> Place? {
        let cursor = try snapshot.cursor(.log)
        var low = bounds.start
        var high = bounds.head
        var found: Place?
        // Every block that begins before `low` is too old; `found`, if any, begins at or behind `high`.
        while low < high {
            let middle = Offset(low.rawValue + (high.rawValue - low.rawValue) / 2)
            guard try cursor.seek(atOrBefore: StoreKey(middle)), let place = try place(cursor, bounds.head)
            else {
                throw StorageError(
                    .damaged(middle..<middle.next), path: snapshot.environment.path,
                    detail: "the block at this offset")
            }
            if place.lastTime >= time {
                found = place
                high = place.range.lowerBound
            } else {
                low = max(place.range.upperBound, middle.next)
            }
        }
        return found
    }

    /// The block at the cursor. Without its header it ends where the next begins, and is no younger than the next
    /// one that can be read.
    private static func place(_ cursor: borrowing Cursor, _ head: Offset) throws(StorageError) -> Place? {
        guard let key = cursor.key.offsetKey else { return nil }
        if let block = BlockView(cursor.value), block.isHeaderIntact {
            return Place(range: key..<block.endOffset, lastTime: block.lastTime, isReadable: true)
        }
        var end: Offset?
        while try cursor.next(), let next = cursor.key.offsetKey {
            end = end ?? next
            if let block = BlockView(cursor.value), block.isHeaderIntact {
                return Place(range: key..<(end ?? head), lastTime: block.firstTime, isReadable: false)
            }
        }
        let latest = Timestamp(microseconds: .max)
        return Place(range: key..<max(end ?? head, key.next), lastTime: latest, isReadable: false)
    }
}
