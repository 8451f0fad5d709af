import HubBytes
import HubModel
import Testing

@Suite struct TopicPatternTests {
    @Test(arguments: [
        ("a.b", "a.b"), ("*.b", "a.b"), ("a.*", "a.b"), ("*.*", "a.b"), (">", "a"), (">", "a.b.c"),
        ("a.>", "a.b"), ("a.>", "a.b.c"), ("*.>", "a.b"), ("a.*.c", "a.b.c"), ("größe.*", "größe.x"),
        ("$dead.*", "$dead.a"), ("$dead.>", "$dead.a.b"), ("$x", "$x"), ("*.$a", "b.$a"),
    ])
    func `A pattern matches what it describes`(_ pattern: String, _ topic: String) throws {
        #expect(try TopicPattern(pattern).matches(TopicName(topic)))
    }

    @Test(arguments: [
        ("a.b", "a"), ("a.b", "a.b.c"), ("a.b", "a.c"), ("*", "a.b"), ("a.*", "a"), ("a.*", "a.b.c"),
        ("a.>", "a"), ("b.>", "a.b"), ("*.*.*", "a.b"), ("a.b", "a.bb"), ("a.bb", "a.b"), ("ab", "a.b"),
        (">", "$dead.a"), ("*.a", "$dead.a"), ("*", "$x"), ("*.>", "$dead.a"),
    ])
    func `A pattern matches nothing else`(_ pattern: String, _ topic: String) throws {
        #expect(try !TopicPattern(pattern).matches(TopicName(topic)))
    }

    @Test(arguments: ["", ".", "a.", ".a", "a..b", "a.>.b", "a*", "*a.b", "a.b>", ">>", "**", "a b"])
    func `A pattern that breaks the rules is refused`(_ text: String) {
        #expect(throws: Refusal.self) { try TopicPattern(text) }
    }

    @Test func `A refusal of a pattern names the kind of refusal that topics earn`() {
        #expect { try TopicPattern("a..b") } throws: { ($0 as? Refusal)?.code == .badTopic }
    }

    @Test func `A pattern is literal if it has no wildcard`() throws {
        #expect(try TopicPattern("a.b").isLiteral)
        #expect(try !TopicPattern("a.*").isLiteral)
        #expect(try !TopicPattern("a.>").isLiteral)
        #expect(!TopicPattern.everything.isLiteral)
    }

    @Test func `Everything matches every topic that agents publish to`() throws {
        #expect(TopicPattern.everything.matches(try TopicName("a")))
        #expect(TopicPattern.everything.matches(try TopicName("a.b.c.d")))
    }
}
