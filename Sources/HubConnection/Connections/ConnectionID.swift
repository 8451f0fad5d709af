/// Names a connection of one event loop, for as long as it exists and never again: whoever keeps the id of one that
/// is gone reaches nothing.
package struct ConnectionID: Hashable, Sendable, BitwiseCopyable {
    /// The place in the loop's table, counted from 0 and used again: for tables beside it.
    package let index: UInt32
    /// Which of those that had the place; never 0.
    let generation: UInt32

    /// The largest number of places: two bits of the number belong to what kind of thing an event is about.
    static let countMax = 1 << 30
}

/// What an event is about, as it goes through the kernel and back.
struct EventToken {
    enum Kind: UInt64 {
        case connection
        case listener
        case datagrams
        case mailbox
    }

    let kind: Kind
    let id: ConnectionID

    init(_ kind: Kind, _ id: ConnectionID) {
        self.kind = kind
        self.id = id
    }

    init(rawValue: UInt64) {
        // Two bits, four kinds: the fallback is never taken.
        kind = Kind(rawValue: rawValue >> 30 & 3) ?? .connection
        id = ConnectionID(
            index: UInt32(truncatingIfNeeded: rawValue & 0x3fff_ffff),
            generation: UInt32(truncatingIfNeeded: rawValue >> 32))
    }

    var rawValue: UInt64 { UInt64(id.generation) << 32 | kind.rawValue << 30 | UInt64(id.index) }
}

/// Gives out ids, each once.
struct ConnectionIDs {
    /// The generation that the next connection in each place will have.
    private var generations: [UInt32] = []
    /// Places that are free. The one that was left last goes first, so that tables stay dense.
    private var free: [UInt32] = []

    mutating func make() -> ConnectionID {
        if let index = free.popLast() {
            return ConnectionID(index: index, generation: generations[Int(index)])
        }
        precondition(generations.count < ConnectionID.countMax, "more connections than ids tell apart")
        generations.append(1)
        return ConnectionID(index: UInt32(generations.count - 1), generation: 1)
    }

    mutating func giveBack(_ id: ConnectionID) {
        let next = id.generation &+ 1
        generations[Int(id.index)] = next == 0 ? 1 : next
        free.append(id.index)
    }
}
