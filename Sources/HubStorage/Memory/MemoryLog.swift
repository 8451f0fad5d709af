import HubBytes
package import HubModel
import Synchronization

/// The log in memory, for simulators and tests: the same contract as the log on disk, without a disk.
///
/// Everything committed counts as safe. Retention removes whole blocks by the log's limits and single records by
/// their topics' limits, as soon as `maintain` is called.
package final class MemoryLog: MessageLog {
    private let core: MemoryCore
    private var rules = AppendRules()
    private var retention: RetentionPolicy

    /// What errors name in place of a path.
    private static let path = "memory"

    /// An empty log.
    package init(epoch: Epoch, retention: RetentionPolicy = .everything) {
        core = MemoryCore(MemoryState(epoch: epoch))
        self.retention = retention
    }

    private init(_ state: MemoryState, retention: RetentionPolicy) {
        core = MemoryCore(state)
        self.retention = retention
    }

    /// What a crash at this moment leaves: a log of its own with all that was committed, sharing the blocks.
    package func reopened() -> MemoryLog {
        MemoryLog(core.state.withLock { $0 }, retention: retention)
    }

    /// The side for reading.
    package var reader: any LogReader { MemoryReader(core) }

    /// Replaces what retention allows.
    package func setRetention(_ policy: RetentionPolicy) { retention = policy }

    /// Takes in a sealed block, and with it changes to the router's checkpoint.
    package func commit(
        _ block: inout Block, state changes: consuming StateChanges?, now: Timestamp
    ) throws(StorageError) {
        block.fillChecksums()
        let bounds = core.state.withLock { $0.bounds }
        let core = core
        try rules.accept(block.view, bounds, path: Self.path) { (session) throws(StorageError) in
            SequenceNumber(core.state.withLock { $0.list(of: session)?.last ?? 0 })
        } kind: { id in
            core.state.withLock { $0.names[id]?.key.kind }
        }
        let segment = MemorySegment(block.view)
        apply(changes, with: segment)
    }

    /// Writes a checkpoint now.
    package func checkpoint(state changes: consuming StateChanges?, now: Timestamp) throws(StorageError) {
        apply(changes, with: nil)
    }

    /// Readers see both or nothing.
    private func apply(_ changes: consuming StateChanges?, with segment: MemorySegment?) {
        var list: [(key: [UInt8], value: [UInt8]?)] = []
        var appliedTo = Offset.zero
        if let changes {
            changes.forEach { key, value in list.append((key.array, value?.array)) }
            appliedTo = changes.appliedTo
        }
        core.state.withLock { state in
            if let segment { state.append(segment) }
            state.apply(list, appliedTo: appliedTo)
        }
    }

    /// Removes what retention no longer allows, all at once.
    package func maintain(now: Timestamp) throws(StorageError) -> Bool {
        let policy = retention
        core.state.withLock { $0.retain(policy, now: now) }
        return false
    }
}
