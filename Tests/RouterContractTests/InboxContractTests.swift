import HubModel
import HubRouter
import HubStorage
import Testing

@Suite("Inboxes")
struct InboxContractTests {
    @Test(
        "An inbox has what is for its agent: messages, commands, answers and sessions; nothing of topics or others"
    )
    func contents() throws {
        let hub = try Hub("alice", "bob", "carol")
        try hub.openInbox("bob") { $0.acknowledgement = .automatic }
        try hub.publish("bob", .command("b1", to: "alice"))
        hub.run()
        try hub.publish("alice", "message", to: "bob")
        try hub.publish("alice", .command("c1", to: "bob"))
        try hub.publish("alice", .answer("b1", "answer"))
        try hub.step("alice", .open, "s", with: "bob", text: "opening")
        try hub.publish("alice", "for carol", to: "carol")
        try hub.publish("alice", "for all", on: "bob")
        hub.run()
        #expect(try hub.texts("bob") == ["message", "do c1", "answer", "opening"])
    }

    @Test("An inbox that is read from the log has the same", arguments: [false, true])
    func fromTheLog(named: Bool) throws {
        let hub = try Hub("alice", "bob")
        try hub.publish("alice", "message", to: "bob")
        try hub.publish("alice", .command("c1", to: "bob"))
        try hub.publish("alice", "for all", on: "bob")
        try hub.step("alice", .open, "s", with: "bob", text: "opening")
        hub.run()
        try hub.openInbox("bob", as: named ? "in" : "", from: .all)
        hub.run()
        #expect(try hub.texts("bob") == ["message", "do c1", "opening"])
    }

    @Test("An agent with two inboxes has all in both, each with its own acknowledgements")
    func twoInboxes() throws {
        let hub = try Hub("alice", "bob")
        try hub.openInbox("bob", as: "one") { $0.ackWaitMilliseconds = 1000 }
        try hub.openInbox("bob", as: "two") { $0.ackWaitMilliseconds = 1000 }
        try hub.publish("alice", "hello", to: "bob")
        hub.run()
        let seen = try hub.take("bob")
        #expect(seen.map(\.text) == ["hello", "hello"])
        let one = try hub.consumer("bob", "one")
        #expect(Set(seen.map(\.consumer)) == [one, try hub.consumer("bob", "two")])
        try hub.ack("bob", seen[0], as: "one")
        hub.run()
        hub.advance(1001)
        let again = try hub.takeOne("bob")
        #expect(again.consumer != one)
    }

    @Test("A named inbox keeps what comes while its agent is away", arguments: [false, true])
    func away(crashes: Bool) throws {
        let hub = try Hub("alice", "bob")
        try hub.openInbox("bob", as: "in")
        hub.run()
        try hub.disconnect("bob")
        try hub.publish("alice", all: [], on: "none")
        try hub.publish("alice", "hello", to: "bob")
        hub.run()
        if crashes { try hub.crash() }
        try hub.connect("bob")
        try hub.openInbox("bob", as: "in")
        hub.run()
        #expect(try hub.texts("bob") == ["hello"])
    }

    @Test("Two agents of one name in two tenants have inboxes of their own")
    func tenants() throws {
        let hub = try Hub("alice", "bob")
        try hub.openInbox("bob")
        let bob = try hub.connection(of: "bob")
        try hub.connect("bob", tenant: "other")
        try hub.openInbox("bob")
        try hub.publish("alice", "hello", to: "bob")
        hub.run()
        #expect(hub.given[bob]?.map(\.text) == ["hello"])
        #expect(try hub.take("bob").isEmpty)
    }

