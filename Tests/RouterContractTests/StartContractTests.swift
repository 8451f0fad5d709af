import HubModel
import HubRouter
import Testing

@Suite("Where a consumer begins")
struct StartContractTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let start: ConsumerStart
        let isNamed: Bool
        let seen: [String]
    }

    static let cases = [false, true].flatMap { isNamed in
        let kind = isNamed ? "a named one" : "a nameless one"
        return [
            Case(testDescription: "\(kind), new", start: .new, isNamed: isNamed, seen: ["after"]),
            Case(
                testDescription: "\(kind), all", start: .all, isNamed: isNamed,
                seen: ["a1", "b1", "a2", "b2", "c1", "after"]),
            Case(
                testDescription: "\(kind), last of each topic", start: .last, isNamed: isNamed,
                seen: ["a2", "b2", "c1", "after"]),
            Case(
                testDescription: "\(kind), an offset", start: .offset(Offset(2)), isNamed: isNamed,
                seen: ["b1", "a2", "b2", "c1", "after"]),
            Case(
                testDescription: "\(kind), an offset ahead", start: .offset(Offset(1000)), isNamed: isNamed,
                seen: []),
        ]
    }

    /// Alice has published on three topics before Bob comes; the first is at offset 1.
    private func hub() throws -> Hub {
        let hub = try Hub("alice")
        for (text, topic) in [("a1", "t.a"), ("b1", "t.b"), ("a2", "t.a"), ("b2", "t.b"), ("c1", "t.c")] {
            try hub.publish("alice", text, on: topic)
        }
        try hub.publish("alice", "else", on: "other")
        hub.run()
        try hub.connect("bob")
        hub.run()
        return hub
    }

    @Test("A new consumer begins where it wants to, and goes on with what comes", arguments: cases)
    func start(_ it: Case) throws {
        let hub = try hub()
        #expect(hub.records(.message).first?.offset == Offset(1))
        try hub.subscribe("bob", "t.*", as: it.isNamed ? "work" : "", from: it.start)
        hub.run()
        try hub.publish("alice", "after", on: "t.b")
        hub.run()
        #expect(try hub.texts("bob") == it.seen)
    }

    @Test("An offset ahead is waited for")
    func offsetAhead() throws {
        let hub = try hub()
        let ahead = hub.head.advanced(by: 2)
        try hub.subscribe("bob", "t.*", from: .offset(ahead))
        try hub.publish("alice", all: numbered(1...4), on: "t.a")
        hub.run()
        #expect(try hub.texts("bob") == ["m3", "m4"])
    }

    @Test(
        "What comes between a subscription and its first page comes once, behind what was there",
        arguments: [false, true])
    func overtaking(isNamed: Bool) throws {
        let hub = try hub()
        try hub.subscribe("bob", "t.*", as: isNamed ? "work" : "", from: .all)
        if isNamed {
            hub.seal()
            hub.commit()
            hub.apply()
        }
        try hub.publish("alice", "during", on: "t.a")
        hub.seal()
        hub.commit()
        hub.apply()
        #expect(try hub.texts("bob") == [])
        hub.run()
        #expect(try hub.texts("bob") == ["a1", "b1", "a2", "b2", "c1", "during"])
    }

    @Test(
        "Retained values come first to whoever begins with what is new, then what comes",
        arguments: [false, true])
    func retained(isNamed: Bool) throws {
        let hub = try hub()
        try hub.publish("alice", Draft("kept a", on: "t.a") { $0.isRetained = true })
        try hub.publish("alice", Draft("kept b", on: "t.b") { $0.isRetained = true })
        try hub.publish("alice", Draft("newer a", on: "t.a") { $0.isRetained = true })
        try hub.publish("alice", "not kept", on: "t.b")
        hub.run()
        try hub.subscribe("bob", "t.*", as: isNamed ? "work" : "")
        try hub.publish("alice", "after", on: "t.c")
        hub.run()
        #expect(try hub.texts("bob") == ["kept b", "newer a", "after"])
    }

    @Test("A retained value is one of all to whoever begins with all")
    func retainedAndAll() throws {
        let hub = try hub()
        try hub.publish("alice", Draft("kept", on: "t.a") { $0.isRetained = true })
        hub.run()
        try hub.subscribe("bob", "t.a", from: .all)
        hub.run()
        #expect(try hub.texts("bob") == ["a1", "a2", "kept"])
    }

    @Test("An empty retained message takes the value back")
    func retainedIsCleared() throws {
        let hub = try hub()
        try hub.publish("alice", Draft("kept", on: "t.a") { $0.isRetained = true })
        try hub.publish("alice", Draft("", on: "t.a") { $0.isRetained = true })
        hub.run()
        try hub.subscribe("bob", "t.*")
        hub.run()
        #expect(try hub.texts("bob") == [])
    }

    @Test("Those that are there are given a retained message like any other, once")
    func retainedLive() throws {
        let hub = try hub()
        try hub.subscribe("bob", "t.*")
        try hub.publish("alice", Draft("kept", on: "t.a") { $0.isRetained = true })
        hub.run()
        #expect(try hub.texts("bob") == ["kept"])
    }

    @Test("Retained and last values survive a crash", arguments: [false, true])
    func valuesAfterCrash(checkpoint: Bool) throws {
        let hub = try hub()
        try hub.publish("alice", Draft("kept", on: "t.a") { $0.isRetained = true })
        hub.run()
        try hub.crash(checkpoint: checkpoint)
        try hub.connect("bob")
        try hub.connect("carol")
        try hub.subscribe("bob", "t.*")
        try hub.subscribe("carol", "t.*", from: .last)
        hub.run()
        #expect(try hub.texts("bob") == ["kept"])
        #expect(try hub.texts("carol") == ["b2", "c1", "kept"])
    }

    @Test("A value that was retained in a refused block is none")
    func retainedInRefusedBlock() throws {
        let hub = try hub()
        try hub.publish("alice", Draft("lost", on: "t.a") { $0.isRetained = true })
        hub.refuseAll()
        try hub.subscribe("bob", "t.a")
        hub.run()
        #expect(try hub.texts("bob") == [])
    }

    @Test("The values that a named consumer begins with are acknowledged and come again like all else")
    func valuesAreDeliveries() throws {
        let hub = try hub()
        try hub.subscribe("bob", "t.a", as: "work", from: .last) { $0.ackWaitMilliseconds = 1000 }
        hub.run()
        #expect(try hub.takeOne("bob").text == "a2")
        hub.advance(1001)
        let again = try hub.takeOne("bob")
        #expect(again.attempt == 2)
        try hub.ack("bob", again, as: "work")
        hub.run()
        hub.advance(5000)
        #expect(try hub.take("bob").isEmpty)
    }

    @Test("A consumer that is known goes on where it was, wherever the subscription wants to begin")
    func knownConsumer() throws {
        let hub = try hub()
        try hub.subscribe("bob", "t.*", as: "work", from: .new)
        hub.run()
        try hub.connect("bob")
        try hub.subscribe("bob", "t.*", as: "work", from: .all)
        try hub.publish("alice", "after", on: "t.a")
        hub.run()
        #expect(try hub.texts("bob") == ["after"])
    }
}
