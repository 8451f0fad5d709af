import HubModel

/// Commands that have ended, in the order in which they did. They are remembered for a while, so that an answer that
/// comes late still finds who asked.
struct EndedCommands {
    /// How long, and how many.
    static let milliseconds: Int64 = 600_000
    static let countMax = 65_536

    private var offsets: [Offset] = []
    private var first = 0
    /// Those that are remembered. Others are still listed: their senders used the ids again.
    private(set) var count = 0

    init() {}

    mutating func append(_ offset: Offset) {
        offsets.append(offset)
        count += 1
    }

    /// One of them is not remembered any more; its place in the list stays.
    mutating func forget() { count -= 1 }

    /// Whether so many are listed that are not remembered that it pays to drop them.
    var isSparse: Bool { offsets.count - first > 2 * count + 1024 }

    /// Drops those from the list that are not remembered.
    mutating func keep(where isRemembered: (Offset) -> Bool) {
        offsets = offsets[first...].filter(isRemembered)
        first = 0
    }

    /// The one that ended first.
    var oldest: Offset? { first < offsets.count ? offsets[first] : nil }

    mutating func removeOldest() {
        first += 1
        if first > 1024, first > offsets.count - first {
            offsets.removeFirst(first)
            first = 0
        }
    }
}
