import HubModel
import HubRouter
import Testing

/// Random subscriptions of several tenants against a list that is searched by the definition of matching.
@Suite struct TopicTriePropertyTests {
    private struct Subscription: Hashable {
        let pattern: String
        let subscriber: UInt32
        let tenant: NameID
    }

    private static let words = ["a", "b", "c", "eu", "jobs", "größe", "$dead"]

    private static func topic(_ random: inout DeterministicRandom) -> String {
        (0...random.below(4)).map { _ in words[random.below(words.count)] }.joined(separator: ".")
    }

    private static func pattern(_ random: inout DeterministicRandom) -> String {
        var tokens = (0...random.below(4)).map { _ in
            random.once(in: 4) ? "*" : words[random.below(words.count)]
        }
        if random.once(in: 4) { tokens[tokens.count - 1] = ">" }
        return tokens.joined(separator: ".")
    }

    private static func wanted(_ model: Set<Subscription>, _ topic: String, _ tenant: NameID) throws
        -> [UInt32]
    {
        let name = try TopicName(topic)
        let matching = try model.filter { subscription in
            try subscription.tenant == tenant && TopicPattern(subscription.pattern).matches(name)
        }
        return Set(matching.map(\.subscriber)).sorted()
    }

    @Test func `Whoever subscribes and leaves, a topic goes to whom its definition says`() throws {
        for seed in propertySeeds(60) {
            var random = DeterministicRandom(seed: seed)
            // A tiny cache, so that it starts over all the time; and the answers may not depend on the hash's seed.
            let trie = TrieUnderTest(
                MatchBounds(topics: 1 + random.below(20), listed: 50), hashSeed: random.next())
            var model: Set<Subscription> = []
            var names: [String: NameID] = [:]
            for _ in 0..<300 {
                let tenant = NameID(UInt32(1 + random.below(3)))
                let subscription = Subscription(
                    pattern: Self.pattern(&random), subscriber: UInt32(random.below(100)), tenant: tenant)
                let (pattern, subscriber) = (subscription.pattern, subscription.subscriber)
                switch random.below(5) {
                case 0, 1:
                    let isNew = model.insert(subscription).inserted
                    #expect(trie.insert(pattern, subscriber, tenant: tenant) == isNew)
                case 2:
                    // Mostly one that is there: sets have no order, so the smallest of those at hand is taken.
                    let known = model.filter { $0.tenant == tenant }.min { $0.pattern < $1.pattern }
                    let leaving = random.once(in: 5) ? subscription : known ?? subscription
                    let wasThere = model.remove(leaving) != nil
                    #expect(trie.remove(leaving.pattern, leaving.subscriber, tenant: tenant) == wasThere)
                default:
                    let topic = Self.topic(&random)
                    let key = "\(tenant) \(topic)"
                    let number = names[key] ?? NameID(UInt32(names.count + 1))
                    names[key] = number
                    let found = trie.match(topic, number: random.once(in: 4) ? .none : number, tenant: tenant)
                    #expect(try found == Self.wanted(model, topic, tenant), "seed \(seed), topic \(topic)")
                }
                #expect(trie.count == model.count)
            }
            for one in model { #expect(trie.remove(one.pattern, one.subscriber, tenant: one.tenant)) }
            #expect(trie.nodeCount == 0 && trie.tokenCount == 0)
        }
    }
}
