import HubModel
import HubRouter
import Testing

@Suite("Commands and their answers")
struct CommandContractTests {
    /// Alice asks, Bob answers; both listen to their inboxes.
    private func hub(_ others: String..., change: (inout RouterSettings) -> Void = { _ in }) throws -> Hub {
        let hub = try Hub("alice", "bob", change: change)
        for agent in others { try hub.connect(agent) }
        for agent in ["alice", "bob"] + others {
            try hub.openInbox(agent) { $0.acknowledgement = .automatic }
        }
        hub.run()
        return hub
    }

    @Test("A command goes to its addressee's inbox, and the answer to whoever asked")
    func questionAndAnswer() throws {
        let hub = try hub()
        try hub.publish("alice", .command("c1", to: "bob"))
        hub.run()
        let command = try hub.takeOne("bob")
        #expect(command.message.kind == .command)
        try hub.publish("bob", .answer("c1", "done"))
        hub.run()
        let answer = try hub.takeOne("alice")
        #expect(answer.message.kind == .response)
        #expect(answer.text == "done")
        #expect(answer.message.correlation == "c1")
        #expect(answer.message.flags.isDisjoint(with: [.late, .failure]))
        #expect(answer.message.session == command.message.session)
    }

    @Test(
        "A command without a deadline has the usual one, and one with a deadline its own",
        arguments: [nil, 1, 500, 3_600_000] as [Int64?])
    func deadline(within: Int64?) throws {
        let hub = try hub()
        try hub.publish("alice", .command("c1", to: "bob", within: within))
        hub.run()
        let expected = within ?? 30_000
        #expect(try hub.takeOne("bob").message.expiry == hub.now.adding(milliseconds: expected))
        hub.advance(expected - 1)
        #expect(try hub.take("alice").isEmpty)
        hub.advance(2)
        #expect(try hub.take("alice").count == 1)
    }

    @Test("When its time is over without an answer its sender gets one that says so")
    func timeout() throws {
        let hub = try hub()
        let tag = try hub.publish("alice", .command("c1", to: "bob", within: 1000))
        hub.run()
        hub.advance(1001)
        let answer = try hub.takeOne("alice")
        #expect(answer.text == "timeout")
        #expect(answer.message.flags.contains(.failure))
        #expect(answer.message.correlation == "c1")
        let offset = try #require(hub.receipt(tag)?.offset)
        let event = Effects.Event.commandTimedOut(sender: try hub.id(.agent, "alice"), offset: offset)
        #expect(hub.events.filter { $0 == event }.count == 1)
        #expect(try hub.told("alice").contains(event))
    }

    @Test("A command to an agent that is away times out all the same")
    func timeoutOfTheAbsent() throws {
        let hub = try hub()
        try hub.publish("alice", .command("c1", to: "nobody", within: 1000))
        hub.run()
        hub.advance(1001)
        #expect(try hub.texts("alice") == ["timeout"])
    }

    @Test("Deadlines survive a crash, those that passed meanwhile included", arguments: [false, true])
    func timeoutAfterCrash(checkpoint: Bool) throws {
        let hub = try hub()
        try hub.publish("alice", .command("c1", to: "bob", within: 1000))
        try hub.publish("alice", .command("c2", to: "bob", within: 9000))
        hub.run()
        try hub.crash(checkpoint: checkpoint)
        hub.now = hub.now.adding(milliseconds: 5000)
        try hub.connect("alice")
        try hub.openInbox("alice") { $0.acknowledgement = .automatic }
        hub.run()
        hub.advance(1)
        #expect(try hub.take("alice").map(\.message.correlation) == ["c1"])
        hub.advance(4000)
        #expect(try hub.take("alice").map(\.message.correlation) == ["c2"])
    }

    @Test("An answer that was on its way at the deadline wins")
    func answerInFlight() throws {
        let hub = try hub()
        try hub.publish("alice", .command("c1", to: "bob", within: 1000))
        hub.run()
        try hub.publish("bob", .answer("c1", "just in time"))
        hub.seal()
        hub.pass(2000)
        hub.run()
        #expect(try hub.texts("alice") == ["just in time"])
        hub.advance(10_000)
        #expect(try hub.take("alice").isEmpty)
    }

