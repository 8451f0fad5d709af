import HubBytes
package import HubModel
import HubSystem

/// The router's end of the storage thread: the block that is being filled, and those on their way.
///
/// Whoever fills it calls `flush` once a turn: if storage can take a block it gets all that came in since the last.
/// Three blocks go round at most, each bounded, so that memory is bounded whatever the traffic.
package struct BlockPipeline: ~Copyable {
    private let storage: StorageThread
    /// The block that is being filled.
    package var open: Block
    private var spare: Block?
    private var onTheWay = 0
    /// An open block larger than this takes nothing more until storage has taken it.
    private let bytesMax: Int

    /// Where a block's buffer is cut back to after an unusually large one.
    private static let keptCapacity = 8 << 20

    /// A pipeline into a log that nobody else writes to.
    package init(_ storage: StorageThread, bytesMax: Int = 4 << 20) {
        self.storage = storage
        self.bytesMax = bytesMax
        open = Block(firstOffset: storage.reader.bounds.head)
    }

    /// Whether the open block takes more now; if not, something must come back first.
    package var hasRoom: Bool {
        open.byteCount < bytesMax && open.count < Limits.blockRecordsMax
    }

    /// Blocks handed over that have not come back.
    package var blocksOnTheWay: Int { onTheWay }

    /// Records in the open block.
    package var openRecords: Int { open.count }

    /// The offset that the next record will get.
    package var nextOffset: Offset { open.nextOffset }

    /// Adds a record to the open block. With `memory`, its sender may be told at once: the record says so, and is
    /// written like any other.
    package mutating func append(
        _ header: RecordHeader, _ parts: borrowing RecordParts, _ durability: Durability = .fsynced
    ) -> Offset {
        guard durability == .memory else { return open.append(header, parts) }
        var header = header
        header.flags.insert(.receiptedFromMemory)
        return open.append(header, parts)
    }

    /// Adds a name that the open block is the first to use.
    package mutating func define(_ id: NameID, _ key: NameKey, _ text: RawSpan) { open.define(id, key, text) }

    /// Hands the open block over if it has anything and storage has room for it.
    @discardableResult
    package mutating func flush() -> Bool {
        var none: StateChanges?
        return open.count > 0 && hand(over: &none)
    }

    /// Hands the open block over together with changes to the router's checkpoint, which it takes only if storage
    /// has room; the block may be empty.
    @discardableResult
    package mutating func flush(with state: inout StateChanges?) -> Bool { hand(over: &state) }

    private mutating func hand(over state: inout StateChanges?) -> Bool {
        guard canFlush else { return false }
        let first = open.nextOffset
        var sealed = spare.take() ?? Block()
        if open.count > 0 {
            swap(&sealed, &open)
            open.reset(firstOffset: first)
        } else {
            // A block without records brings the checkpoint alone. Names that were defined and not used yet stay for the
            // records that will use them.
            sealed.reset(firstOffset: first)
        }
        sealed.seal()
        var submission: StorageThread.Submission? = StorageThread.Submission(sealed, state: state.take())
        storage.submissions.offer(&submission)
        onTheWay += 1
        return true
    }

    /// Whether storage can take a block now.
    package var canFlush: Bool { onTheWay < StorageThread.waitingBlocks && !storage.submissions.isClosed }

    /// Takes a block that came back; nil if none has. It is given back when it was looked at.
    package mutating func take() -> StorageThread.Completion? {
        guard let completion = storage.completions.take() else { return nil }
        onTheWay -= 1
        return completion
    }

    /// Gives a block back to be filled again. When it failed and was the last on its way, the open block is emptied:
    /// says so, and whoever filled it has to take back what he put there.
    package mutating func giveBack(_ completion: consuming StorageThread.Completion) -> Bool {
        let hasFailed = completion.failure != nil
        recycle(completion.block)
        guard hasFailed, onTheWay == 0 else { return false }
        open.reset(firstOffset: storage.reader.bounds.head)
        return true
    }

    /// Takes a block that came back, and lends it to `body` with what became of it; false if none has come.
    ///
    /// When a block failed, so have all behind it: they come back failed too, the open one last and at once,
    /// and the next record will get the offset that the first failed one had.
    @discardableResult
    package mutating func collect(_ body: (borrowing Block, StorageError?) -> Void) -> Bool {
        guard let completion = storage.completions.take() else { return false }
        finish(completion, body)
        return true
    }

    /// As `collect`, but waits for a block to come back; false if none is on the way or the storage thread ended.
    @discardableResult
    package mutating func collectWaiting(_ body: (borrowing Block, StorageError?) -> Void) -> Bool {
        guard onTheWay > 0, let completion = storage.completions.take(waitingMilliseconds: -1) else {
            return false
        }
        finish(completion, body)
        return true
    }

    /// What an event loop watches to know that something has come back.
    package var descriptor: Int32 { storage.completions.arrivals.descriptor }

    /// What had come back is about to be taken: the descriptor tells of what comes from now on.
    package func clearArrivals() { storage.completions.arrivals.clear() }

    private mutating func finish(
        _ completion: consuming StorageThread.Completion, _ body: (borrowing Block, StorageError?) -> Void
    ) {
        onTheWay -= 1
        let failure = completion.failure
        body(completion.block, failure)
        recycle(completion.block)
        guard failure != nil, onTheWay == 0 else { return }
        if open.count > 0 { body(open, failure) }
        open.reset(firstOffset: storage.reader.bounds.head)
    }

    private mutating func recycle(_ block: consuming Block) {
        guard spare == nil else { return }
        block.reset(firstOffset: .zero)
        block.shrink(toCapacity: Self.keptCapacity)
        spare = consume block
    }
}
