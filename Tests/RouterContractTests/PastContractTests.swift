import HubModel
import HubRouter
import Testing

@Suite("The past, as the log tells it")
struct PastContractTests {
    /// Bob reads what is on jobs, and gives up after two attempts.
    private func hub() throws -> Hub {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: "work") {
            $0.ackWaitMilliseconds = 1000
            $0.backoffInitialMilliseconds = 10
            $0.deliveriesMax = 2
        }
        hub.run()
        return hub
    }

    private func publish(_ hub: Hub, _ text: String) throws -> Offset {
        let tag = try hub.publish("alice", text, on: "jobs")
        hub.run()
        return try #require(hub.receipt(tag)?.offset)
    }

    // MARK: Pictures

    @Test("The state at the end of the log is that of the router")
    func present() throws {
        let hub = try hub()
        try hub.openInbox("bob")
        try hub.step("alice", .open, "talk", with: "bob")
        try hub.step("bob", .pause(.work), "topic:jobs")
        try hub.publish("alice", Draft("v", on: "prices") { $0.isRetained = true })
        try hub.publish("alice", .command("c", to: "bob"))
        for number in 1...3 { _ = try publish(hub, "m\(number)") }
        hub.run()
        let picture = try hub.past()
        #expect(try picture == hub.router.picture(of: hub.tenant()))
        #expect(picture.agents.map(\.name) == ["alice", "bob"])
        #expect(picture.sessions.map(\.name) == ["talk"])
        #expect(picture.pauses.map(\.session) == ["topic:jobs"])
        #expect(picture.consumers.map(\.name).contains("work"))
        #expect(picture.commands.map(\.id) == ["c"])
        #expect(picture.retained.map(\.topic) == ["prices"])
    }

    @Test("What came later is not in the state at an offset")
    func earlier() throws {
        let hub = try hub()
        let message = try publish(hub, "one")
        let given = hub.head
        try hub.ack("bob", hub.takeOne("bob"), as: "work")
        hub.run()
        try hub.disconnect("bob")
        hub.run()
        func unsettled(_ offset: Offset) throws -> [Offset] {
            try #require(try hub.past(before: offset).consumers.first).unsettled.map(\.offset)
        }
        #expect(try unsettled(message.next) == [])
        #expect(try unsettled(given) == [message])
        #expect(try unsettled(.end) == [])
        #expect(try hub.past(before: given).agents.map(\.presence) == [.online, .online])
        #expect(try hub.past().agents.map(\.presence) == [.online, .offline])
    }

    @Test("Tenants do not see each other's past")
    func tenants() throws {
        let hub = try hub()
        let nobody = try hub.past(of: NameID(9999))
        #expect(nobody.agents.isEmpty && nobody.consumers.isEmpty)
    }

    @Test("Where a delivery stood is told in words")
    func standings() throws {
        let hub = try hub()
        let offsets = try ["leased", "refused", "given"].map { try publish(hub, $0) }
        let seen = try hub.take("bob")
        try hub.settle("bob", .refused(delayMilliseconds: 60_000), seen[1], as: "work")
        hub.run()
        try hub.settle("bob", .given, seen[2], as: "work")
        hub.seal()
        hub.commit()
        hub.apply()
        let picture = try hub.router.picture(of: hub.tenant())
        let unsettled = try #require(picture.consumers.first).unsettled
        #expect(unsettled.map(\.offset) == offsets)
        #expect(unsettled.map(\.standing) == [.leased, .waiting, .givenUp])
        #expect(unsettled.map(\.attempts) == [1, 1, 1])
    }

    // MARK: Biographies

    @Test("A message that is acknowledged was taken, delivered and acknowledged")
    func shortLife() throws {
        let hub = try hub()
        let message = try publish(hub, "one")
        try hub.ack("bob", hub.takeOne("bob"), as: "work")
        hub.run()
        let work = try hub.id(.consumer, "work")
        let life = try hub.life(of: message)
        #expect(
            life.entries.map(\.event) == [
                .taken, .delivered(consumer: work, attempt: 1), .acknowledged(consumer: work),
            ])
        #expect(life.entries.map(\.at) == life.entries.map(\.at).sorted())
        #expect(life.entries[0].at == message && life.holders.isEmpty)
    }

    @Test("Every attempt is told, with how it ended, up to the dead letter and what became of that")
    func longLife() throws {
        let hub = try hub()
        let message = try publish(hub, "one")
        try hub.settle("bob", .working, hub.takeOne("bob"), as: "work")
        hub.run()
        hub.advance(1001)
        try hub.settle("bob", .refused(delayMilliseconds: 5), hub.takeOne("bob"), as: "work")
        hub.run()
        hub.advance(10)
        try hub.redrive(#require(hub.letters("work").first))
        hub.run()
        try hub.disconnect("bob")
        hub.run()
        let work = try hub.id(.consumer, "work")
        let life = try hub.life(of: message)
        #expect(
            life.entries.map(\.event) == [
                .taken, .delivered(consumer: work, attempt: 1), .extended(consumer: work),
                .delivered(consumer: work, attempt: 2),
                .refused(consumer: work, delayMilliseconds: 5),
                .buried(consumer: work, .attempts, attempts: 2), .revived(consumer: work),
                .delivered(consumer: work, attempt: 1), .returned(consumer: work),
            ])
        #expect(life.holders == [work])
    }

    @Test("What is acknowledged together with others is told of each that was delivered, and of no other")
    func cumulative() throws {
        let hub = try hub()
        let first = try publish(hub, "one")
        let second = try publish(hub, "two")
        let other = try hub.publish("alice", "else", on: "other")
        hub.run()
        let seen = try hub.take("bob")
        try hub.settle("bob", .acknowledged, from: .zero, through: seen[1].offset, as: "work")
        hub.run()
        let work = try hub.id(.consumer, "work")
        for message in [first, second] {
            #expect(try hub.life(of: message).entries.last?.event == .acknowledged(consumer: work))
        }
        let elsewhere = try #require(hub.receipt(other)?.offset)
        #expect(try hub.life(of: elsewhere).entries.map(\.event) == [.taken])
    }

    @Test("Moving its consumer ends what was known of a message, and begins it anew")
    func moved() throws {
        let hub = try hub()
        let message = try publish(hub, "one")
        _ = try hub.takeOne("bob")
        try hub.intervene(.move(message), "work")
        hub.run()
        let work = try hub.id(.consumer, "work")
        #expect(
            try hub.life(of: message).entries.map(\.event) == [
                .taken, .delivered(consumer: work, attempt: 1), .forgotten(consumer: work),
                .delivered(consumer: work, attempt: 1),
            ])
    }

    @Test("A command's life tells its answer, those that came late, and the hub's own")
    func answers() throws {
        let hub = try Hub("alice", "bob")
        for agent in ["alice", "bob"] { try hub.openInbox(agent) { $0.acknowledgement = .automatic } }
        hub.run()
        let tag = try hub.publish("alice", .command("c", to: "bob", within: 100))
        hub.run()
        hub.advance(101)
        try hub.publish("bob", .answer("c", "done"))
        hub.run()
        let command = try #require(hub.receipt(tag)?.offset)
        let bob = try hub.id(.agent, "bob")
        let answers = try hub.life(of: command).entries.compactMap { entry in
            if case .answered = entry.event { return entry.event }
            return nil
        }
        #expect(
            answers == [
                .answered(by: .none, isLate: false, isFailure: true),
                .answered(by: bob, isLate: true, isFailure: false),
            ])
    }
}