    @Test(
        "An answer that is lost with its block leaves the deadline as it was",
        arguments: [500, 2000] as [Int64])
    func lostAnswer(refusedAfter: Int64) throws {
        let hub = try hub()
        try hub.publish("alice", .command("c1", to: "bob", within: 1000))
        hub.run()
        let tag = try hub.publish("bob", .answer("c1"))
        hub.seal()
        hub.pass(refusedAfter)
        hub.refuse()
        #expect(hub.rejection(tag)?.code == .storageUnavailable)
        hub.run()
        hub.advance(1000)
        #expect(try hub.texts("alice") == ["timeout"])
    }

    @Test("After a lost answer the next one counts")
    func answerAfterLostOne() throws {
        let hub = try hub()
        try hub.publish("alice", .command("c1", to: "bob", within: 1000))
        hub.run()
        try hub.publish("bob", .answer("c1", "lost"))
        hub.refuseAll()
        try hub.publish("bob", .answer("c1", "found"))
        hub.run()
        let answer = try hub.takeOne("alice")
        #expect(answer.text == "found")
        #expect(!answer.message.flags.contains(.late))
    }

    @Test("A timeout that is lost with its block is said again, once")
    func lostTimeout() throws {
        let hub = try hub()
        try hub.publish("alice", .command("c1", to: "bob", within: 1000))
        hub.run()
        hub.pass(1001)
        hub.refuseAll()
        hub.run()
        hub.advance(1)
        #expect(try hub.texts("alice") == ["timeout"])
    }

