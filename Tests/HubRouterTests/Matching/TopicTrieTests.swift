import HubModel
import HubRouter
import Testing

@Suite struct TopicTrieTests {
    @Test(arguments: [
        ("a.b", "a.b"), ("*.b", "a.b"), ("a.*", "a.b"), ("*.*", "a.b"), (">", "a"), (">", "a.b.c"),
        ("a.>", "a.b"), ("a.>", "a.b.c"), ("*.>", "a.b"), ("a.*.c", "a.b.c"), ("größe.*", "größe.x"),
        ("*.*.>", "a.b.c"), ("a", "a"), ("*", "a"),
    ])
    func `A pattern's subscriber gets what it describes`(_ pattern: String, _ topic: String) {
        let trie = TrieUnderTest(hashSeed: 1)
        #expect(trie.insert(pattern, 7))
        #expect(trie.match(topic) == [7])
    }

    @Test(arguments: [
        ("a.b", "a"), ("a.b", "a.b.c"), ("a.b", "a.c"), ("*", "a.b"), ("a.*", "a"), ("a.*", "a.b.c"),
        ("a.>", "a"), ("b.>", "a.b"), ("*.*.*", "a.b"), ("a.b", "a.bb"), ("a.bb", "a.b"), ("ab", "a.b"),
        ("*.>", "a"),
    ])
    func `A pattern's subscriber gets nothing else`(_ pattern: String, _ topic: String) {
        let trie = TrieUnderTest(hashSeed: 1)
        #expect(trie.insert(pattern, 7))
        #expect(trie.match(topic) == [])
    }

    @Test func `Subscribers come in ascending order, each once, whatever the order of subscribing`() {
        let trie = TrieUnderTest(hashSeed: 1)
        for subscriber in [900, 3, 70_000, 64, 63, 5] as [UInt32] { #expect(trie.insert("a.*", subscriber)) }
        for subscriber in [5, 900, 4] as [UInt32] { #expect(trie.insert("a.>", subscriber)) }
        #expect(trie.insert("a.b", 5))
        #expect(trie.match("a.b") == [3, 4, 5, 63, 64, 900, 70_000])
    }

    @Test func `Subscribing twice is once, and unsubscribing ends it`() {
        let trie = TrieUnderTest(hashSeed: 1)
        #expect(trie.insert("a.*", 1))
        #expect(!trie.insert("a.*", 1))
        #expect(trie.count == 1)
        #expect(trie.remove("a.*", 1))
        #expect(!trie.remove("a.*", 1))
        #expect(trie.match("a.b") == [])
    }

    @Test(arguments: ["a.b", "a", "a.*", "a.b.>", "a.b.c.d", ">", "*", "x"])
    func `Unsubscribing from what nobody subscribed to changes nothing`(_ pattern: String) {
        let trie = TrieUnderTest(hashSeed: 1)
        #expect(trie.insert("a.b.c", 1))
        #expect(!trie.remove(pattern, 1))
        #expect(!trie.remove("a.b.c", 2))
        #expect(!trie.remove("a.b.c", 1, tenant: NameID(2)))
        #expect(trie.match("a.b.c") == [1])
    }

    @Test func `Tenants do not see each other`() {
        let trie = TrieUnderTest(hashSeed: 1)
        #expect(trie.insert(">", 1, tenant: NameID(1)))
        #expect(trie.insert("a.b", 2, tenant: NameID(2)))
        #expect(trie.match("a.b", tenant: NameID(1)) == [1])
        #expect(trie.match("a.b", tenant: NameID(2)) == [2])
        #expect(trie.match("a.b", tenant: NameID(3)) == [])
    }

    @Test func `Nodes and tokens go with the last subscription that needs them`() {
        let trie = TrieUnderTest(hashSeed: 1)
        #expect(trie.insert("a.b.c", 1))
        #expect(trie.insert("a.*.>", 1))
        #expect((trie.nodeCount, trie.tokenCount) == (5, 3))
        #expect(trie.remove("a.b.c", 1))
        #expect((trie.nodeCount, trie.tokenCount) == (3, 1))
        #expect(trie.remove("a.*.>", 1))
        #expect((trie.nodeCount, trie.tokenCount) == (0, 0))
    }

    @Test func `Ever new patterns that come and go take no more memory`() {
        let trie = TrieUnderTest(hashSeed: 1)
        func round(_ number: Int) {
            for index in 0..<100 {
                let pattern = "topic-\(number)-\(index).*.and-a-token-of-some-length-\(number).>"
                #expect(trie.insert(pattern, UInt32(index), tenant: NameID(UInt32(number % 7 + 1))))
            }
            for index in 0..<100 {
                let pattern = "topic-\(number)-\(index).*.and-a-token-of-some-length-\(number).>"
                #expect(trie.remove(pattern, UInt32(index), tenant: NameID(UInt32(number % 7 + 1))))
            }
        }
        for number in 0..<10 { round(number) }
        let bytes = trie.byteCount
        for number in 10..<100 { round(number) }
        #expect(trie.byteCount <= bytes * 2)
        #expect(trie.nodeCount == 0)
    }

    @Test func `What is cached is forgotten with the next change of the tenant's subscriptions`() {
        let trie = TrieUnderTest(hashSeed: 1)
        let topic = NameID(9)
        #expect(trie.insert("a", 1))
        #expect(trie.match("a", number: topic) == [1])
        #expect(trie.insert("*", 2))
        #expect(trie.match("a", number: topic) == [1, 2])
        #expect(trie.remove("a", 1))
        #expect(trie.remove("*", 2))
        #expect(trie.match("a", number: topic) == [])
        #expect(trie.insert(">", 3))
        #expect(trie.match("a", number: topic) == [3])
    }

    @Test func `A cache that is full starts over and goes on to be right`() {
        let trie = TrieUnderTest(MatchBounds(topics: 4, listed: 1000), hashSeed: 1)
        for subscriber in 0..<10 as Range<UInt32> { #expect(trie.insert("a.\(subscriber)", subscriber)) }
        for _ in 0..<3 {
            for subscriber in 0..<10 as Range<UInt32> {
                #expect(trie.match("a.\(subscriber)", number: NameID(subscriber + 1)) == [subscriber])
            }
        }
    }

    @Test func `Topics without a number do not fill the cache for ever`() {
        let trie = TrieUnderTest(MatchBounds(topics: 4, listed: 100), hashSeed: 1)
        for subscriber in 0..<10 as Range<UInt32> { #expect(trie.insert(">", subscriber)) }
        for number in 0..<1000 { #expect(trie.match("t.\(number)").count == 10) }
        #expect(trie.byteCount < 100_000)
    }

    @Test func `The deepest topic and the longest tokens are matched`() {
        let trie = TrieUnderTest(hashSeed: 1)
        let deep = Array(repeating: "a", count: Limits.topicTokensMax).joined(separator: ".")
        let long = String(repeating: "x", count: Limits.topicBytesMax)
        #expect(trie.insert(Array(repeating: "*", count: Limits.topicTokensMax).joined(separator: "."), 1))
        #expect(trie.insert(long, 2))
        #expect(trie.match(deep) == [1])
        #expect(trie.match(long) == [2])
    }
}
