import HubModel
import HubRouter
import Testing

@Suite("Dead letters")
struct DeadLetterContractTests {
    /// Bob gives up what he is given after two attempts.
    private func hub(_ agents: String...) throws -> Hub {
        let hub = try Hub("alice", "bob")
        for agent in agents { try hub.connect(agent) }
        try subscribe(hub)
        return hub
    }

    private func subscribe(_ hub: Hub) throws {
        try hub.subscribe("bob", "jobs", as: "work") {
            $0.ackWaitMilliseconds = 1000
            $0.backoffInitialMilliseconds = 10
            $0.deliveriesMax = 2
        }
        hub.run()
    }

    /// Alice publishes a message and Bob gives it up; where it and its letter are.
    private func bury(_ hub: Hub, _ text: String = "one") throws -> (message: Offset, letter: Offset) {
        try hub.publish("alice", text, on: "jobs")
        hub.run()
        let seen = try hub.takeOne("bob")
        try hub.settle("bob", .given, seen, as: "work", remark: "no such customer")
        hub.run()
        return (seen.offset, try #require(try hub.letters("work").last))
    }

    @Test("After the last attempt a message becomes a dead letter with reason, attempts and history")
    func attemptsUsedUp() throws {
        let hub = try hub()
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        let first = try hub.takeOne("bob")
        hub.advance(1001)
        _ = try hub.takeOne("bob")
        let lastDelivered = hub.now
        hub.advance(1001)
        #expect(try hub.take("bob").isEmpty)
        let facts = try #require(try hub.facts(hub.letters("work")[0]))
        #expect(facts.reason == .attempts)
        #expect(facts.attempts == 2)
        #expect(facts.message == first.offset)
        #expect(facts.taken == first.message.time)
        #expect(facts.lastDelivered == lastDelivered)
        #expect(try facts.consumer == hub.id(.consumer, "work"))
        #expect(facts.remark == "")
    }

    @Test("What a consumer gives up becomes a dead letter at once, with what it said")
    func terminated() throws {
        let hub = try hub()
        let (message, letter) = try bury(hub)
        let facts = try #require(try hub.facts(letter))
        #expect(facts.reason == .terminated)
        #expect(facts.attempts == 1)
        #expect(facts.message == message)
        #expect(facts.remark == "no such customer")
    }

    @Test("The reason of the last refusal stands in the letter")
    func refusalRemark() throws {
        let hub = try hub()
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        try hub.settle(
            "bob", .refused(delayMilliseconds: nil), hub.takeOne("bob"), as: "work", remark: "first")
        hub.run()
        hub.advance(11)
        try hub.settle(
            "bob", .refused(delayMilliseconds: nil), hub.takeOne("bob"), as: "work", remark: "second")
        hub.run()
        hub.advance(100)
        #expect(try hub.facts(hub.letters("work")[0])?.remark == "second")
    }

    @Test("What one consumer says without end does not keep another's word from its letter")
    func manyRemarks() throws {
        let hub = try hub("carol")
        try hub.subscribe("carol", "other", as: "chatter")
        hub.run()
        for offset in 0..<10_000 {
            let place = Offset(UInt64(offset))
            try hub.settle(
                "carol", .refused(delayMilliseconds: nil), from: place, through: place, as: "chatter",
                remark: "no")
        }
        #expect(try hub.facts(bury(hub).letter)?.remark == "no such customer")
    }

    @Test("A remark that is too long is cut between two characters")
    func longRemark() throws {
        let hub = try hub()
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        let remark = String(repeating: "ä", count: 200)
        try hub.settle("bob", .given, hub.takeOne("bob"), as: "work", remark: remark)
        hub.run()
        #expect(try hub.facts(hub.letters("work")[0])?.remark == String(repeating: "ä", count: 127))
    }

    @Test("The letter has the message's payload, and is on a topic of its consumer's own")
    func letterIsAMessage() throws {
        let hub = try hub("carol")
        try hub.subscribe("carol", "$dead.work")
        hub.run()
        _ = try bury(hub)
        let letter = try hub.takeOne("carol")
        #expect(letter.text == "one")
        #expect(letter.message.kind == .deadLetter)
        #expect(try letter.message.sender == hub.id(.agent, "alice"))
    }

    @Test("A consumer's name makes one token of its dead letters' topic, whatever it has in it")
    func topicOfDots() throws {
        let hub = try Hub("alice", "bob", "carol")
        try hub.subscribe("carol", "$dead.*")
        try hub.subscribe("bob", "jobs", as: "my.work*") { $0.deliveriesMax = 1 }
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        try hub.settle("bob", .given, hub.takeOne("bob"), as: "my.work*")
        hub.run()
        let letter = try hub.takeOne("carol")
        #expect(hub.router.text(of: letter.message.destination) == "$dead.my%2ework%2a")
    }

    @Test("Operators and the message's sender are told")
    func told() throws {
        let hub = try hub()
        let (message, letter) = try bury(hub)
        let event = Effects.Event.deadLetter(
            consumer: try hub.id(.consumer, "work"), message: message, letter: letter, .terminated)
        #expect(hub.events.contains(event))
        #expect(try hub.told("alice") == [event])
    }

    @Test("A dead message does not come again, and leaves room for another")
    func makesRoom() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: "work") { $0.inFlightMax = 1 }
        try hub.publish("alice", all: numbered(1...2), on: "jobs")
        hub.run()
        try hub.settle("bob", .given, hub.takeOne("bob"), as: "work")
        hub.run()
        #expect(try hub.texts("bob") == ["m2"])
    }

    @Test("A nameless consumer's dead go to a topic that all nameless ones share")
    func nameless() throws {
        let hub = try Hub("alice", "bob", "carol")
        try hub.subscribe("carol", "$dead.nameless")
        try hub.subscribe("bob", "jobs")
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        try hub.settle("bob", .given, hub.takeOne("bob"))
        hub.run()
        #expect(try hub.texts("carol") == ["one"])
        hub.advance(100_000)
        #expect(try hub.take("bob").isEmpty)
    }

    @Test("The dead are listed, oldest first, also after a crash", arguments: [false, true])
    func listed(checkpoint: Bool) throws {
        let hub = try hub()
        let first = try bury(hub, "one").letter
        let second = try bury(hub, "two").letter
        #expect(try hub.letters("work") == [first, second])
        try hub.crash(checkpoint: checkpoint)
        #expect(try hub.letters("work") == [first, second])
    }

    @Test("A letter whose block was refused is written again, once")
    func refusedLetter() throws {
        let hub = try hub()
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        try hub.settle("bob", .given, hub.takeOne("bob"), as: "work")
        while hub.reads.isEmpty, hub.seal() {
            hub.commit()
            hub.apply()
            hub.pass(0)
        }
        hub.read()
        hub.refuseAll()
        hub.run()
        #expect(hub.records(.deadLetter).count == 1)
        #expect(try hub.letters("work").count == 1)
    }

    // MARK: What operators do about them

    @Test("A dead message that is brought back comes once more, as if for the first time")
    func redrive() throws {
        let hub = try hub()
        let (message, letter) = try bury(hub)
        try hub.redrive(letter)
        hub.run()
        let again = try hub.takeOne("bob")
        #expect(again.offset == message)
        #expect(again.attempt == 1)
        #expect(try hub.letters("work") == [])
        try hub.ack("bob", again, as: "work")
        hub.run()
        hub.advance(10_000)
        #expect(try hub.take("bob").isEmpty)
    }

    @Test("Where the message is gone the letter comes in its place", arguments: [false, true])
    func redriveLetter(hasMoreComeSince: Bool) throws {
        let hub = try hub()
        let letter = try bury(hub).letter
        if hasMoreComeSince {
            try hub.publish("alice", "two", on: "jobs")
            hub.run()
            try hub.ack("bob", hub.takeOne("bob"), as: "work")
            hub.run()
        }
        try hub.redrive(letter, isKept: false)
        hub.run()
        let again = try hub.takeOne("bob")
        #expect(again.offset == letter)
        #expect(again.text == "one")
        #expect(try hub.letters("work") == [])
    }

    @Test("What was brought back survives a crash", arguments: [false, true])
    func redriveAndCrash(checkpoint: Bool) throws {
        let hub = try hub()
        let letter = try bury(hub).letter
        try hub.disconnect("bob")
        try hub.redrive(letter)
        hub.run()
        try hub.crash(checkpoint: checkpoint)
        try hub.connect("bob")
        try subscribe(hub)
        #expect(try hub.texts("bob") == ["one"])
    }

    @Test("What was brought back and fails again dies again")
    func diesAgain() throws {
        let hub = try hub()
        let (message, letter) = try bury(hub)
        try hub.redrive(letter)
        hub.run()
        try hub.settle("bob", .given, hub.takeOne("bob"), as: "work")
        hub.run()
        let second = try #require(try hub.letters("work").first)
        #expect(second != letter)
        #expect(try hub.facts(second)?.message == message)
    }

    @Test("A letter that is dropped is no longer listed, and nothing comes of it")
    func drop() throws {
        let hub = try hub()
        let letter = try bury(hub).letter
        try hub.drop(letter)
        hub.run()
        #expect(try hub.letters("work") == [])
        hub.advance(10_000)
        #expect(try hub.take("bob").isEmpty)
    }

    @Test("A letter is dealt with once", arguments: ["redrive", "drop"])
    func dealtWithOnce(first: String) throws {
        let hub = try hub()
        let letter = try bury(hub).letter
        if first == "redrive" { try hub.redrive(letter) } else { try hub.drop(letter) }
        hub.run()
        #expect(try hub.refusal { try $0.redrive(letter) }?.code == .conflict)
        #expect(try hub.refusal { try $0.drop(letter) }?.code == .conflict)
    }

    @Test("What is no dead letter cannot be brought back, nor one whose consumer is no more")
    func notALetter() throws {
        let hub = try hub()
        let (message, letter) = try bury(hub)
        #expect(try hub.refusal { try $0.redrive(message) }?.code == .unknownMessage)
        try hub.intervene(.delete, "work")
        hub.run()
        #expect(try hub.refusal { try $0.redrive(letter) }?.code == .unknownConsumer)
    }

    @Test("A consumer whose end is on its way buries nothing: the letter would be its successor's")
    func endingBuriesNothing() throws {
        let hub = try hub()
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        let seen = try hub.takeOne("bob")
        try hub.settle("bob", .given, seen, as: "work", remark: "never")
        // The verdict is applied, and the message has been asked for to be buried.
        while hub.reads.isEmpty, hub.seal() {
            hub.commit()
            hub.apply()
            hub.pass(0)
        }
        try #require(!hub.reads.isEmpty)
        try hub.intervene(.delete, "work")
        try subscribe(hub)
        #expect(hub.records(.deadLetter).isEmpty)
        #expect(try hub.letters("work") == [])
    }
}
