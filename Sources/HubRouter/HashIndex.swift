/// Finds numbers by a hash: the part that every table of the router shares.
///
/// The index holds the hash's low half and a number; what the number stands for, and whether it is the one looked
/// for, is known to the table that owns the index. So a slot has eight bytes whatever the key is, a larger index is
/// made without looking at a key, and there is one deletion to get right instead of one for each table.
///
/// Open addressing with linear probing. Deletion moves what follows back, so there are no tombstones: a table that
/// adds and removes for ever does not wear out.
struct HashIndex {
    private struct Slot {
        var tag: UInt32 = 0
        /// One more than the number; 0 is free.
        var mark: UInt32 = 0
    }

    /// Where a search is.
    struct Probe {
        fileprivate var slot: Int
        fileprivate let tag: UInt32
    }

    private var slots: [Slot]
    /// Numbers in the index.
    private(set) var count = 0

    /// An index with room for so many numbers before it grows.
    init(capacity: Int = 0) {
        var size = 16
        while size / 4 * 3 < capacity { size *= 2 }
        slots = Array(repeating: Slot(), count: size)
    }

    /// Bytes that the index takes.
    var byteCount: Int { slots.count * MemoryLayout<Slot>.stride }

    /// Begins a search for a hash.
    func probe(_ hash: UInt64) -> Probe {
        let tag = UInt32(truncatingIfNeeded: hash)
        return Probe(slot: Int(tag) & (slots.count &- 1), tag: tag)
    }

    /// The next number with this hash, or nil. It may be there for another key with the same hash.
    @inline(__always)
    func next(_ probe: inout Probe) -> Int? {
        let mask = slots.count &- 1
        while true {
            let slot = slots[probe.slot]
            if slot.mark == 0 { return nil }
            probe.slot = (probe.slot &+ 1) & mask
            if slot.tag == probe.tag { return Int(slot.mark &- 1) }
        }
    }

    /// Adds a number, which must be below 2³² − 1 and not be there already.
    mutating func insert(_ number: Int, _ hash: UInt64) {
        // At most three quarters full: probes stay short.
        if (count &+ 1) &* 4 > slots.count &* 3 { grow() }
        place(Slot(tag: UInt32(truncatingIfNeeded: hash), mark: UInt32(number) + 1))
        count += 1
    }

    /// Takes a number out; it must be there.
    mutating func remove(_ number: Int, _ hash: UInt64) {
        let mask = slots.count - 1
        let mark = UInt32(number) + 1
        var hole = Int(UInt32(truncatingIfNeeded: hash)) & mask
        while slots[hole].mark != mark {
            precondition(slots[hole].mark != 0, "a number that should be in the index is not")
            hole = (hole + 1) & mask
        }
        var slot = (hole + 1) & mask
        while slots[slot].mark != 0 {
            // It may move back into the hole unless that lies before its home.
            let home = Int(slots[slot].tag) & mask
            if (slot - home) & mask >= (slot - hole) & mask {
                slots[hole] = slots[slot]
                hole = slot
            }
            slot = (slot + 1) & mask
        }
        slots[hole] = Slot()
        count -= 1
    }

    /// Forgets all numbers and keeps the memory.
    mutating func removeAll() {
        for slot in slots.indices { slots[slot] = Slot() }
        count = 0
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: old.count * 2)
        for slot in old where slot.mark != 0 { place(slot) }
    }

    private mutating func place(_ new: Slot) {
        let mask = slots.count &- 1
        var slot = Int(new.tag) & mask
        while slots[slot].mark != 0 { slot = (slot &+ 1) & mask }
        slots[slot] = new
    }
}
