import HubBytes
import HubModel
import Testing

@Suite struct NamesTests {
    private func code(_ body: () throws -> Void) -> RefusalCode? {
        do {
            try body()
            return nil
        } catch {
            return (error as? Refusal)?.code
        }
    }

    @Test func `A name has from one byte to its limit`() throws {
        #expect(code { _ = try AgentID("") } == .badName)
        #expect(try AgentID("a").text == "a")
        #expect(
            try AgentID(String(repeating: "a", count: Limits.agentBytesMax)).text.count
                == Limits.agentBytesMax)
        #expect(code { _ = try AgentID(String(repeating: "a", count: Limits.agentBytesMax + 1)) } == .badName)
        #expect(
            code { _ = try TopicName(String(repeating: "a", count: Limits.topicBytesMax + 1)) } == .badTopic)
        #expect(
            code { _ = try TenantName(String(repeating: "ü", count: Limits.tenantBytesMax / 2 + 1)) }
                == .badName)
        #expect(code { _ = try ConsumerName(String(repeating: "c", count: Limits.consumerBytesMax)) } == nil)
        #expect(code { _ = try MessageID(String(repeating: "m", count: Limits.messageIDBytesMax)) } == nil)
    }

    @Test(arguments: [" ", "a b", "a\n", "\0", "\u{7f}", "\ta", "a\u{1f}"])
    func `Spaces and control characters are refused`(_ text: String) {
        #expect(code { _ = try SessionID(text) } == .badName)
        #expect(code { _ = try TopicName(text) } == .badTopic)
    }

    @Test(arguments: [[0xff], [0xc3], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0x61, 0x80]] as [[UInt8]])
    func `Bytes that are not UTF-8 are refused`(_ bytes: [UInt8]) {
        #expect(
            code { try bytes.withBytes { (bytes) throws(Refusal) in try SessionID.check(bytes) } } == .badName
        )
    }

    @Test(arguments: ["a.b", "größe.日本", "a-b_c:d/e", "A"])
    func `A topic is tokens between dots`(_ text: String) throws {
        #expect(try TopicName(text).description == text)
    }

    @Test(arguments: [".", "a.", ".a", "a..b", "*", "a.*", ">", "a.>", "a*b"])
    func `A topic has no empty tokens and no wildcards`(_ text: String) {
        #expect(code { _ = try TopicName(text) } == .badTopic)
    }

    @Test func `A topic has a limited number of tokens`() {
        let most = Array(repeating: "a", count: Limits.topicTokensMax).joined(separator: ".")
        #expect(code { _ = try TopicName(most) } == nil)
        #expect(code { _ = try TopicName(most + ".a") } == .badTopic)
    }

    @Test func `A session between the longest ids of agents fits its own limit`() {
        let agent = String(repeating: "a", count: Limits.agentBytesMax)
        #expect(code { _ = try SessionID("dm:\(agent):\(agent)") } == nil)
    }

    @Test func `Names that differ in their bytes are different names`() throws {
        #expect(try AgentID("é") != AgentID("e\u{301}"))
        #expect(try Set([AgentID("é"), AgentID("e\u{301}")]).count == 2)
        #expect(try AgentID("a") == AgentID("a"))
    }
}
