import HubBytes
import HubModel
import HubRouter
import Workbench

/// Who wants a topic, among many patterns: from the cache, without it, and right after a change.
struct MatchBench {
    let patterns: Int
    let rounds: Int

    private static let tenant = NameID(1)
    private static let topicCount = 10_000

    func run() {
        var random = DeterministicRandom(seed: 1)
        let patterns = (0..<patterns).map { _ in Self.pattern(&random) }
        var topics = Topics()
        for _ in 0..<Self.topicCount {
            topics.append(Self.topic(like: patterns[Int(random.below(UInt64(patterns.count)))], &random))
        }
        var trie = TopicTrie(hashSeed: 7)
        var insert = Stopwatch("subscribe", operations: patterns.count)
        insert.measure { Self.subscribe(patterns, &trie) }
        print("match: \(patterns.count) patterns, \(topics.count) topics")
        insert.report(", \(trie.byteCount / patterns.count) bytes a pattern")

        var uncached = Stopwatch("match, not cached", operations: topics.count)
        var cached = Stopwatch("match, cached", operations: topics.count * 100)
        var changed = Stopwatch("unsubscribe, subscribe and match", operations: topics.count)
        var wanted = 0
        for _ in 0..<rounds {
            uncached.measure { wanted = Self.match(topics, times: 1, numbered: false, &trie) }
            _ = Self.match(topics, times: 1, numbered: true, &trie)
            cached.measure { _ = Self.match(topics, times: 100, numbered: true, &trie) }
            changed.measure { Self.churn(patterns, topics, &trie) }
        }
        uncached.report(", \(rounded(Double(wanted) / Double(topics.count))) subscribers a topic")
        cached.report()
        changed.report()
    }

    /// A word of a level's vocabulary; some are much more frequent than others.
    private static func word(_ level: Int, _ random: inout DeterministicRandom) -> String {
        let size = UInt64([20, 100, 500, 2000, 2000][level])
        return "word-\(random.below(random.below(size) + 1))"
    }

    /// Three to five tokens, in one of five patterns a `*`, in one of ten a `>` at the end.
    private static func pattern(_ random: inout DeterministicRandom) -> [String] {
        let count = 3 + Int(random.below(3))
        var tokens = (0..<count).map { word($0, &random) }
        if random.below(5) == 0 { tokens[Int(random.below(UInt64(count)))] = "*" }
        if random.below(10) == 0 { tokens[count - 1] = ">" }
        return tokens
    }

    private static func topic(like pattern: [String], _ random: inout DeterministicRandom) -> String {
        let tokens = pattern.enumerated().map { $1 == "*" || $1 == ">" ? word($0, &random) : $1 }
        return tokens.joined(separator: ".")
    }

    private static func subscribe(_ patterns: [[String]], _ trie: inout TopicTrie) {
        for (subscriber, tokens) in patterns.enumerated() {
            _ = tokens.joined(separator: ".").withBytes {
                trie.insert($0, UInt32(subscriber), tenant: tenant)
            }
        }
    }

    private static func match(
        _ topics: borrowing Topics, times: Int, numbered: Bool, _ trie: inout TopicTrie
    ) -> Int {
        var sum = 0
        for _ in 0..<times {
            for number in 0..<topics.count {
                let topic = numbered ? NameID(UInt32(number + 1)) : .none
                let match = trie.match(topic, topics[number], tenant: tenant)
                let subscribers = trie.subscribers(match)
                // The first and the last one, as if they were used.
                if !subscribers.isEmpty, subscribers[0] <= subscribers[subscribers.count - 1] {
                    sum += subscribers.count
                }
            }
        }
        return sum
    }

    private static func churn(_ patterns: [[String]], _ topics: borrowing Topics, _ trie: inout TopicTrie) {
        for number in 0..<topics.count {
            let subscriber = number * 7 % patterns.count
            patterns[subscriber].joined(separator: ".").withBytes { pattern in
                _ = trie.remove(pattern, UInt32(subscriber), tenant: tenant)
                _ = trie.insert(pattern, UInt32(subscriber), tenant: tenant)
            }
            _ = trie.match(NameID(UInt32(number + 1)), topics[number], tenant: tenant)
        }
    }
}

/// Topics as bytes, one behind the other as in a block.
private struct Topics: ~Copyable {
    private var text = ByteBuffer()
    private var ends = [0]

    var count: Int { ends.count - 1 }

    mutating func append(_ topic: String) {
        text.append(utf8: topic)
        ends.append(text.count)
    }

    subscript(number: Int) -> RawSpan {
        @_lifetime(borrow self) borrowing get { text.bytes.extracting(ends[number]..<ends[number + 1]) }
    }
}
