import HubModel
import HubRouter
import Testing

@Suite("Operators: consumers moved, paused and deleted")
struct OperatorContractTests {
    private func hub(publishing count: Int = 5, _ change: (inout ConsumerSettings) -> Void = { _ in }) throws
        -> Hub
    {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: "work") {
            $0.ackWaitMilliseconds = 1000
            change(&$0)
        }
        hub.run()
        try hub.publish("alice", all: numbered(1...count), on: "jobs")
        hub.run()
        return hub
    }

    private func step(_ hub: Hub) {
        hub.seal()
        hub.commit()
        hub.apply()
    }

    @Test("Moved back it is given all from there on once more, as if for the first time, and told so")
    func movedBack() throws {
        let hub = try hub()
        let seen = try hub.take("bob")
        for given in seen { try hub.ack("bob", given, as: "work") }
        hub.run()
        try hub.intervene(.move(seen[2].offset), "work")
        hub.run()
        let again = try hub.take("bob")
        #expect(again.map(\.text) == ["m3", "m4", "m5"])
        #expect(again.allSatisfy { $0.attempt == 1 })
        #expect(try hub.told("bob") == [.consumerMoved(hub.id(.consumer, "work"), to: seen[2].offset)])
    }

    @Test("Moved ahead it is given nothing of what lies before, unacknowledged or not")
    func movedAhead() throws {
        let hub = try hub { $0.inFlightMax = 2 }
        #expect(try hub.texts("bob") == ["m1", "m2"])
        let last = try #require(hub.records(.message).last)
        try hub.intervene(.move(last.offset), "work")
        hub.run()
        #expect(try hub.texts("bob") == ["m5"])
        hub.advance(1001)
        #expect(try hub.texts("bob") == ["m5"])
    }

    @Test("Moved behind the end it stands at the end: what comes next is given")
    func movedBehindTheEnd() throws {
        let hub = try hub()
        _ = try hub.take("bob")
        try hub.intervene(.move(.end), "work")
        hub.run()
        try hub.publish("alice", "next", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == ["next"])
    }

    @Test("An acknowledgement that is on its way when it is moved does not disturb the new position")
    func ackOnItsWay() throws {
        let hub = try hub()
        let seen = try hub.take("bob")
        try hub.intervene(.move(seen[0].offset), "work")
        try hub.settle("bob", .acknowledged, from: .zero, through: .end, as: "work")
        hub.run()
        #expect(try hub.texts("bob") == numbered(1...5))
        hub.advance(1001)
        #expect(try hub.texts("bob") == numbered(1...5))
    }

    @Test("A delivery that is on its way when it is moved does not disturb the new position")
    func deliveryOnItsWay() throws {
        let hub = try hub(publishing: 2)
        let seen = try hub.take("bob")
        try hub.publish("alice", "m3", on: "jobs")
        step(hub)
        // The delivery of m3 is not in the log yet.
        try hub.intervene(.move(seen[1].offset), "work")
        hub.run()
        #expect(try hub.texts("bob") == ["m3", "m2", "m3"])
        hub.advance(1001)
        let again = try hub.take("bob")
        #expect(again.map(\.text) == ["m2", "m3"])
        #expect(again.allSatisfy { $0.attempt == 2 })
    }

    @Test("A page that is on its way when it is moved is of no use any more")
    func pageOnItsWay() throws {
        let hub = try hub(publishing: 1)
        let first = try hub.takeOne("bob")
        try hub.setFull("bob", true)
        try hub.publish("alice", all: numbered(2...4), on: "jobs")
        hub.run()
        try hub.setFull("bob", false)
        #expect(hub.reads.count == 1)
        try hub.intervene(.move(first.offset), "work")
        step(hub)
        hub.run()
        #expect(try hub.texts("bob") == numbered(1...4))
    }

    @Test("The position survives a crash", arguments: [false, true])
    func movedAndCrash(checkpoint: Bool) throws {
        let hub = try hub()
        let seen = try hub.take("bob")
        try hub.disconnect("bob")
        try hub.intervene(.move(seen[3].offset), "work")
        hub.run()
        try hub.crash(checkpoint: checkpoint)
        try hub.connect("bob")
        try hub.subscribe("bob", "jobs", as: "work") { $0.ackWaitMilliseconds = 1000 }
        hub.run()
        #expect(try hub.texts("bob") == ["m4", "m5"])
    }

    @Test("A move in a refused block never was")
    func refusedMove() throws {
        let hub = try hub()
        let seen = try hub.take("bob")
        for given in seen { try hub.ack("bob", given, as: "work") }
        hub.run()
        try hub.intervene(.move(.zero), "work")
        hub.refuseAll()
        hub.run()
        #expect(try hub.take("bob").isEmpty)
    }

    @Test("Paused it is given nothing, not even again, and what runs out meanwhile comes when it goes on")
    func pausedLeases() throws {
        let hub = try hub(publishing: 2)
        let seen = try hub.take("bob")
        try hub.intervene(.pause, "work")
        hub.run()
        hub.advance(5000)
        #expect(try hub.take("bob").isEmpty)
        try hub.ack("bob", seen[0], as: "work")
        try hub.intervene(.resume, "work")
        hub.run()
        #expect(try hub.texts("bob") == ["m2"])
    }

    @Test("Deleted it is no more: its members are told, and nothing comes of what it had")
    func deleted() throws {
        let hub = try hub()
        let seen = try hub.take("bob")
        let name = try hub.id(.consumer, "work")
        try hub.intervene(.delete, "work")
        hub.run()
        #expect(try hub.told("bob") == [.consumerDeleted(name)])
        #expect(hub.events.contains(.consumerDeleted(name)))
        #expect(hub.router.handle(of: name) == nil)
        #expect(try hub.refusal { try $0.ack("bob", seen[0], as: "work") }?.code == .unknownConsumer)
        try hub.publish("alice", "later", on: "jobs")
        hub.advance(5000)
        #expect(try hub.take("bob").isEmpty)
    }

    @Test("One that is made again under a deleted one's name begins anew", arguments: [false, true])
    func madeAgain(crashes: Bool) throws {
        let hub = try hub()
        _ = try hub.take("bob")
        try hub.intervene(.delete, "work")
        hub.run()
        if crashes {
            try hub.crash()
            try hub.connect("alice")
            try hub.connect("bob")
        }
        try hub.subscribe("bob", "jobs", as: "work")
        try hub.publish("alice", "new", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == ["new"])
        hub.advance(1001)
        #expect(try hub.take("bob").isEmpty)
    }

    @Test("One that is wanted while its end is on its way is made anew behind that")
    func wantedWhileEnding() throws {
        let hub = try hub()
        _ = try hub.take("bob")
        try hub.intervene(.delete, "work")
        try hub.subscribe("bob", "jobs", as: "work")
        hub.run()
        try hub.publish("alice", "new", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == ["new"])
    }

    @Test("Whoever intervenes gets a receipt when it is on disk, or hears that it was refused")
    func receipts() throws {
        let hub = try hub()
        try hub.intervene(.pause, "work", by: "alice")
        let pause = hub.lastTag
        #expect(hub.receipt(pause) == nil)
        hub.run()
        #expect(hub.receipt(pause)?.durability == .fsynced)
        try hub.intervene(.resume, "work", by: "alice")
        let resume = hub.lastTag
        hub.refuseAll()
        #expect(hub.rejection(resume)?.code == .storageUnavailable)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let intervention: Hub.Intervention
    }

    @Test(
        "Nothing is done about a consumer that is no more",
        arguments: [
            Case(testDescription: "move", intervention: .move(.zero)),
            Case(testDescription: "pause", intervention: .pause),
            Case(testDescription: "resume", intervention: .resume),
            Case(testDescription: "delete", intervention: .delete),
        ])
    func unknown(_ it: Case) throws {
        let hub = try hub()
        try hub.intervene(.delete, "work")
        hub.run()
        let refusal = try hub.refusal { try $0.intervene(it.intervention, "work") }
        #expect(refusal?.code == .unknownConsumer)
        #expect(refusal?.message.contains("no such consumer") == true)
    }
}
