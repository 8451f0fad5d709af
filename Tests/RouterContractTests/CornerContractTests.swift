import HubModel
import HubRouter
import Testing

/// What comes in one turn with something else, or behind the scenes of another: corners in which a rule could be passed by.
@Suite("Corners")
struct CornerContractTests {
    @Test("Two sessions opened in one turn count as two", arguments: ["agent", "hub"])
    func sessionsInOneTurn(whose: String) throws {
        var quota = Quota()
        quota.sessions = 1
        let hub = try Hub("alice", "bob") {
            if whose == "agent" { $0.agentQuota = quota } else { $0.sessionsMax = 1 }
        }
        try hub.step("alice", .open, "s")
        let refusal = try hub.refusal { try $0.step("alice", .open, "t") }
        #expect(refusal?.code == .limitReached)
    }

    @Test("Two agents open one session in one turn: the second is told that it did not")
    func openedTwiceInOneTurn() throws {
        let hub = try Hub("alice", "bob", "carol")
        try hub.step("alice", .open, "s", with: "carol")
        let refusal = try hub.refusal { try $0.step("bob", .open, "s", with: "carol") }
        #expect(refusal?.code == .conflict)
    }

    @Test("A third agent does not write into the direct session of two others")
    func strangerInDirectSession() throws {
        let hub = try Hub("alice", "bob", "carol")
        try hub.publish("alice", "hello", to: "bob")
        hub.run()
        let refusal = try hub.refusal {
            try $0.publish("carol", Draft("forged", on: "x") { $0.session = "dm:alice:bob" })
        }
        #expect(refusal?.code == .forbidden)
    }

    @Test("A third agent does not open the direct session of two others by name")
    func strangerOpensDirectSession() throws {
        let hub = try Hub("alice", "bob", "carol")
        #expect(try hub.refusal { try $0.step("carol", .open, "dm:alice:bob") } != nil)
    }

    @Test("A watch of an agent that nobody knows yet outlives a refused block")
    func watchOutlives() throws {
        let hub = try Hub("wanda")
        try hub.watch("wanda", "carol")
        hub.refuseAll()
        try hub.connect("carol")
        hub.run()
        #expect(try hub.told("wanda").count == 1)
    }

    @Test("A repeated receipt says whether the addressee is away")
    func repeatedAway() throws {
        let hub = try Hub("alice")
        try hub.publish("alice", "x", to: "nobody", id: "m")
        hub.run()
        let tag = try hub.publish("alice", "x", to: "nobody", id: "m")
        hub.run()
        #expect(hub.receipt(tag)?.isAddresseeAway == true)
    }

    @Test("A refused proposal leaves no name behind", arguments: ["command", "step"])
    func noName(what: String) throws {
        let hub = try Hub("alice")
        if what == "command" {
            #expect(try hub.refusal { try $0.publish("alice", Draft(.command, .topic, "t1")) } != nil)
            #expect(try !hub.knows(.topic, "t1"))
        } else {
            #expect(try hub.refusal { try $0.step("alice", .accept, "t1") } != nil)
            #expect(try !hub.knows(.session, "t1"))
        }
    }

    @Test("A command whose deadline has passed when it comes is refused")
    func pastDeadline() throws {
        let hub = try Hub("alice", "bob")
        let past = hub.now.adding(milliseconds: -1)
        let refusal = try hub.refusal {
            try $0.publish("alice", .command("c", to: "bob") { $0.expiry = past })
        }
        #expect(refusal?.code == .expired)
    }

    @Test("Named consumers made in one turn count for the tenant's quota")
    func consumersInOneTurn() throws {
        var quota = Quota()
        quota.consumers = 1
        let hub = try Hub("alice", "bob") { $0.tenantQuota = quota }
        try hub.subscribe("alice", "a", as: "one")
        #expect(try hub.refusal { try $0.subscribe("bob", "a", as: "two") }?.code == .limitReached)
    }

    @Test("A redrive on its way when its consumer is moved ahead is not lost with its letter")
    func redriveAndMove() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: "work")
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        try hub.settle("bob", .given, hub.takeOne("bob"), as: "work")
        hub.run()
        let letter = try #require(try hub.letters("work").first)
        try hub.intervene(.move(.end), "work")
        try hub.redrive(letter)
        hub.run()
        let texts = try hub.texts("bob")
        #expect(try texts == ["one"] || hub.letters("work") == [letter])
    }

    @Test("A delayed message in a stall: nameless consumer with room again after its message died")
    func namelessDeadMakesRoom() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs") { $0.inFlightMax = 1 }
        try hub.publish("alice", all: numbered(1...3), on: "jobs")
        hub.run()
        try hub.settle("bob", .given, hub.takeOne("bob"))
        hub.run()
        #expect(try hub.texts("bob") == ["m2"])
    }

    @Test("A consumer that catches up and waits for acknowledgements is told so too")
    func stalledBehind() throws {
        let hub = try Hub("alice", "bob")
        try hub.publish("alice", all: numbered(1...5), on: "jobs")
        hub.run()
        try hub.subscribe("bob", "jobs", as: "work", from: .all) { $0.inFlightMax = 2 }
        hub.run()
        #expect(try hub.texts("bob") == ["m1", "m2"])
        #expect(try hub.told("bob") == [.stalled(hub.consumer("bob", "work"), inFlight: 2, limit: 2)])
    }
}
