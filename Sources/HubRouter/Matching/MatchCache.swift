import HubModel

/// Where the subscribers of a topic are in the cache. Good until the next match: after that the cache may have started
/// over, and using it stops the program.
package struct TopicMatch: Sendable, BitwiseCopyable {
    fileprivate let start: Int
    /// How many subscribers want the topic.
    package let count: Int
    fileprivate let era: UInt64
}

/// Remembers who wants a topic, by the topic's number.
///
/// A change of subscriptions does not touch the cache: an entry carries the generation of the subscriptions from
/// which it was made, and is made again when somebody asks and the generation is another. When the entries or the
/// lists in them are as many as allowed, the cache starts over. Something cleverer would cost bookkeeping with every
/// match in order to save a few microseconds now and then.
struct MatchCache: ~Copyable {
    private struct Entry {
        var topic: UInt32
        var count: UInt32
        var start: Int
        var generation: UInt64
    }

    private let bounds: MatchBounds
    private var entries: [Entry] = []
    private var lists: [UInt32] = []
    private var index = HashIndex()
    /// Goes up when lists move, so that a match that points into them is known to be old.
    private var era: UInt64 = 0

    init(_ bounds: MatchBounds) { self.bounds = bounds }

    /// Topics in the cache.
    var count: Int { entries.count }

    /// Bytes that the cache takes.
    var byteCount: Int {
        entries.capacity * MemoryLayout<Entry>.stride + lists.capacity * 4 + index.byteCount
    }

    /// The match of a topic whom nobody wants.
    var nobody: TopicMatch { TopicMatch(start: 0, count: 0, era: era) }

    /// What is known about a topic, if it was made from this generation of subscriptions.
    func find(_ topic: NameID, generation: UInt64) -> TopicMatch? {
        let number = number(of: topic)
        guard number >= 0, entries[number].generation == generation else { return nil }
        return TopicMatch(start: entries[number].start, count: Int(entries[number].count), era: era)
    }

    /// Moves the subscribers of a topic in; without a number, `NameID.none`, they are kept for this one use.
    mutating func store(_ topic: NameID, generation: UInt64, _ found: inout SubscriberSet) -> TopicMatch {
        var number = number(of: topic)
        if lists.count >= bounds.listed || (number < 0 && entries.count >= bounds.topics) {
            startOver()
            number = -1
        }
        let start = lists.count
        found.drain(into: &lists)
        let count = lists.count - start
        let entry = Entry(
            topic: topic.rawValue, count: UInt32(count), start: start, generation: generation)
        if number >= 0 {
            entries[number] = entry
        } else if topic != .none {
            index.insert(entries.count, Self.hash(topic))
            entries.append(entry)
        }
        return TopicMatch(start: start, count: count, era: era)
    }

    /// The subscribers of a match.
    @_lifetime(borrow self)
    borrowing func subscribers(_ match: TopicMatch) -> Span<UInt32> {
        precondition(match.era == era, "a match was kept while the cache started over")
        return lists.span.extracting(match.start..<match.start &+ match.count)
    }

    private func number(of topic: NameID) -> Int {
        var probe = index.probe(Self.hash(topic))
        while let number = index.next(&probe) {
            if entries[number].topic == topic.rawValue { return number }
        }
        return -1
    }

    /// Topics are numbered by the hub, one after the other: spreading them is enough, and nobody can choose them.
    private static func hash(_ topic: NameID) -> UInt64 {
        (UInt64(topic.rawValue) &* 0x9e37_79b9_7f4a_7c15) >> 32
    }

    /// Forgets all topics.
    mutating func startOver() {
        entries.removeAll(keepingCapacity: true)
        lists.removeAll(keepingCapacity: true)
        index.removeAll()
        era += 1
    }
}

/// How much memory matching may take beyond what subscriptions need.
package struct MatchBounds: Hashable, Sendable {
    /// Topics in the cache.
    package var topics: Int
    /// Subscribers in all lists of the cache together; the list that exceeds it is the last one.
    package var listed: Int

    /// Bounds; the defaults make three megabytes of topics and four to eight of lists.
    package init(topics: Int = 1 << 16, listed: Int = 1 << 20) {
        self.topics = max(topics, 1)
        self.listed = max(listed, 1)
    }
}
