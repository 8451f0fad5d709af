import HubBytes
import HubModel
import HubServer
import Testing

/// Lists of patterns, and what stands in them for the holder himself.
@Suite struct GrantsTests {
    @Test("topics and agents stand in one list and come back as they were written") func texts() throws {
        let grants = try Grants(["jobs.>", "agent:worker-*", "$status.>", "agent:planner"])
        #expect(grants.texts == ["jobs.>", "$status.>", "agent:worker-*", "agent:planner"])
        #expect("jobs.new".withBytes { grants.allows(topic: $0) })
        #expect(!"jobs".withBytes { grants.allows(topic: $0) })
        #expect("worker-7".withBytes { grants.allows(agent: $0) })
        #expect(!"worker".withBytes { grants.allows(agent: $0) })
    }

    @Test("a topic that begins with agent: is not what an agent's pattern means") func mark() throws {
        let agents = try Grants(["agent:*"])
        #expect(!"agent:x".withBytes { agents.allows(topic: $0) })
        let topics = try Grants([">"])
        #expect(!"x".withBytes { topics.allows(agent: $0) })
    }

    @Test(
        "{agent} is the holder's own id, and nothing to one whose id would be a pattern",
        arguments: [
            ("worker-1", ["status.worker-1.>", "agent:worker-1-*"]), ("a.b", ["agent:a.b-*"]), ("*", []),
            (">", ["agent:>-*"]), ("x.>", ["agent:x.>-*"]),
            ("{agent}", ["status.{agent}.>", "agent:{agent}-*"]),
        ])
    func own(agent: String, expected: [String]) throws {
        let grants = try Grants(["status.{agent}.>", "agent:{agent}-*"])
        #expect(grants.resolved(for: try AgentID(agent)).texts == expected)
    }

    @Test("an id that makes a pattern too long gets nothing from it") func long() throws {
        let grants = try Grants(["status.{agent}.>", "jobs"])
        let agent = try AgentID(String(repeating: "x", count: 250))
        #expect(grants.resolved(for: agent).texts == ["jobs"])
    }

    @Test("lists are bounded") func bounded() {
        #expect(throws: Refusal.self) { try Grants(Array(repeating: "a", count: 257)) }
        #expect(throws: Refusal.self) { try Grants(["agent:"]) }
        #expect(throws: Refusal.self) { try Grants(["a..b"]) }
    }

    @Test("rights cover what is no more than they are, list by list") func covers() throws {
        var wide = Rights()
        wide.publish = try Grants(["jobs.>", "agent:worker-*"])
        wide.sessions = [try NamePattern("run-*")]
        wide.admin = [try TopicPattern("*.read")]
        var narrow = Rights()
        narrow.publish = try Grants(["jobs.new", "jobs.*.eu", "agent:worker-1"])
        narrow.sessions = [try NamePattern("run-7-*")]
        narrow.admin = [try TopicPattern("dead.read")]
        #expect(wide.covers(narrow) && wide.covers(wide) && wide.covers(Rights()))
        #expect(!narrow.covers(wide))
        for change: (inout Rights) throws -> Void in [
            { $0.publish = try Grants([">"]) }, { $0.publish = try Grants(["agent:*"]) },
            { $0.subscribe = try Grants(["jobs.new"]) }, { $0.command = try Grants(["agent:worker-1"]) },
            { $0.sessions = [.everything] }, { $0.admin = [.everything] },
            { $0.admin = [try TopicPattern("$hub.read")] },
        ] {
            var more = narrow
            try change(&more)
            #expect(!wide.covers(more))
        }
    }
}
