import HubModel
import HubRouter
import Testing

@Suite("Consumers: named and nameless, exclusive and shared")
struct ConsumerContractTests {
    @Test("A nameless consumer serves at once, leaves nothing in the log, and ends with its connection")
    func nameless() throws {
        let hub = try Hub("alice", "bob")
        let tag = try hub.subscribe("bob", "jobs")
        #expect(hub.position(tag) != nil)
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        try hub.connect("bob")
        try hub.publish("alice", "two", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == [])
        #expect(hub.records(.consumerSet, .delivery, .settlement).isEmpty)
    }

    @Test("A named consumer serves once its record is on disk")
    func namedAfterCommit() throws {
        let hub = try Hub("bob")
        let tag = try hub.subscribe("bob", "jobs", as: "work")
        hub.seal()
        #expect(hub.position(tag) == nil)
        hub.run()
        #expect(hub.position(tag) != nil)
    }

    @Test("A named consumer goes on where it was when its agent comes back")
    func comesBack() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: "work")
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        try hub.ack("bob", hub.takeOne("bob"), as: "work")
        try hub.disconnect("bob")
        try hub.publish("alice", all: ["two", "three"], on: "jobs")
        hub.run()
        try hub.connect("bob")
        try hub.subscribe("bob", "jobs", as: "work")
        hub.run()
        #expect(try hub.texts("bob") == ["two", "three"])
    }

    @Test("A named consumer goes on where it was after a crash", arguments: [false, true])
    func afterCrash(checkpoint: Bool) throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: "work")
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        try hub.ack("bob", hub.takeOne("bob"), as: "work")
        try hub.publish("alice", "two", on: "jobs")
        hub.run()
        try hub.crash(checkpoint: checkpoint)
        try hub.connect("bob")
        try hub.subscribe("bob", "jobs", as: "work")
        hub.run()
        let seen = try hub.takeOne("bob")
        #expect(seen.text == "two")
        #expect(seen.attempt == 2)
    }

    @Test(
        "A subscription in a refused block came to nothing, and its agent is told", arguments: [false, true])
    func refused(isSealed: Bool) throws {
        let hub = try Hub("alice", "bob")
        let tag = try hub.subscribe("bob", "jobs", as: "work")
        if isSealed { hub.seal() }
        hub.refuse()
        #expect(hub.rejection(tag)?.code == .storageUnavailable)
        #expect(hub.rejections.filter { $0.tag == tag }.count == 1)
        hub.run()
        #expect(hub.position(tag) == nil)
        try hub.subscribe("bob", "jobs", as: "work")
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == ["one"])
    }

    @Test("An exclusive consumer is refused to a second agent while the first is there")
    func exclusive() throws {
        let hub = try Hub("bob", "carol")
        try hub.subscribe("bob", "jobs", as: "work")
        hub.run()
        let refusal = try hub.refusal { try $0.subscribe("carol", "jobs", as: "work") }
        #expect(refusal?.code == .conflict)
        #expect(refusal?.message.contains("agent bob") == true)
        #expect(refusal?.message.contains("share it") == true)
    }

    @Test(
        "Of two agents that want an exclusive consumer in one turn the first gets it, as it wants it",
        arguments: [false, true])
    func exclusiveInOneTurn(wouldShare: Bool) throws {
        let hub = try Hub("alice", "bob", "carol")
        try hub.subscribe("bob", "jobs", as: "work")
        let refusal = try hub.refusal {
            try $0.subscribe("carol", "other", as: "work") { $0.isShared = wouldShare }
        }
        #expect(refusal?.code == .conflict)
        try hub.publish("alice", "one", on: "jobs")
        try hub.publish("alice", "two", on: "other")
        hub.run()
        #expect(try hub.texts("bob") == ["one"])
        #expect(try hub.texts("carol") == [])
    }

    @Test("One that went before its exclusive consumer was on disk does not keep it from others")
    func firstIsGone() throws {
        let hub = try Hub("alice", "bob", "carol")
        try hub.subscribe("bob", "jobs", as: "work")
        try hub.disconnect("bob")
        try hub.subscribe("carol", "jobs", as: "work")
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        #expect(try hub.texts("carol") == ["one"])
    }

    @Test("The same agent's newer connection takes an exclusive consumer over, with what the older one had")
    func takesOver() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: "work")
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        let older = try hub.connection(of: "bob")
        try hub.connect("bob")
        #expect(hub.answers.contains(.replaced(older)))
        try hub.subscribe("bob", "jobs", as: "work")
        hub.run()
        let again = try hub.takeOne("bob")
        #expect(again.text == "one")
        #expect(again.attempt == 2)
    }

    @Test("A connection that was replaced is nobody any more")
    func replacedIsGone() throws {
        let hub = try Hub("bob")
        let older = try hub.connection(of: "bob")
        try hub.connect("bob")
        let refusal = try hub.refusal { try $0.publish(through: older, Draft(on: "jobs")) }
        #expect(refusal?.code == .unauthorized)
    }

    @Test("Somebody who acts in an agent's name for a moment replaces nobody")
    func visitor() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs")
        let bob = try hub.connection(of: "bob")
        let visitor = try hub.connect("bob", .visitor)
        hub.connections["bob"] = bob
        let tag = try hub.publish(through: visitor, Draft("one", on: "jobs"))
        hub.run()
        #expect(hub.receipt(tag) != nil)
        #expect(try hub.texts("bob") == ["one"])
        hub.router.disconnect(visitor, now: hub.now, &hub.open)
        hub.run()
        #expect(try hub.presence("bob") == .online)
    }

    // MARK: Groups

    /// Members of a group on `jobs`.
    private func group(_ members: [String], _ change: (inout ConsumerSettings) -> Void = { _ in }) throws
        -> Hub
    {
        let hub = try Hub("alice")
        for member in members {
            try hub.connect(member)
            try hub.subscribe(member, "jobs", as: "work") {
                $0.isShared = true
                change(&$0)
            }
            hub.run()
        }
        return hub
    }

    @Test("The members of a group take turns; each message goes to one of them")
    func turns() throws {
        let hub = try group(["m1", "m2", "m3"])
        try hub.publish("alice", all: numbered(1...9), on: "jobs")
        hub.run()
        var all: [String] = []
        for member in ["m1", "m2", "m3"] {
            let texts = try hub.texts(member)
            #expect(texts.count == 3)
            all += texts
        }
        #expect(all.sorted() == numbered(1...9))
    }

    @Test("The next message goes to the member with the least in flight")
    func freeCapacity() throws {
        let hub = try group(["m1", "m2"])
        try hub.publish("alice", all: numbered(1...6), on: "jobs")
        hub.run()
        let seen = try hub.take("m1")
        for given in seen { try hub.ack("m1", given, as: "work") }
        hub.run()
        _ = try hub.take("m2")
        try hub.publish("alice", all: numbered(7...9), on: "jobs")
        hub.run()
        #expect(try hub.texts("m1") == numbered(7...9))
        #expect(try hub.texts("m2") == [])
    }

    @Test("A member whose connection is full is passed over")
    func fullMember() throws {
        let hub = try group(["m1", "m2"])
        try hub.setFull("m1", true)
        try hub.publish("alice", all: numbered(1...4), on: "jobs")
        hub.run()
        #expect(try hub.texts("m1") == [])
        #expect(try hub.texts("m2") == numbered(1...4))
    }

    @Test("In a sticky group the messages of one session go to one member, in order")
    func sticky() throws {
        let hub = try group(["m1", "m2", "m3"]) { $0.isSticky = true }
        for number in 1...30 {
            try hub.publish("alice", Draft("\(number)", on: "jobs") { $0.session = "s\(number % 6)" })
        }
        hub.run()
        var memberOf: [String: String] = [:]
        for member in ["m1", "m2", "m3"] {
            let seen = try hub.take(member)
            for given in seen {
                #expect(memberOf[given.message.session, default: member] == member)
                memberOf[given.message.session] = member
            }
            #expect(seen.map(\.offset) == seen.map(\.offset).sorted())
        }
        #expect(memberOf.count == 6)
        #expect(Set(memberOf.values).count > 1)
    }

    @Test("In a sticky group a session waits for its member while that is full")
    func stickyAndFull() throws {
        let hub = try group(["m1", "m2"]) { $0.isSticky = true }
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        let owner = try hub.take("m1").isEmpty ? "m2" : "m1"
        let other = owner == "m1" ? "m2" : "m1"
        _ = try hub.take(owner)
        try hub.setFull(owner, true)
        try hub.publish("alice", "two", on: "jobs")
        hub.run()
        #expect(try hub.texts(other) == [])
        try hub.setFull(owner, false)
        hub.run()
        #expect(try hub.texts(owner) == ["two"])
    }

    @Test(
        "What a leaving member had comes back at once, to those that are left",
        arguments: ["disconnect", "unsubscribe"])
    func memberLeaves(way: String) throws {
        let hub = try group(["m1", "m2"])
        try hub.publish("alice", all: numbered(1...4), on: "jobs")
        hub.run()
        let lost = try hub.texts("m1")
        _ = try hub.take("m2")
        if way == "disconnect" { try hub.disconnect("m1") } else { try hub.unsubscribe("m1", "work") }
        hub.run()
        let again = try hub.take("m2")
        #expect(again.map(\.text) == lost)
        #expect(again.allSatisfy { $0.attempt == 2 })
    }

    @Test("What a member had when it was alone comes back at once too")
    func firstMemberLeaves() throws {
        let hub = try group(["m1"])
        try hub.publish("alice", all: numbered(1...2), on: "jobs")
        hub.run()
        try hub.connect("m2")
        try hub.subscribe("m2", "jobs", as: "work") { $0.isShared = true }
        hub.run()
        try hub.disconnect("m1")
        hub.run()
        #expect(try hub.texts("m2") == numbered(1...2))
    }

    @Test("Who has what outlives a refused block: a member that leaves then gives back what it had, too")
    func memberLeavesAfterRefusal() throws {
        let hub = try group(["m1", "m2"])
        try hub.publish("alice", all: numbered(1...4), on: "jobs")
        hub.run()
        let lost = try hub.texts("m1")
        _ = try hub.take("m2")
        try hub.publish("alice", "lost", on: "other")
        hub.refuseAll()
        hub.run()
        try hub.disconnect("m1")
        hub.run()
        #expect(try hub.texts("m2") == lost)
    }

    @Test("What the last member had waits for the next, and comes to that at once")
    func lastMemberLeaves() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: "work")
        try hub.publish("alice", all: numbered(1...3), on: "jobs")
        hub.run()
        try hub.disconnect("bob")
        hub.advance(1000)
        try hub.connect("bob")
        try hub.subscribe("bob", "jobs", as: "work")
        hub.run()
        let again = try hub.take("bob")
        #expect(again.map(\.text) == numbered(1...3))
        #expect(again.allSatisfy { $0.attempt == 2 })
    }

    @Test("A member that says so twice is one member")
    func joinsTwice() throws {
        let hub = try group(["m1", "m2"])
        try hub.subscribe("m1", "jobs", as: "work") { $0.isShared = true }
        hub.run()
        try hub.publish("alice", all: numbered(1...4), on: "jobs")
        hub.run()
        #expect(try hub.texts("m1").count == 2)
        #expect(try hub.texts("m2").count == 2)
    }

    // MARK: Settings

    @Test("A known consumer that is wanted otherwise is so from then on, and keeps its place")
    func otherFilter() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: "work")
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        try hub.subscribe("bob", "other", as: "work", from: .all)
        hub.run()
        try hub.publish("alice", "two", on: "jobs")
        try hub.publish("alice", "three", on: "other")
        hub.run()
        #expect(try hub.texts("bob") == ["one", "three"])
    }

    @Test("More room than before is used at once")
    func moreRoom() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: "work") { $0.inFlightMax = 1 }
        try hub.publish("alice", all: numbered(1...4), on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == ["m1"])
        try hub.subscribe("bob", "jobs", as: "work") { $0.inFlightMax = 3 }
        hub.run()
        #expect(try hub.texts("bob") == ["m2", "m3"])
    }

    @Test("The hub has no more consumers than are allowed; one that ends makes room")
    func limit() throws {
        let hub = try Hub("alice", "bob") { $0.consumersMax = 2 }
        try hub.subscribe("alice", "a")
        try hub.subscribe("alice", "b", as: "work")
        hub.run()
        let refusal = try hub.refusal { try $0.subscribe("bob", "c") }
        #expect(refusal?.code == .limitReached)
        #expect(refusal?.message.contains("2 consumers") == true)
        try hub.unsubscribe("alice")
        try hub.subscribe("bob", "c")
    }
}
