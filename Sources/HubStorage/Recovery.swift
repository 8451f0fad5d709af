import HubBytes
import HubModel

/// Opening a log: finds its bounds and makes the index since the last checkpoint again from the blocks behind
/// it, with the same code that made it when they were written.
enum Recovery {
    struct Result: ~Copyable {
        var bounds: LogBounds
        var pending: PendingIndex
        var damaged: [Range<Offset>] = []
        /// Records in the blocks behind the checkpoint.
        var records = 0
    }

    static func run(_ environment: Environment, _ meta: LogMeta) throws(StorageError) -> Result {
        let snapshot = try environment.read()
        let bounds = LogBounds(
            epoch: meta.epoch, start: meta.indexedTo, head: meta.indexedTo, lastTime: .none,
            names: try LogNames.count(snapshot), stateAppliedTo: meta.stateAppliedTo)
        var result = Result(bounds: bounds, pending: PendingIndex(from: meta.indexedTo))
        let cursor = try snapshot.cursor(.log)
        guard try cursor.first(), let first = cursor.key.offsetKey else { return result }
        result.bounds.start = first
        try readTail(cursor, meta, &result)
        return result
    }

    /// Reads the blocks behind the checkpoint, and the last one before it for its time if there are none.
    private static func readTail(
        _ cursor: borrowing Cursor, _ meta: LogMeta, _ result: inout Result
    ) throws(StorageError) {
        var isThere = try cursor.seek(atOrAfter: StoreKey(meta.indexedTo))
        if !isThere {
            isThere = try cursor.last()
            // If nobody can read the last one, the one before has the best time there is.
            while isThere {
                if let block = BlockView(cursor.value), block.isHeaderIntact {
                    result.bounds.lastTime = block.lastTime
                    return
                }
                isThere = try cursor.previous()
            }
            return
        }
        while isThere {
            guard let key = cursor.key.offsetKey else { return }
            take(cursor.value, key, &result)
            isThere = try cursor.next()
        }
    }

    private static func take(_ bytes: RawSpan, _ key: Offset, _ result: inout Result) {
        if let last = result.damaged.last, last.upperBound == result.bounds.head {
            result.damaged[result.damaged.count - 1] = last.lowerBound..<max(key, last.upperBound)
        }
        guard let block = BlockView(bytes), block.firstOffset == key, block.isIntact else {
            // How far the block reached is unknown without its header, until the next block's key says it.
            let end = endOfDamaged(bytes, key)
            result.damaged.append(key..<end)
            result.bounds.head = max(result.bounds.head, end)
            return
        }
        result.pending.add(block)
        result.records += block.count
        result.bounds.head = block.endOffset
        result.bounds.lastTime = block.lastTime
    }
}

extension Recovery {
    private static func endOfDamaged(_ bytes: RawSpan, _ key: Offset) -> Offset {
        guard let block = BlockView(bytes), block.isHeaderIntact else { return key.next }
        return max(block.endOffset, key.next)
    }
}

extension BlockView {
    /// Whether every byte of the block is what was written, and what was written makes sense.
    package var isIntact: Bool {
        guard isHeaderIntact, isDirectoryIntact else { return false }
        var index = 0
        var end = BlockLayout.headerBytes
        while index < count {
            let position = position(at: index)
            guard
                position == end, let record = record(atPosition: position), record.isIntact,
                record.offset == offset(at: index)
            else { return false }
            end = position + record.bytes.byteCount
            index += 1
        }
        return end == directoryStart && areNamesReadable
    }

    private var areNamesReadable: Bool {
        var names = names
        var found = 0
        while names.next() != nil { found += 1 }
        return names.isAtEnd && found == nameCount
    }
}
