import HubBytes
import HubModel

/// Writes the index since the last checkpoint, run by run in the order of the keys, and the router's state.
enum Checkpoint {
    /// A list no longer than this is joined to the run before it if that is as short, so that a quiet session does
    /// not leave a run a checkpoint. Retention removes whole runs, so they must not grow long either.
    private static let joinedEntriesMax = 64

    /// About how much a transaction will write for a checkpoint: a page of LMDB for each list and its entries.
    static func estimate(_ pending: borrowing PendingIndex) -> Int {
        pending.lists.count * 4096 + pending.base.distance(to: pending.end) * 6
    }

    static func writeIndex(
        _ pending: borrowing PendingIndex, _ transaction: inout WriteTransaction
    ) throws(StorageError) {
        var run = RunInProgress()
        for list in pending.sortedLists() {
            try run.begin(list, &transaction)
            var failure: StorageError?
            pending.forEachOffset(of: list) { index, offset in
                do throws(StorageError) {
                    try run.append(index, offset, &transaction)
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
            if let failure { throw failure }
            try run.finish(&transaction)
        }
    }

    static func writeState(
        _ changes: borrowing StateChanges, _ transaction: inout WriteTransaction
    ) throws(StorageError) {
        var wrapped = ByteBuffer(capacity: 1024)
        try changes.forEach { (key, value) throws(StorageError) in
            guard let value else {
                try transaction.remove(.state, key)
                return
            }
            CheckedValue.wrap(value, into: &wrapped)
            try transaction.put(.state, key, wrapped.bytes)
        }
    }

    /// The run that is being written, of the list that is being written.
    private struct RunInProgress: ~Copyable {
        private var builder = IndexRunBuilder()
        private var list: PendingIndex.List?
        private var position: UInt64 = 0
        /// Bytes of the records of a run that this one continues.
        private var joinedBytes = 0
        private var joinedEntries = 0
        /// Whether the list has no run before this one.
        private var isFirst = true

        init() {}

        mutating func begin(
            _ list: PendingIndex.List, _ transaction: inout WriteTransaction
        ) throws(StorageError) {
            builder.reset()
            self.list = list
            isFirst = true
            position = list.firstPosition
            joinedBytes = 0
            joinedEntries = 0
            if list.count <= Checkpoint.joinedEntriesMax { try join(list, transaction) }
        }

        /// Continues the list's last run if that is short.
        private mutating func join(
            _ list: PendingIndex.List, _ transaction: borrowing WriteTransaction
        ) throws(StorageError) {
            let cursor = try transaction.cursor(list.isSession ? .sessions : .topics)
            guard
                try cursor.seek(atOrBefore: StoreKey(list.id, position: UInt64.max)),
                let key = cursor.key.runKey, key.id == list.id,
                let run = IndexRun(cursor.value), run.count <= Checkpoint.joinedEntriesMax
            else { return }
            if list.isSession, key.position + UInt64(run.count) != list.firstPosition { return }
            run.forEach { _, offset in
                builder.append(offset)
                return true
            }
            position = key.position
            joinedBytes = run.recordBytes
            joinedEntries = run.liveCount
        }

        mutating func append(
            _ index: Int, _ offset: Offset, _ transaction: inout WriteTransaction
        ) throws(StorageError) {
            guard let list else { preconditionFailure("a run belongs to a list") }
            if builder.isFull { try flush(&transaction) }
            if builder.count == 0 {
                position = list.isSession ? list.firstPosition + UInt64(index) : offset.rawValue
            }
            builder.append(offset)
        }

        mutating func finish(_ transaction: inout WriteTransaction) throws(StorageError) {
            if builder.count > 0 { try flush(&transaction) }
            list = nil
        }

        /// Writes the run. What each record weighs is not known, only the list as a whole and its smallest record.
        /// So the first run takes what is left when those behind it weigh as little as they can: nobody who adds
        /// up runs from the newest on, as retention does, counts more bytes than there are.
        private mutating func flush(_ transaction: inout WriteTransaction) throws(StorageError) {
            guard let list else { preconditionFailure("a run belongs to a list") }
            let own = builder.liveCount - joinedEntries
            let bytes =
                isFirst
                ? joinedBytes + list.bytes - (list.count - own) * list.leastBytes : own * list.leastBytes
            isFirst = false
            let key = StoreKey(list.id, position: position)
            try transaction.put(
                list.isSession ? .sessions : .topics, key,
                builder.finish(recordBytes: bytes, lastTime: list.lastTime))
            builder.reset()
            joinedBytes = 0
            joinedEntries = 0
        }
    }
}
