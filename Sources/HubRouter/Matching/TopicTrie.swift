import HubBytes
package import HubModel

/// Who wants a topic: the patterns of all subscribers of all tenants, as a tree of tokens.
///
/// A node stands for a beginning that patterns share. Below it are a child for each token that comes next, one for
/// `*`, and two lists: those whose pattern ends here, and those whose pattern goes on with `>`. The first level are the
/// tenants, so that one of them can neither see nor slow down another.
///
/// Nodes, subscriptions and tenants lie in arrays and are known by their place there; what is removed is used again.
/// So memory follows the most that was ever subscribed at once, whatever came and went. Subscribers are numbers that
/// the owner gives out densely: the answer is found by setting bits, and comes in their order whatever the order of
/// subscribing was.
package struct TopicTrie: ~Copyable {
    /// Subscriber numbers lie below this: one bit each in the memory that collects an answer.
    package static let subscribersMax: UInt32 = 1 << 24

    private var nodes: TrieNodes
    private var subscriptions: SubscriptionLists
    private var tokens: TokenTable
    private var tenants = TenantRoots()
    private var cache: MatchCache
    private var found = SubscriberSet()
    /// The tokens of the topic that is being matched, and the nodes reached so far: kept for their memory.
    private var wanted: [Int32] = []
    private var reached: [Int32] = []

    /// A trie without subscriptions. Clients choose tokens, so each process should have its own seed; no answer
    /// depends on it.
    package init(_ bounds: MatchBounds = MatchBounds(), hashSeed: UInt64) {
        nodes = TrieNodes(seed: hashSeed)
        subscriptions = SubscriptionLists(seed: hashSeed)
        tokens = TokenTable(seed: hashSeed)
        cache = MatchCache(bounds)
    }

    /// Subscriptions of all tenants.
    package var count: Int { subscriptions.count }

    /// Nodes that subscriptions need.
    package var nodeCount: Int { nodes.count }

    /// Tokens that subscriptions need.
    package var tokenCount: Int { tokens.count }

    /// Bytes that the trie takes, its cache included.
    package var byteCount: Int {
        nodes.byteCount + subscriptions.byteCount + tokens.byteCount + tenants.byteCount + cache.byteCount
            + found.byteCount + (wanted.capacity + reached.capacity) * 4
    }

    /// Adds a subscription; false if this subscriber has this pattern already. The pattern must be a good one, as
    /// `TopicPattern.check` says.
    package mutating func insert(_ pattern: RawSpan, _ subscriber: UInt32, tenant: NameID) -> Bool {
        precondition(subscriber < Self.subscribersMax, "subscribers must be numbered densely")
        let root = tenants.root(of: tenant, &nodes)
        var node = root
        var place = SubscriptionLists.Place(node: root, isRest: false)
        var start = 0
        while start < pattern.byteCount {
            let end = TopicToken.end(of: pattern, from: start)
            let token = pattern.extracting(start..<end)
            if TopicToken.isRest(token) {
                place = SubscriptionLists.Place(node: node, isRest: true)
            } else {
                node = child(of: node, token)
                place = SubscriptionLists.Place(node: node, isRest: false)
            }
            start = end + 1
        }
        precondition(place.isRest || node != root, "an empty pattern")
        // If it is there, so were all nodes on the way, and nothing has been added that would have to go again.
        guard subscriptions.insert(subscriber, at: place) else { return false }
        nodes.hold(node)
        tenants.change(tenant)
        return true
    }

    /// Removes a subscription; false if there is none.
    package mutating func remove(_ pattern: RawSpan, _ subscriber: UInt32, tenant: NameID) -> Bool {
        guard var node = tenants.root(of: tenant) else { return false }
        var place = SubscriptionLists.Place(node: node, isRest: false)
        var start = 0
        while start < pattern.byteCount {
            let end = TopicToken.end(of: pattern, from: start)
            let token = pattern.extracting(start..<end)
            if TopicToken.isRest(token) {
                place = SubscriptionLists.Place(node: node, isRest: true)
            } else {
                node =
                    TopicToken.isAny(token) ? nodes.star(of: node) : nodes.child(of: node, tokens.find(token))
                guard node != TrieNodes.absent else { return false }
                place = SubscriptionLists.Place(node: node, isRest: false)
            }
            start = end + 1
        }
        guard subscriptions.remove(subscriber, at: place) else { return false }
        tenants.change(tenant)
        release(node, of: tenant)
        return true
    }

    /// Finds who wants a topic. The topic's number makes the answer quick the next time; `NameID.none` is right for
    /// topics without one. `subscribers` has the answer, until the next match.
    package mutating func match(_ topic: NameID, _ bytes: RawSpan, tenant: NameID) -> TopicMatch {
        guard let (root, generation) = tenants.subscriptions(of: tenant) else { return cache.nobody }
        if topic != .none, let known = cache.find(topic, generation: generation) { return known }
        split(bytes)
        collect(from: root, isReserved: TopicName.isReserved(bytes))
        return cache.store(topic, generation: generation, &found)
    }

    /// Forgets what earlier matches found: numbers of topics may be other topics' from now on.
    package mutating func forgetMatches() { cache.startOver() }

    /// The subscribers that a match found, in ascending order, each once.
    @_lifetime(borrow self)
    package borrowing func subscribers(_ match: TopicMatch) -> Span<UInt32> { cache.subscribers(match) }

    private mutating func child(of node: Int32, _ token: RawSpan) -> Int32 {
        if TopicToken.isAny(token) { return nodes.addStar(to: node) }
        let known = nodes.child(of: node, tokens.find(token))
        return known != TrieNodes.absent ? known : nodes.add(to: node, tokens.use(token))
    }

    /// Lets go of a node for one subscription, and of all above it that only led there.
    private mutating func release(_ last: Int32, of tenant: NameID) {
        var node = last
        while nodes.release(node) {
            let removed = nodes.remove(node)
            if removed.parent == TrieNodes.absent {
                tenants.remove(tenant)
                return
            }
            if removed.token != TokenTable.absent { tokens.release(removed.token) }
            node = removed.parent
        }
    }

    private mutating func split(_ topic: RawSpan) {
        wanted.removeAll(keepingCapacity: true)
        var start = 0
        while start < topic.byteCount {
            let end = TopicToken.end(of: topic, from: start)
            wanted.append(tokens.find(topic.extracting(start..<end)))
            start = end + 1
        }
    }

    /// Goes down level by level from a tenant's root and collects the subscribers on the way. Every node is reached
    /// on one way only, so whatever the wildcards are, no more nodes are looked at than the tenant has.
    private mutating func collect(from root: Int32, isReserved: Bool) {
        reached.removeAll(keepingCapacity: true)
        reached.append(root)
        var begin = 0
        for token in wanted {
            let end = reached.count
            // In the first place no wildcard stands for the hub's own topics.
            let areWildcardsOut = isReserved && begin == 0
            for position in begin..<end { descend(from: reached[position], token, areWildcardsOut) }
            begin = end
        }
        for position in begin..<reached.count {
            subscriptions.collect(.init(node: reached[position], isRest: false), into: &found)
        }
    }

    private mutating func descend(from node: Int32, _ token: Int32, _ areWildcardsOut: Bool) {
        if !areWildcardsOut {
            subscriptions.collect(.init(node: node, isRest: true), into: &found)
            let star = nodes.star(of: node)
            if star != TrieNodes.absent { reached.append(star) }
        }
        let child = nodes.child(of: node, token)
        if child != TrieNodes.absent { reached.append(child) }
    }
}

/// What the bytes of topics and patterns say.
private enum TopicToken {
    /// Where the token that begins at `start` ends: at a dot or at the end.
    static func end(of bytes: RawSpan, from start: Int) -> Int {
        var position = start
        while position < bytes.byteCount, bytes.load(position, as: UInt8.self) != UInt8(ascii: ".") {
            position &+= 1
        }
        return position
    }

    static func isAny(_ token: RawSpan) -> Bool { isMark(token, UInt8(ascii: "*")) }

    static func isRest(_ token: RawSpan) -> Bool { isMark(token, UInt8(ascii: ">")) }

    private static func isMark(_ token: RawSpan, _ mark: UInt8) -> Bool {
        token.byteCount == 1 && token.load(0, as: UInt8.self) == mark
    }
}