    struct Late: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let isAnswered: Bool
        let isInOneTurn: Bool
    }

    @Test(
        "An answer behind the end is kept, delivered and marked as late",
        arguments: [
            Late(testDescription: "behind a timeout", isAnswered: false, isInOneTurn: false),
            Late(testDescription: "behind another answer", isAnswered: true, isInOneTurn: false),
            Late(testDescription: "behind another answer in one turn", isAnswered: true, isInOneTurn: true),
        ])
    func lateAnswer(_ it: Late) throws {
        let hub = try hub()
        try hub.publish("alice", .command("c1", to: "bob", within: 1000))
        hub.run()
        if it.isAnswered { try hub.publish("bob", .answer("c1", "first")) } else { hub.advance(1001) }
        if !it.isInOneTurn { hub.run() }
        let tag = try hub.publish("bob", .answer("c1", "second"))
        hub.run()
        let answers = try hub.take("alice")
        #expect(answers.map(\.text) == [it.isAnswered ? "first" : "timeout", "second"])
        #expect(answers.map { $0.message.flags.contains(.late) } == [false, true])
        #expect(hub.receipt(tag) != nil)
    }

    @Test("An answer after a crash knows the command", arguments: [false, true])
    func answerAfterCrash(checkpoint: Bool) throws {
        let hub = try hub()
        try hub.publish("alice", .command("c1", to: "bob"))
        hub.run()
        try hub.crash(checkpoint: checkpoint)
        for agent in ["alice", "bob"] {
            try hub.connect(agent)
            try hub.openInbox(agent)
        }
        try hub.publish("bob", .answer("c1"))
        hub.run()
        let answer = try hub.takeOne("alice")
        #expect(answer.text == "done")
        #expect(!answer.message.flags.contains(.late))
    }

    // MARK: Which command an answer is for

    @Test("Of two commands with one id, the answer is for the one that was sent to whoever answers")
    func sameID() throws {
        let hub = try hub("carol", "dave")
        try hub.publish("alice", .command("1", to: "bob"))
        try hub.publish("carol", .command("1", to: "dave"))
        hub.run()
        try hub.publish("dave", .answer("1", "for carol"))
        try hub.publish("bob", .answer("1", "for alice"))
        hub.run()
        #expect(try hub.texts("alice") == ["for alice"])
        #expect(try hub.texts("carol") == ["for carol"])
    }

    @Test("Where the id alone does not tell, the answer has to say whom it is for")
    func ambiguousID() throws {
        let hub = try hub("carol")
        try hub.publish("alice", .command("1", to: "bob"))
        try hub.publish("carol", .command("1", to: "bob"))
        hub.run()
        let refusal = try hub.refusal { try $0.publish("bob", .answer("1")) }
        #expect(refusal?.code == .conflict)
        #expect(refusal?.message.contains("2 agents") == true)
        try hub.publish("bob", .answer("1", "for carol", to: "carol"))
        hub.run()
        #expect(try hub.texts("carol") == ["for carol"])
        #expect(try hub.texts("alice") == [])
    }

    @Test("Of an ended and an open command with one id the open one is meant")
    func openOneIsMeant() throws {
        let hub = try hub("carol")
        try hub.publish("alice", .command("1", to: "bob"))
        try hub.publish("carol", .command("1", to: "bob"))
        hub.run()
        try hub.publish("bob", .answer("1", "first", to: "alice"))
        hub.run()
        try hub.publish("bob", .answer("1", "second"))
        hub.run()
        #expect(try hub.texts("carol") == ["second"])
    }

    @Test("A command to a topic is answered by whoever does it, without naming who asked")
    func commandToTopic() throws {
        let hub = try hub("worker")
        try hub.subscribe("worker", "jobs")
        try hub.publish("alice", Draft(.command, .topic, "jobs", "do it", id: "c1"))
        hub.run()
        #expect(try hub.texts("worker") == ["do it"])
        try hub.publish("worker", .answer("c1"))
        hub.run()
        #expect(try hub.texts("alice") == ["done"])
    }

    @Test("An agent of another tenant answers nobody's command")
    func otherTenant() throws {
        let hub = try hub()
        try hub.connect("eve", tenant: "other")
        try hub.publish("alice", .command("c1", to: "bob"))
        hub.run()
        #expect(try hub.refusal { try $0.publish("eve", .answer("c1")) }?.code == .unknownMessage)
    }

    @Test("An answer to nothing that is known, but to somebody, is kept and marked as late")
    func answerToNothing() throws {
        let hub = try hub()
        try hub.publish("bob", .answer("nope", "anyway", to: "alice"))
        hub.run()
        let answer = try hub.takeOne("alice")
        #expect(answer.message.flags.contains(.late))
    }

    // MARK: Dead commands

    @Test("A command that becomes a dead letter ends with an answer that says so", arguments: [true, false])
    func deadCommand(isGivenUp: Bool) throws {
        let hub = try Hub("alice", "bob")
        try hub.openInbox("alice")
        try hub.openInbox("bob", as: "in") {
            $0.deliveriesMax = 1
            $0.ackWaitMilliseconds = 100
        }
        hub.run()
        try hub.publish("alice", .command("c1", to: "bob"))
        hub.run()
        let seen = try hub.takeOne("bob")
        if isGivenUp { try hub.settle("bob", .given, seen, as: "in") }
        hub.run()
        hub.advance(101)
        let answer = try hub.takeOne("alice")
        #expect(answer.text == "dead_letter")
        #expect(answer.message.flags.contains(.failure))
        hub.advance(60_000)
        #expect(hub.records(.response).count == 1)
    }

    @Test("A command that was answered and then dies is not answered twice")
    func answeredThenDead() throws {
        let hub = try Hub("alice", "bob")
        try hub.openInbox("alice")
        try hub.openInbox("bob", as: "in")
        hub.run()
        try hub.publish("alice", .command("c1", to: "bob"))
        hub.run()
        let seen = try hub.takeOne("bob")
        try hub.publish("bob", .answer("c1"))
        try hub.settle("bob", .given, seen, as: "in")
        hub.run()
        #expect(try hub.texts("alice") == ["done"])
    }

    @Test("A command to a topic lives on when one of its consumers gives it up: others may answer")
    func topicCommandGivenUp() throws {
        let hub = try hub("worker")
        try hub.subscribe("worker", "jobs", as: "work")
        hub.run()
        try hub.publish("alice", Draft(.command, .topic, "jobs", id: "c1"))
        hub.run()
        try hub.settle("worker", .given, hub.takeOne("worker"), as: "work")
        hub.run()
        #expect(try hub.take("alice").isEmpty)
    }

    @Test("A command that is sent again while it waits is the same command, also when ids are long forgotten")
    func sentAgain() throws {
        let hub = try hub { $0.dedupMilliseconds = 100 }
        let first = try hub.publish("alice", .command("c1", to: "bob"))
        hub.run()
        hub.advance(5000)
        let again = try hub.publish("alice", .command("c1", to: "bob"))
        hub.run()
        #expect(hub.receipt(again)?.isDuplicate == true)
        #expect(hub.receipt(again)?.offset == hub.receipt(first)?.offset)
        #expect(hub.records(.command).count == 1)
    }
}
