/// Who subscribed at which node of the trie: two lists for each node, chained through one array.
///
/// An index over all subscriptions finds one among a hundred thousand of the same pattern, so that a popular pattern
/// is no slower to leave than another.
struct SubscriptionLists: ~Copyable {
    /// One of the two lists of a node: of the patterns that end there, or of those that go on with `>`.
    struct Place {
        fileprivate let number: UInt32

        init(node: Int32, isRest: Bool) { number = UInt32(bitPattern: node) << 1 | (isRest ? 1 : 0) }

        /// Whether the pattern ends with `>`.
        var isRest: Bool { number & 1 == 1 }
    }

    private struct Subscription {
        var place: UInt32
        var subscriber: UInt32
        /// The next one in the list; for one that was removed, the next free one.
        var next: Int32
        var previous: Int32
    }

    private static let absent: Int32 = -1

    /// The first subscription of each list, by the number of the place.
    private var first: [Int32] = []
    private var subscriptions: [Subscription] = []
    private var firstFree = SubscriptionLists.absent
    private var index = HashIndex()
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    /// Subscriptions in all lists.
    var count: Int { index.count }

    /// Bytes that the lists take.
    var byteCount: Int {
        first.capacity * 4 + subscriptions.capacity * MemoryLayout<Subscription>.stride + index.byteCount
    }

    /// Adds a subscriber to a list; false if it is there already.
    mutating func insert(_ subscriber: UInt32, at place: Place) -> Bool {
        guard find(subscriber, at: place) == Self.absent else { return false }
        if Int(place.number) >= first.count {
            first.append(contentsOf: repeatElement(Self.absent, count: Int(place.number) + 1 - first.count))
        }
        let head = first[Int(place.number)]
        let added = allocate(
            Subscription(place: place.number, subscriber: subscriber, next: head, previous: Self.absent))
        if head != Self.absent { subscriptions[Int(head)].previous = added }
        first[Int(place.number)] = added
        index.insert(Int(added), hash(subscriber, place))
        return true
    }

    /// Removes a subscriber from a list; false if it is not there.
    mutating func remove(_ subscriber: UInt32, at place: Place) -> Bool {
        let number = find(subscriber, at: place)
        guard number != Self.absent else { return false }
        let removed = subscriptions[Int(number)]
        if removed.previous != Self.absent {
            subscriptions[Int(removed.previous)].next = removed.next
        } else {
            first[Int(place.number)] = removed.next
        }
        if removed.next != Self.absent { subscriptions[Int(removed.next)].previous = removed.previous }
        index.remove(Int(number), hash(subscriber, place))
        subscriptions[Int(number)].next = firstFree
        firstFree = number
        return true
    }

    /// Adds all subscribers of a list to a set.
    func collect(_ place: Place, into found: inout SubscriberSet) {
        guard Int(place.number) < first.count else { return }
        var number = first[Int(place.number)]
        while number != Self.absent {
            found.insert(subscriptions[Int(number)].subscriber)
            number = subscriptions[Int(number)].next
        }
    }

    private mutating func allocate(_ subscription: Subscription) -> Int32 {
        if firstFree != Self.absent {
            let number = firstFree
            firstFree = subscriptions[Int(number)].next
            subscriptions[Int(number)] = subscription
            return number
        }
        precondition(
            subscriptions.count < Int(Int32.max), "more subscriptions than their numbers can tell apart")
        subscriptions.append(subscription)
        return Int32(subscriptions.count - 1)
    }

    private func find(_ subscriber: UInt32, at place: Place) -> Int32 {
        var probe = index.probe(hash(subscriber, place))
        while let number = index.next(&probe) {
            if subscriptions[number].place == place.number, subscriptions[number].subscriber == subscriber {
                return Int32(truncatingIfNeeded: number)
            }
        }
        return Self.absent
    }

    private func hash(_ subscriber: UInt32, _ place: Place) -> UInt64 {
        ByteHash.of(place.number, subscriber, seed: seed)
    }
}
