import HubBytes
import HubModel
import HubServer
import Randomness
import Testing

/// Patterns of ids, and which patterns are part of which.
@Suite struct PatternTests {
    @Test(
        "a star stands for any number of bytes",
        arguments: [
            ("worker-1", "worker-1", true), ("worker-1", "worker-12", false), ("worker-*", "worker-", true),
            ("worker-*", "worker-12", true), ("worker-*", "xworker-1", false), ("*", "did:key:z6Mk", true),
            ("*-eu", "a-b-eu", true), ("*-eu", "a-eu-b", false), ("a*b*c", "abc", true),
            ("a*b*c", "a--b--b--c", true), ("a*b*c", "acb", false), ("**", "x", true), ("a*", "", false),
        ])
    func matches(pattern: String, id: String, expected: Bool) throws {
        let pattern = try NamePattern(pattern)
        #expect(id.withBytes { pattern.matches($0) } == expected)
    }

    @Test("patterns with spaces, too many stars or too many bytes are refused") func refused() {
        for text in ["", "a b", "*********", String(repeating: "x", count: 505)] {
            #expect(throws: Refusal.self) { try NamePattern(text) }
        }
    }

    /// Matching by trying everything.
    private func matches(_ pattern: ArraySlice<UInt8>, _ id: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return id.isEmpty }
        if first == UInt8(ascii: "*") {
            return matches(pattern.dropFirst(), id) || (!id.isEmpty && matches(pattern, id.dropFirst()))
        }
        return id.first == first && matches(pattern.dropFirst(), id.dropFirst())
    }

    private func word(_ random: inout SplitMix64, _ letters: [UInt8], atMost count: Int) -> [UInt8] {
        (0...Int.random(in: 0..<count, using: &random)).map { _ in letters.randomElement(using: &random) ?? 0
        }
    }

    @Test("matching agrees with trying everything, and covering with matching") func random() throws {
        var random = SplitMix64(seed: 7)
        var covered = 0
        for _ in 0..<20_000 {
            let one = word(&random, Array("ab*".utf8), atMost: 7)
            let other = word(&random, Array("ab*".utf8), atMost: 7)
            let id = word(&random, Array("ab".utf8), atMost: 9)
            let pattern = try NamePattern(String(decoding: one, as: UTF8.self))
            let narrower = try NamePattern(String(decoding: other, as: UTF8.self))
            #expect(id.withBytes { pattern.matches($0) } == matches(one[...], id[...]))
            guard pattern.covers(narrower) else { continue }
            covered += 1
            if id.withBytes({ narrower.matches($0) }) { #expect(id.withBytes { pattern.matches($0) }) }
        }
        #expect(covered > 1000)
    }

    /// All texts of up to some tokens.
    private func texts(_ tokens: [String], upTo count: Int) -> [String] {
        var all: [String] = []
        var last = [""]
        for _ in 0..<count {
            last = last.flatMap { before in tokens.map { before.isEmpty ? $0 : "\(before).\($0)" } }
            all += last
        }
        return all
    }

    @Test("a pattern of topics covers another if it matches all that the other matches") func covering()
        throws
    {
        // Tokens that stand in no pattern make the small world as good as the whole one.
        let topics = try texts(["a", "$s", "x"], upTo: 4).map { try TopicName($0) }
        let patterns = texts(["a", "$s", "*", ">"], upTo: 3).compactMap { try? TopicPattern($0) }
        #expect(patterns.count > 40)
        var meant: [String: Set<String>] = [:]
        for pattern in patterns { meant[pattern.text] = Set(topics.filter(pattern.matches).map(\.text)) }
        for one in patterns {
            for other in patterns {
                let isSubset = meant[other.text]?.isSubset(of: meant[one.text] ?? []) ?? false
                #expect(one.covers(other) == isSubset, "\(one) and \(other)")
            }
        }
    }
}