    @Test(
        "Nobody is a member of another agent's inbox: not who had its name first, nor who asks in the same turn"
    )
    func inboxIsItsAgents() throws {
        for isInOneTurn in [false, true] {
            for (isBobsInbox, isShared) in [(false, false), (false, true), (true, false), (true, true)] {
                let hub = try Hub("alice", "bob", "carol")
                if isBobsInbox {
                    try hub.openInbox("bob", as: "inbox") { $0.isShared = true }
                } else {
                    try hub.subscribe("bob", "news", as: "inbox") { $0.isShared = true }
                }
                if !isInOneTurn { hub.run() }
                let refusal = try hub.refusal { hub in
                    try hub.openInbox("alice", as: "inbox") { $0.isShared = isShared }
                }
                hub.run()
                try hub.publish("carol", "for alice alone", to: "alice")
                try hub.publish("carol", "for bob alone", to: "bob")
                hub.run()
                #expect(refusal?.code == (isBobsInbox && !isInOneTurn ? .forbidden : .conflict))
                #expect(try hub.texts("alice") == [])
                #expect(try hub.texts("bob") == (isBobsInbox ? ["for bob alone"] : []))
            }
        }
    }

    @Test("A consumer that several share does not become one agent's while others are its members")
    func noLongerShared() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "news", as: "work") { $0.isShared = true }
        hub.run()
        let refusal = try hub.refusal { try $0.subscribe("alice", "news", as: "work") }
        #expect(refusal?.code == .conflict)
        try hub.unsubscribe("bob", "work")
        try hub.subscribe("alice", "news", as: "work")
        hub.run()
        #expect(try hub.refusal { try $0.subscribe("bob", "news", as: "work") }?.code == .conflict)
    }
}

@Suite("Expiry, and what is gone")
struct ExpiryContractTests {
    @Test(
        "A message that expired on its way to the disk is given to nobody, and is in the log",
        arguments: [false, true])
    func onItsWay(named: Bool) throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: named ? "work" : "")
        hub.run()
        let tag = try hub.publish("alice", Draft("short", on: "jobs") { $0.within = 100 })
        try hub.publish("alice", "long", on: "jobs")
        hub.seal()
        hub.now = hub.now.adding(milliseconds: 100)
        hub.run()
        #expect(try hub.texts("bob") == ["long"])
        #expect(hub.receipt(tag) != nil)
        #expect(hub.records(.message).count == 2)
    }

    @Test("A message that has not expired is given", arguments: [1, 99] as [Int64])
    func inTime(later: Int64) throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs")
        try hub.publish("alice", Draft("short", on: "jobs") { $0.within = 100 })
        hub.seal()
        hub.now = hub.now.adding(milliseconds: later)
        hub.run()
        #expect(try hub.texts("bob") == ["short"])
    }

    @Test("Who catches up is not given what expired meanwhile", arguments: [ConsumerStart.all, .last, .new])
    func catchingUp(start: ConsumerStart) throws {
        let hub = try Hub("alice", "bob")
        try hub.publish(
            "alice",
            Draft("short", on: "t.a") {
                $0.within = 100
                $0.isRetained = true
            })
        try hub.publish("alice", Draft("long", on: "t.b") { $0.isRetained = true })
        hub.run()
        hub.advance(101)
        try hub.subscribe("bob", "t.*", as: "work", from: start)
        hub.run()
        #expect(try hub.texts("bob") == ["long"])
        try hub.publish("alice", "next", on: "t.c")
        hub.run()
        #expect(try hub.texts("bob") == ["next"])
    }

    @Test(
        "What retention removed before a consumer came to it is told as a gap, and the rest is given",
        arguments: [false, true])
    func gap(named: Bool) throws {
        let hub = try Hub("alice")
        for number in 1...6 {
            try hub.publish("alice", "m\(number)", on: "jobs")
            hub.run()
        }
        let kept = try #require(hub.records(.message).dropFirst(3).first)
        try hub.removeMessages(before: kept.offset)
        try hub.connect("bob")
        try hub.subscribe("bob", "jobs", as: named ? "work" : "", from: .all)
        hub.run()
        #expect(try hub.texts("bob") == numbered(4...6))
        let handle = try hub.consumer("bob", named ? "work" : "")
        let gap = Effects.Event.gap(handle, Gap(from: 0, through: kept.offset.rawValue - 1, .retention))
        #expect(try hub.told("bob") == [gap])
        #expect(hub.events.contains(gap))
    }
}
