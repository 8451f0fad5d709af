import HubModel
import HubRouter
import Testing

@Suite("Quotas")
struct QuotaContractTests {
    enum Whose: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case agent, tenant
        var testDescription: String { "of the \(rawValue)" }
    }

    private func hub(_ whose: Whose, _ change: (inout Quota) -> Void) throws -> Hub {
        var quota = Quota()
        change(&quota)
        return try Hub("alice", "bob") {
            if whose == .agent { $0.agentQuota = quota } else { $0.tenantQuota = quota }
        }
    }

    @Test(
        "A burst passes, what is more is refused with the time to wait, and passes then",
        arguments: Whose.allCases)
    func messages(_ whose: Whose) throws {
        let hub = try hub(whose) { $0.messagesPerSecond = 10 }
        try hub.publish("alice", all: numbered(1...10), on: "jobs")
        let refusal = try #require(try hub.refusal { try $0.publish("alice", "m11", on: "jobs") })
        #expect(refusal.code == .rateLimited)
        #expect(refusal.message.contains("the \(whose.rawValue) may send 10 messages a second"))
        #expect(refusal.retryAfterMilliseconds == 100)
        hub.advance(99)
        #expect(try hub.refusal { try $0.publish("alice", "m11", on: "jobs") } != nil)
        hub.advance(1)
        try hub.publish("alice", "m11", on: "jobs")
        hub.run()
        #expect(hub.records(.message).count == 11)
    }

    @Test("Bytes are counted as messages are", arguments: Whose.allCases)
    func bytes(_ whose: Whose) throws {
        let hub = try hub(whose) { $0.bytesPerSecond = 1000 }
        let text = String(repeating: "x", count: 400)
        try hub.publish("alice", all: [text, text], on: "jobs")
        let refusal = try #require(try hub.refusal { try $0.publish("alice", text, on: "jobs") })
        #expect(refusal.code == .rateLimited)
        #expect(refusal.message.contains("1000 bytes a second"))
        #expect(refusal.retryAfterMilliseconds == 200)
        hub.advance(200)
        try hub.publish("alice", text, on: "jobs")
    }

    @Test("A message larger than a second's bytes passes when nothing else did")
    func largerThanBurst() throws {
        let hub = try hub(.agent) { $0.bytesPerSecond = 100 }
        try hub.publish("alice", String(repeating: "x", count: 250), on: "jobs")
        let refusal = try #require(try hub.refusal { try $0.publish("alice", "x", on: "jobs") })
        #expect((1500...1600).contains(refusal.retryAfterMilliseconds ?? 0))
    }

    @Test("An agent's quota is its own, a tenant's is shared by all of its agents", arguments: Whose.allCases)
    func shared(_ whose: Whose) throws {
        let hub = try hub(whose) { $0.messagesPerSecond = 2 }
        try hub.publish("alice", all: numbered(1...2), on: "jobs")
        let refusal = try hub.refusal { try $0.publish("bob", "m3", on: "jobs") }
        #expect((refusal == nil) == (whose == .agent))
        try hub.connect("eve", tenant: "other")
        try hub.publish("eve", "m4", on: "jobs")
    }

    @Test("A newer connection has no new quota")
    func newerConnection() throws {
        let hub = try hub(.agent) { $0.messagesPerSecond = 2 }
        try hub.publish("alice", all: numbered(1...2), on: "jobs")
        try hub.connect("alice")
        #expect(try hub.refusal { try $0.publish("alice", "m3", on: "jobs") }?.code == .rateLimited)
    }

    @Test("What is sent again costs nothing")
    func duplicatesAreFree() throws {
        let hub = try hub(.agent) { $0.messagesPerSecond = 1 }
        try hub.publish("alice", "one", on: "jobs", id: "m-1")
        hub.run()
        let again = try hub.publish("alice", "one", on: "jobs", id: "m-1")
        #expect(hub.receipt(again)?.isDuplicate == true)
    }

    @Test("What the tenant's quota refuses is not taken from the agent's")
    func refusedTakesNothing() throws {
        var agent = Quota()
        agent.messagesPerSecond = 3
        var tenant = Quota()
        tenant.messagesPerSecond = 1
        let hub = try Hub("alice", "bob") {
            $0.agentQuota = agent
            $0.tenantQuota = tenant
        }
        try hub.publish("alice", "m1", on: "jobs")
        for _ in 1...5 {
            #expect(
                try hub.refusal { try $0.publish("alice", "x", on: "jobs") }?.message.contains("tenant")
                    == true)
        }
        hub.router.setQuota(Quota(), tenant: try hub.tenant())
        try hub.publish("alice", all: numbered(2...3), on: "jobs")
        #expect(
            try hub.refusal { try $0.publish("alice", "m4", on: "jobs") }?.message.contains("agent") == true)
    }

    @Test("A tenant with a quota of its own has that and no other")
    func ownQuota() throws {
        let hub = try hub(.tenant) { $0.messagesPerSecond = 1 }
        var quota = Quota()
        quota.messagesPerSecond = 3
        hub.router.setQuota(quota, tenant: try hub.tenant())
        try hub.publish("alice", all: numbered(1...3), on: "jobs")
        #expect(try hub.refusal { try $0.publish("alice", "m4", on: "jobs") }?.code == .rateLimited)
    }

    @Test("A tenant that has as much in the log as it may writes nothing more until there is room")
    func storedBytes() throws {
        let hub = try hub(.tenant) { $0.storedBytes = 1000 }
        hub.router.setStored(999, tenant: try hub.tenant())
        try hub.publish("alice", "one", on: "jobs")
        hub.router.setStored(1000, tenant: try hub.tenant())
        let refusal = try hub.refusal { try $0.publish("alice", "two", on: "jobs") }
        #expect(refusal?.code == .limitReached)
        #expect(refusal?.message.contains("1000 bytes") == true)
        hub.router.setStored(10, tenant: try hub.tenant())
        try hub.publish("alice", "two", on: "jobs")
    }

    @Test(
        "No more sessions are open than the quota allows; one that ends makes room", arguments: Whose.allCases
    )
    func sessions(_ whose: Whose) throws {
        let hub = try hub(whose) { $0.sessions = 2 }
        for session in ["s", "t"] {
            try hub.step("alice", .open, session, with: "bob")
            hub.run()
        }
        let refusal = try hub.refusal { try $0.step("alice", .open, "u") }
        #expect(refusal?.code == .limitReached)
        #expect(refusal?.message.contains("the \(whose.rawValue) has 2 open sessions") == true)
        #expect((try hub.refusal { try $0.step("bob", .open, "v") } == nil) == (whose == .agent))
        try hub.step("bob", .reject, "s")
        hub.run()
        if whose == .agent { try hub.step("alice", .open, "u") }
    }

    @Test("An agent is a member of no more consumers than the quota allows")
    func agentConsumers() throws {
        let hub = try hub(.agent) { $0.consumers = 2 }
        try hub.subscribe("alice", "a")
        try hub.subscribe("alice", "b", as: "work")
        hub.run()
        let refusal = try hub.refusal { try $0.subscribe("alice", "c") }
        #expect(refusal?.code == .limitReached)
        #expect(refusal?.message.contains("2 subscriptions") == true)
        try hub.unsubscribe("alice", "work")
        try hub.subscribe("alice", "c")
    }

    @Test("A tenant has no more named consumers than the quota allows; one that is deleted makes room")
    func tenantConsumers() throws {
        let hub = try hub(.tenant) { $0.consumers = 1 }
        try hub.subscribe("alice", "a", as: "work")
        hub.run()
        #expect(try hub.refusal { try $0.subscribe("bob", "b", as: "more") }?.code == .limitReached)
        try hub.intervene(.delete, "work")
        hub.run()
        try hub.subscribe("bob", "b", as: "more")
    }

    @Test("Open sessions and consumers are counted again after a crash", arguments: [false, true])
    func countsAfterCrash(checkpoint: Bool) throws {
        let hub = try hub(.tenant) {
            $0.sessions = 1
            $0.consumers = 1
        }
        try hub.step("alice", .open, "s")
        try hub.subscribe("alice", "a", as: "work")
        hub.run()
        try hub.crash(checkpoint: checkpoint)
        try hub.connect("alice")
        hub.run()
        #expect(try hub.refusal { try $0.step("alice", .open, "t") }?.code == .limitReached)
        #expect(try hub.refusal { try $0.subscribe("alice", "b", as: "more") }?.code == .limitReached)
    }
}
