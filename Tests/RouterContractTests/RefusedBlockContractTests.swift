import HubModel
import HubRouter
import Testing

@Suite("Blocks that the disk refuses")
struct RefusedBlockContractTests {
    @Test("Everyone with something on its way is told, in order, with the reason; others are not")
    func rejections() throws {
        let hub = try Hub("alice", "bob", "carol")
        let before = try hub.publish("carol", "kept", on: "jobs")
        hub.run()
        var tags: [UInt64] = []
        tags.append(try hub.publish("alice", "one", on: "jobs"))
        hub.seal()
        tags.append(try hub.publish("bob", "two", on: "jobs"))
        hub.seal()
        tags.append(try hub.publish("alice", "three", on: "jobs"))
        tags.append(try hub.step("bob", .open, "s"))
        hub.refuse("the disk is full")
        #expect(hub.rejections.map(\.tag) == tags)
        #expect(hub.rejections.allSatisfy { $0.reason == Refusal(.storageUnavailable, "the disk is full") })
        #expect(hub.receipt(before) != nil)
        #expect(hub.rejection(before) == nil)
    }

    @Test("What was on disk before the failure is applied: its senders get receipts")
    func committedBefore() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs")
        let kept = try hub.publish("alice", "kept", on: "jobs")
        hub.seal()
        hub.commit()
        let lost = try hub.publish("alice", "lost", on: "jobs")
        hub.seal()
        hub.refuse()
        hub.run()
        #expect(hub.receipt(kept) != nil)
        #expect(hub.rejection(lost) != nil)
        #expect(try hub.texts("bob") == ["kept"])
    }

    @Test("Nobody is given anything of a refused block, then or later")
    func nothingIsGiven() throws {
        let hub = try Hub("alice", "bob", "carol")
        try hub.subscribe("bob", "jobs")
        try hub.subscribe("carol", "jobs", as: "work")
        hub.run()
        try hub.publish("alice", "lost", on: "jobs")
        hub.refuseAll()
        try hub.publish("alice", "kept", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == ["kept"])
        #expect(try hub.texts("carol") == ["kept"])
    }

    @Test(
        "What a named consumer was given and the log does not know comes again; a nameless one goes on as it was"
    )
    func deliveriesAreForgotten() throws {
        let hub = try Hub("alice", "bob", "carol")
        try hub.subscribe("bob", "jobs")
        try hub.subscribe("carol", "jobs", as: "work")
        hub.run()
        try hub.publish("alice", "one", on: "jobs")
        hub.seal()
        hub.commit()
        hub.apply()
        #expect(try hub.texts("bob") == ["one"])
        #expect(try hub.texts("carol") == ["one"])
        hub.refuseAll()
        hub.run()
        #expect(try hub.texts("bob") == [])
        let again = try hub.takeOne("carol")
        #expect(again.text == "one")
        #expect(again.attempt == 1)
    }

    @Test("An acknowledgement that was lost with its block is forgotten: the message comes again in its time")
    func acknowledgementsAreForgotten() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: "work") { $0.ackWaitMilliseconds = 1000 }
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        try hub.ack("bob", hub.takeOne("bob"), as: "work")
        hub.refuseAll()
        hub.run()
        #expect(try hub.take("bob").isEmpty)
        hub.advance(1001)
        #expect(try hub.takeOne("bob").attempt == 2)
    }

    @Test("No more is in flight than is allowed, also when deliveries were forgotten")
    func inFlightAfterwards() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: "work") { $0.inFlightMax = 2 }
        hub.run()
        try hub.publish("alice", all: numbered(1...5), on: "jobs")
        hub.seal()
        hub.commit()
        hub.apply()
        _ = try hub.take("bob")
        hub.refuseAll()
        hub.run()
        #expect(try hub.texts("bob") == ["m1", "m2"])
    }

    @Test(
        "The disk may refuse again and again, and the hub goes on when it takes blocks",
        arguments: [1, 3, 10])
    func againAndAgain(times: Int) throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: "work")
        hub.run()
        for number in 1...times {
            let tag = try hub.publish("alice", "lost", on: "t\(number)")
            hub.refuseAll()
            #expect(hub.rejections.filter { $0.tag == tag }.count == 1)
        }
        try hub.publish("alice", "kept", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == ["kept"])
        try hub.crash()
    }

    @Test(
        "After refused blocks and a crash the hub knows what is on disk, and no more",
        arguments: [false, true])
    func thenCrash(checkpoint: Bool) throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: "work")
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        try hub.publish("alice", "lost", on: "other")
        try hub.subscribe("bob", "other", as: "more")
        hub.refuseAll()
        hub.run()
        try hub.crash(checkpoint: checkpoint)
        #expect(try !hub.knows(.topic, "other"))
        #expect(try !hub.knows(.consumer, "more"))
        #expect(hub.records(.message).map(\.text) == ["one"])
    }

    @Test("A name that was made known again after it was lost belongs to the same one everywhere")
    func namesAgain() throws {
        let hub = try Hub("alice", "bob")
        try hub.publish("alice", "lost", to: "carol")
        hub.refuseAll()
        try hub.publish("alice", "lost too", on: "news")
        try hub.publish("alice", "hello", to: "carol")
        hub.run()
        try hub.connect("carol")
        try hub.openInbox("carol", from: .all)
        hub.run()
        #expect(try hub.texts("carol") == ["hello"])
    }
}
