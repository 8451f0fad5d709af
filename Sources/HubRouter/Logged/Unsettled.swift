import HubModel

/// One delivery of a consumer that is not settled, or one that it is owed.
struct UnsettledDelivery: Equatable {
    /// Where it stands. The raw values are on disk.
    enum Standing: UInt8 {
        /// It was delivered; its lease runs, or it waits to come again.
        case leased = 0
        /// Its consumer will never do it: it waits for its place among the dead letters.
        case givenUp = 1
        /// It is owed before anything new: the last value of a topic, or what was held back and is no longer.
        case owed = 2
        /// An operator brought it back: it is owed, and nothing waits for it.
        case revived = 3
        /// It is held back, since the session or the connection is paused.
        case held = 4
        /// It is done with, and only its place is still there.
        case settled = 255
    }

    let offset: Offset
    /// When it was last delivered, refused, or said to be worked on.
    var since: Timestamp
    /// When it comes again, if that is decided: after a refusal. None while its lease runs.
    var dueAt = Timestamp.none
    /// Of what is or was held back: the session whose order it must keep.
    var session = NameID.none
    private var packedAttempts: UInt16
    var standing: Standing

    init(
        offset: Offset, attempts: Int, since: Timestamp, _ standing: Standing = .leased,
        session: NameID = .none
    ) {
        self.offset = offset
        self.since = since
        self.session = session
        self.standing = standing
        packedAttempts = UInt16(clamping: attempts)
    }

    /// How often it was delivered.
    var attempts: Int {
        get { Int(packedAttempts) }
        set { packedAttempts = UInt16(clamping: newValue) }
    }

    /// Whether it has not been delivered, or not since it was brought back.
    var isOwed: Bool { standing == .owed || standing == .revived || standing == .held }
}

/// The deliveries of a consumer that are not settled, in order of their offsets.
///
/// First deliveries come in order and are mostly settled in order, so they are kept in a queue: added at the end, found
/// by halving, marked when settled, and dropped from the front. What is settled in the middle is squeezed out once it
/// is more than what is left.
struct Unsettled: Equatable {
    private var entries: [UnsettledDelivery] = []
    private var first = 0
    /// Deliveries that are not settled, owed ones included.
    private(set) var count = 0
    /// Those that are owed.
    private(set) var owedCount = 0

    init() {}

    /// Entries in memory, settled ones that were not squeezed out yet included.
    var footprint: Int { entries.count }

    /// Deliveries that somebody has.
    var inFlight: Int { count - owedCount }

    /// The oldest offset that is not settled.
    var oldest: Offset? { count == 0 ? nil : entries[first].offset }

    /// Notes a delivery. It lies behind all before it, but for one that is owed from earlier.
    mutating func add(_ delivery: UnsettledDelivery) {
        var isBehindAll = true
        if let last = entries.last { isBehindAll = last.offset < delivery.offset }
        let index = isBehindAll ? entries.count : lowerBound(delivery.offset)
        if index < entries.count, entries[index].offset == delivery.offset {
            uncount(entries[index])
            entries[index] = delivery
        } else if isBehindAll {
            entries.append(delivery)
        } else {
            entries.insert(delivery, at: index)
        }
        count += 1
        if delivery.isOwed { owedCount += 1 }
    }

    private mutating func uncount(_ delivery: UnsettledDelivery) {
        guard delivery.standing != .settled else { return }
        count -= 1
        if delivery.isOwed { owedCount -= 1 }
    }

    /// The delivery at an offset.
    func find(_ offset: Offset) -> UnsettledDelivery? {
        index(of: offset).map { entries[$0] }
    }

    /// Changes the delivery at an offset; false if there is none.
    @discardableResult
    mutating func update(_ offset: Offset, _ change: (inout UnsettledDelivery) -> Void) -> Bool {
        guard let index = index(of: offset) else { return false }
        update(at: index, change)
        return true
    }

    /// Changes the deliveries between two offsets, both included.
    mutating func update(from: Offset, through: Offset, _ change: (inout UnsettledDelivery) -> Void) {
        var index = lowerBound(from)
        while index < entries.count, entries[index].offset <= through {
            if entries[index].standing != .settled { update(at: index, change) }
            index += 1
        }
    }

    private mutating func update(at index: Int, _ change: (inout UnsettledDelivery) -> Void) {
        uncount(entries[index])
        change(&entries[index])
        count += 1
        if entries[index].isOwed { owedCount += 1 }
    }

    /// Settles the delivery at an offset, owed or not; false if there is none.
    @discardableResult
    mutating func settle(_ offset: Offset) -> Bool {
        guard let index = index(of: offset) else { return false }
        uncount(entries[index])
        entries[index].standing = .settled
        dropSettled()
        return true
    }

    /// Settles what was delivered between two offsets, both included. What is owed was not, so it stays.
    mutating func settle(from: Offset, through: Offset) {
        var index = lowerBound(from)
        while index < entries.count, entries[index].offset <= through {
            if entries[index].standing == .leased || entries[index].standing == .givenUp {
                count -= 1
                entries[index].standing = .settled
            }
            index += 1
        }
        dropSettled()
    }

    /// Goes through what is not settled, oldest first.
    func forEach(_ body: (UnsettledDelivery) -> Void) {
        for index in first..<entries.count where entries[index].standing != .settled { body(entries[index]) }
    }

    /// Forgets everything.
    mutating func removeAll() { self = Unsettled() }

    private mutating func dropSettled() {
        while first < entries.count, entries[first].standing == .settled { first += 1 }
        let kept = entries.count - first
        // Squeezing costs what is kept, and is earned by what is thrown away.
        guard first > max(64, kept) || kept > max(64, 2 * count) else { return }
        if kept == count {
            entries.removeFirst(first)
        } else {
            var live: [UnsettledDelivery] = []
            live.reserveCapacity(max(count * 2, 16))
            forEach { live.append($0) }
            entries = live
        }
        first = 0
    }

    private func index(of offset: Offset) -> Int? {
        let index = lowerBound(offset)
        guard index < entries.count, entries[index].offset == offset, entries[index].standing != .settled
        else { return nil }
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
