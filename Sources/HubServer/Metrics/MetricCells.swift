import Synchronization

/// Numbers that one thread writes and any thread reads, without a lock.
///
/// Since there is one writer, a count is a load and a store: neither locks the bus as an atomic addition does. What
/// readers see of two cells need not be of the same moment.
@safe final class MetricCells {
    private let cells: UnsafeMutablePointer<Atomic<UInt64>>
    let count: Int

    /// Bytes before and behind the cells that nobody uses: other memory on the same cache line would be slowed down
    /// by each count, and slow it down in turn.
    private static let paddingCells = 16

    init(count: Int) {
        precondition(count > 0)
        self.count = count
        // Safety: freed in deinit; the cells that are used are initialised here, and the padding is never touched.
        let base = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: count + 2 * Self.paddingCells)
        unsafe cells = base + Self.paddingCells
        for index in 0..<count { unsafe (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        // Safety: the one allocation of this object; atomics of integers need no deinitialization.
        unsafe (cells - Self.paddingCells).deallocate()
    }

    /// The value of a cell, as of a moment ago.
    @inline(__always) subscript(_ index: Int) -> UInt64 {
        precondition(index >= 0 && index < count)
        // Safety: the index was checked.
        return unsafe cells[index].load(ordering: .relaxed)
    }

    /// Adds to a cell. For the writing thread.
    @inline(__always) func add(_ index: Int, _ amount: UInt64 = 1) {
        precondition(index >= 0 && index < count)
        // Safety: the index was checked.
        unsafe cells[index].store(cells[index].load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// Sets a cell. For the writing thread.
    @inline(__always) func set(_ index: Int, _ value: UInt64) {
        precondition(index >= 0 && index < count)
        // Safety: the index was checked.
        unsafe cells[index].store(value, ordering: .relaxed)
    }
}

// Safety: the memory lives as long as the object, and is accessed through atomics alone.
extension MetricCells: @unchecked Sendable {}
