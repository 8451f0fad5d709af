import HubModel

/// The records of one session, topic, agent or consumer in a memory log.
struct MemoryList {
    let isSession: Bool
    private var all: [Posting] = []
    /// Entries at the beginning of `all` that are gone.
    private var gone = 0
    /// Records that are kept: those in the middle of a session that a topic's limits removed do not count.
    private(set) var live = 0
    /// Bytes of the records kept.
    private(set) var bytes = 0
    /// The last position ever.
    private(set) var last: UInt64 = 0
    private(set) var trim = Trim.none

    init(isSession: Bool) { self.isSession = isSession }

    /// The entries from the first that is kept.
    var postings: ArraySlice<Posting> { all[gone...] }

    mutating func append(_ posting: Posting, bytes: Int) {
        all.append(posting)
        live += 1
        self.bytes += bytes
        last = posting.position
    }

    /// Notes that a record of the list is gone; it leaves once it stands at the beginning.
    mutating func noteRemoved(bytes: Int) {
        live -= 1
        self.bytes -= bytes
        trim.count += 1
    }

    /// Takes out the first entry.
    mutating func removeFirst() {
        trim.through = all[gone].position
        gone += 1
        if gone * 2 > all.count, gone > 16 || gone == all.count {
            all.removeSubrange(..<gone)
            gone = 0
        }
    }

    /// The first of `postings` at or behind a position.
    func index(atOrAfter position: UInt64) -> Int {
        var low = gone
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            if all[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
