import HubModel

/// One delivery that is not settled.
struct UnsettledDelivery: Equatable {
    let offset: Offset
    /// How often it was delivered.
    var attempts: Int
    /// When it was last delivered, refused, or said to be worked on.
    var since: Timestamp
    /// When it comes again, if that is decided: after a refusal. None while its lease runs.
    var dueAt: Timestamp = .none
    /// Whether its consumer will never do it: it waits for its place among the dead letters.
    var isGivenUp = false
}

/// The deliveries of a consumer that are not settled, in order of their offsets.
///
/// First deliveries come in order and are mostly settled in order, so they are kept in a queue: added at the end, found
/// by halving, marked when settled, and dropped from the front. What is settled in the middle is squeezed out once it
/// is more than what is left.
struct Unsettled: Equatable {
    private var entries: [UnsettledDelivery] = []
    private var isSettled: [Bool] = []
    private var first = 0
    /// Deliveries that are not settled.
    private(set) var count = 0

    init() {}

    /// Entries in memory, settled ones that were not squeezed out yet included.
    var footprint: Int { entries.count }

    /// The oldest offset that is not settled.
    var oldest: Offset? { count == 0 ? nil : entries[first].offset }

    /// Notes a first delivery. It lies behind all before it, but for one that an operator has brought back.
    mutating func add(_ delivery: UnsettledDelivery) {
        let index =
            entries.last.map { $0.offset < delivery.offset } ?? true
            ? entries.count : lowerBound(delivery.offset)
        if index < entries.count, entries[index].offset == delivery.offset {
            if isSettled[index] { count += 1 }
            entries[index] = delivery
            isSettled[index] = false
            return
        }
        entries.insert(delivery, at: index)
        isSettled.insert(false, at: index)
        count += 1
    }

    /// The delivery at an offset.
    func find(_ offset: Offset) -> UnsettledDelivery? {
        index(of: offset).map { entries[$0] }
    }

    /// Changes the delivery at an offset; false if there is none.
    @discardableResult
    mutating func update(_ offset: Offset, _ change: (inout UnsettledDelivery) -> Void) -> Bool {
        guard let index = index(of: offset) else { return false }
        change(&entries[index])
        return true
    }

    /// Changes the deliveries between two offsets, both included.
    mutating func update(from: Offset, through: Offset, _ change: (inout UnsettledDelivery) -> Void) {
        var index = lowerBound(from)
        while index < entries.count, entries[index].offset <= through {
            if !isSettled[index] { change(&entries[index]) }
            index += 1
        }
    }

    /// Settles the delivery at an offset; false if there is none.
    @discardableResult
    mutating func settle(_ offset: Offset) -> Bool {
        guard let index = index(of: offset) else { return false }
        isSettled[index] = true
        count -= 1
        dropSettled()
        return true
    }

    /// Settles everything in a range, and tells each; they are as many as were unsettled, whatever the range's width.
    mutating func settle(from: Offset, through: Offset, _ body: (UnsettledDelivery) -> Void) {
        var index = lowerBound(from)
        while index < entries.count, entries[index].offset <= through {
            if !isSettled[index] {
                isSettled[index] = true
                count -= 1
                body(entries[index])
            }
            index += 1
        }
        dropSettled()
    }

    /// Goes through what is not settled, oldest first.
    func forEach(_ body: (UnsettledDelivery) -> Void) {
        for index in first..<entries.count where !isSettled[index] { body(entries[index]) }
    }

    /// Forgets everything.
    mutating func removeAll() { self = Unsettled() }

    private mutating func dropSettled() {
        while first < entries.count, isSettled[first] { first += 1 }
        let kept = entries.count - first
        // Squeezing costs what is kept, and is earned by what is thrown away.
        guard first > max(64, kept) || kept > max(64, 2 * count) else { return }
        var live: [UnsettledDelivery] = []
        live.reserveCapacity(max(count * 2, 16))
        forEach { live.append($0) }
        entries = live
        isSettled = Array(repeating: false, count: live.count)
        first = 0
    }

    private func index(of offset: Offset) -> Int? {
        let index = lowerBound(offset)
        guard index < entries.count, entries[index].offset == offset, !isSettled[index] else { return nil }
        return index
    }

    /// The first entry at or behind an offset.
    private func lowerBound(_ offset: Offset) -> Int {
        var low = first
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].offset < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Equal if the same deliveries are unsettled, wherever they are kept.
    static func == (left: Unsettled, right: Unsettled) -> Bool {
        guard left.count == right.count else { return false }
        var others: [UnsettledDelivery] = []
        right.forEach { others.append($0) }
        var index = 0
        var isEqual = true
        left.forEach { delivery in
            if delivery != others[index] { isEqual = false }
            index += 1
        }
        return isEqual
    }
}
