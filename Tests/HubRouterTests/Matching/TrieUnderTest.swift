import HubBytes
import HubModel
import HubRouter

/// A trie that takes text. A class, because expectations cannot look at values with one owner.
final class TrieUnderTest {
    private var trie: TopicTrie

    init(_ bounds: MatchBounds = MatchBounds(), hashSeed: UInt64) {
        trie = TopicTrie(bounds, hashSeed: hashSeed)
    }

    var count: Int { trie.count }
    var nodeCount: Int { trie.nodeCount }
    var tokenCount: Int { trie.tokenCount }
    var byteCount: Int { trie.byteCount }

    func insert(_ pattern: String, _ subscriber: UInt32, tenant: NameID = NameID(1)) -> Bool {
        pattern.withBytes { trie.insert($0, subscriber, tenant: tenant) }
    }

    func remove(_ pattern: String, _ subscriber: UInt32, tenant: NameID = NameID(1)) -> Bool {
        pattern.withBytes { trie.remove($0, subscriber, tenant: tenant) }
    }

    func match(_ topic: String, number: NameID = .none, tenant: NameID = NameID(1)) -> [UInt32] {
        let match = topic.withBytes { trie.match(number, $0, tenant: tenant) }
        let found = Self.list(trie, match)
        precondition(found.count == match.count)
        return found
    }

    /// Apart, since a span cannot come out of a class.
    private static func list(_ trie: borrowing TopicTrie, _ match: TopicMatch) -> [UInt32] {
        let span = trie.subscribers(match)
        var list: [UInt32] = []
        for index in span.indices { list.append(span[index]) }
        return list
    }
}
