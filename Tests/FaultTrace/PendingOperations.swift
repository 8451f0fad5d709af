/// The operations a crash may undo: those no sync has brought to stable storage.
struct PendingOperations {
    /// An operation, or the part of a write that later durable ones have not replaced.
    struct Entry {
        /// Its index in the trace.
        let position: Int
        var operation: Trace.Operation
        /// A sync of it failed. Linux then takes its pages for clean, so that later syncs do not save them.
        var isDoubtful = false
    }

    private(set) var entries: [Entry] = []

    /// Whether a crash just before the end of this operation has other outcomes than one after it.
    static func isBoundary(_ operation: Trace.Operation) -> Bool {
        switch operation {
        case .sync, .write(_, _, isDurable: true): true
        default: false
        }
    }

    /// Takes the next operation of a trace and hands `settle` what has become certain, in order.
    mutating func take(_ operation: Trace.Operation, at position: Int, settle: (Trace.Operation) -> Void) {
        switch operation {
        case .write(_, _, isDurable: true):
            // It saves no other bytes, but the inode with its size, and so all sizes set before.
            settleEntries(where: { !$0.isWrite }, settle)
            settle(operation)
            cutEntries(replacedBy: operation)
        case .write, .truncate, .allocate:
            entries.append(Entry(position: position, operation: operation))
        case .sync:
            settleEntries(where: { !$0.isDoubtful || !$0.isWrite }, settle)
        case .syncFailed:
            for index in entries.indices { entries[index].isDoubtful = true }
        case .start, .opened, .mark, .mapped: break
        }
    }

    private mutating func settleEntries(
        where isCertain: (Entry) -> Bool, _ settle: (Trace.Operation) -> Void
    ) {
        let all = entries
        entries = []
        for entry in all {
            if isCertain(entry) {
                settle(entry.operation)
                cutEntries(replacedBy: entry.operation)
            } else {
                entries.append(entry)
            }
        }
    }

    /// Takes from earlier writes what a later operation that is certain has replaced: it cannot come back.
    private mutating func cutEntries(replacedBy operation: Trace.Operation) {
        let gone: Range<Int>
        switch operation {
        case .write(let offset, let bytes, _): gone = offset..<offset + bytes.count
        case .truncate(let size): gone = size..<Int.max
        case .allocate(let offset, let length, _, zeroes: true): gone = offset..<offset + length
        default: return
        }
        entries = entries.flatMap { $0.without(gone) }
    }
}

extension PendingOperations.Entry {
    var isWrite: Bool { if case .write = operation { true } else { false } }

    fileprivate func without(_ gone: Range<Int>) -> [Self] {
        guard case .write(let offset, let bytes, let isDurable) = operation else { return [self] }
        let own = offset..<offset + bytes.count
        guard own.overlaps(gone) else { return [self] }
        let kept = [
            own.lowerBound..<max(own.lowerBound, gone.lowerBound),
            min(own.upperBound, gone.upperBound)..<own.upperBound,
        ]
        return kept.filter { !$0.isEmpty }.map { range in
            var part = self
            let first = bytes.startIndex - offset
            let left = bytes[first + range.lowerBound..<first + range.upperBound]
            part.operation = .write(offset: range.lowerBound, bytes: left, isDurable: isDurable)
            return part
        }
    }
}
