import HubModel
import HubRouter
import Testing

@Suite("Presence")
struct PresenceContractTests {
    /// Wanda watches; Bob is to beat every second, so he is silent after two and gone after four.
    private func hub(watching agent: String? = "bob") throws -> Hub {
        let hub = try Hub("wanda")
        try hub.watch("wanda", agent)
        try hub.connect("bob", .agent(.beats(everyMilliseconds: 1000)))
        hub.run()
        return hub
    }

    /// Which presences of an agent somebody was told of.
    private func told(_ hub: Hub, _ watcher: String = "wanda", of agent: String = "bob") throws -> [Presence]
    {
        let id = try hub.id(.agent, agent)
        return try hub.told(watcher).compactMap {
            if case .presence(id, let presence) = $0 { presence } else { nil }
        }
    }

    @Test("An agent is online once its connecting is on disk, and whoever watches is told then")
    func online() throws {
        let hub = try Hub("wanda")
        try hub.watch("wanda", "bob")
        try hub.connect("bob")
        hub.seal()
        #expect(try told(hub) == [])
        hub.run()
        #expect(try told(hub) == [.online])
        #expect(try hub.presence("bob") == .online)
        #expect(hub.events.contains(.presence(agent: try hub.id(.agent, "bob"), .online)))
    }

    @Test("It is offline when it goes")
    func offline() throws {
        let hub = try hub()
        try hub.disconnect("bob")
        hub.run()
        #expect(try told(hub) == [.online, .offline])
        #expect(try hub.presence("bob") == .offline)
    }

    @Test(
        "Missed beats make it silent, then offline, and its connection is given up",
        arguments: [
            (0, []), (1999, []), (2001, [.silent]), (3999, [.silent]), (4001, [.silent, .offline]),
            (60_000, [.silent, .offline]),
        ] as [(Int64, [Presence])])
    func missedBeats(after milliseconds: Int64, changes: [Presence]) throws {
        let hub = try hub()
        let bob = try hub.connection(of: "bob")
        var left = milliseconds
        while left > 0 {
            hub.advance(min(left, 100))
            left -= 100
        }
        #expect(try told(hub) == [.online] + changes)
        #expect(hub.answers.contains(.silent(bob)) == changes.contains(.offline))
    }

    @Test("Beats and whatever else comes from it keep it online", arguments: ["beat", "anything"])
    func heard(what: String) throws {
        let hub = try hub()
        for _ in 1...20 {
            hub.advance(1500)
            if what == "beat" { try hub.beat("bob") } else { try hub.hear("bob") }
        }
        hub.run()
        #expect(try told(hub) == [.online])
        hub.advance(2001)
        #expect(try told(hub) == [.silent])
    }

    @Test("One that is heard of again is online again", arguments: [2500, 5000] as [Int64])
    func heardAgain(after: Int64) throws {
        let hub = try hub()
        for _ in 0..<(after / 100) { hub.advance(100) }
        try hub.beat("bob")
        hub.run()
        #expect(try hub.presence("bob") == .online)
        #expect(try told(hub).last == .online)
        hub.advance(2001)
        #expect(try told(hub) == [.silent])
    }

    @Test("One that counts as gone and then goes, goes once")
    func goneOnce() throws {
        let hub = try hub()
        for _ in 1...45 { hub.advance(100) }
        try hub.disconnect("bob")
        hub.run()
        #expect(try told(hub) == [.online, .silent, .offline])
    }

    @Test("Without limits nobody is silent, however long he says nothing")
    func noLimits() throws {
        let hub = try Hub("bob")
        hub.advance(86_400_000)
        #expect(try hub.presence("bob") == .online)
    }

    @Test("An agent with a limit for being gone only is gone without being silent first")
    func offlineOnly() throws {
        let hub = try Hub("wanda")
        try hub.watch("wanda", "bob")
        try hub.connect("bob", .agent(Liveness(offlineAfterMilliseconds: 1000)))
        hub.run()
        for _ in 1...11 { hub.advance(100) }
        #expect(try told(hub) == [.online, .offline])
    }

    @Test("Whoever watches all is told of all of its tenant, and of nobody else")
    func watchingAll() throws {
        let hub = try hub(watching: nil)
        try hub.connect("carol")
        try hub.connect("eve", tenant: "other")
        hub.run()
        #expect(
            try hub.told("wanda") == [
                .presence(agent: hub.id(.agent, "bob"), .online),
                .presence(agent: hub.id(.agent, "carol"), .online),
            ])
    }

    @Test("Whoever watches one is told of that one alone, and whoever watches it twice is told once")
    func watchingOne() throws {
        let hub = try hub(watching: "carol")
        try hub.watch("wanda", "carol")
        try hub.connect("carol")
        hub.run()
        #expect(try hub.told("wanda") == [.presence(agent: hub.id(.agent, "carol"), .online)])
        try hub.watch("wanda")
        try hub.disconnect("carol")
        hub.run()
        #expect(try hub.told("wanda") == [.presence(agent: hub.id(.agent, "carol"), .offline)])
    }

    @Test("Whoever no longer watches is told nothing more", arguments: [nil, "bob"])
    func unwatching(agent: String?) throws {
        let hub = try hub(watching: agent)
        _ = try hub.told("wanda")
        hub.router.unwatch(try hub.connection(of: "wanda"))
        try hub.disconnect("bob")
        hub.run()
        #expect(try hub.told("wanda") == [])
    }

    @Test("A newer connection replaces the older, which is told; the agent was never away")
    func replaced() throws {
        let hub = try hub()
        let older = try hub.connection(of: "bob")
        try hub.connect("bob")
        hub.run()
        #expect(hub.answers.contains(.replaced(older)))
        hub.router.disconnect(older, now: hub.now, &hub.open)
        hub.run()
        #expect(try hub.presence("bob") == .online)
        #expect(try !told(hub).contains(.offline))
    }

    @Test("The older connection's missed beats say nothing of the newer one")
    func replacedAndSilent() throws {
        let hub = try hub()
        try hub.connect("bob")
        hub.run()
        for _ in 1...50 { hub.advance(100) }
        #expect(try hub.presence("bob") == .online)
    }

    @Test("After a crash all are offline until they come back", arguments: [false, true])
    func afterCrash(checkpoint: Bool) throws {
        let hub = try hub()
        try hub.crash(checkpoint: checkpoint)
        hub.run()
        #expect(try hub.presence("bob") == .offline)
        try hub.connect("bob")
        hub.run()
        #expect(try hub.presence("bob") == .online)
    }

    @Test("One that came in a refused block and is known is online as soon as the disk takes blocks again")
    func cameInRefusedBlock() throws {
        let hub = try hub()
        try hub.disconnect("bob")
        hub.run()
        try hub.connect("bob")
        hub.refuseAll()
        hub.run()
        #expect(try hub.presence("bob") == .online)
    }

    @Test("One that went in a refused block is offline as soon as the disk takes blocks again")
    func wentInRefusedBlock() throws {
        let hub = try hub()
        try hub.disconnect("bob")
        hub.refuseAll()
        hub.run()
        #expect(try hub.presence("bob") == .offline)
    }

    @Test("One whose name was in a refused block has to say again whose connection it is")
    func unknown() throws {
        let hub = try hub()
        let carol = try hub.connect("carol")
        hub.refuseAll()
        #expect(hub.answers.contains(.unknown(carol)))
        #expect(try hub.refusal { try $0.publish("carol", "one", on: "jobs") }?.code == .unauthorized)
    }

    @Test(
        "An agent's last status is known, and kept as its value for whoever comes", arguments: [false, true])
    func status(crashes: Bool) throws {
        let hub = try hub()
        try hub.publish("bob", .status("busy"))
        let tag = try hub.publish("bob", .status("idle"))
        hub.run()
        if crashes {
            try hub.crash()
            try hub.connect("wanda")
        }
        let bob = try hub.id(.agent, "bob")
        let known = hub.router.agents(of: try hub.tenant()).first { $0.agent == bob }
        #expect(try known?.status == #require(hub.receipt(tag)).offset)
        try hub.subscribe("wanda", "$status.*")
        hub.run()
        #expect(try hub.texts("wanda") == ["idle"])
    }

    @Test("The list has all agents of a tenant, in the order in which they came")
    func list() throws {
        let hub = try hub()
        try hub.connect("eve", tenant: "other")
        try hub.disconnect("bob")
        hub.run()
        let list = hub.router.agents(of: try hub.tenant())
        #expect(list.map { hub.router.text(of: $0.agent) } == ["wanda", "bob"])
        #expect(list.map(\.presence) == [.online, .offline])
        #expect(list.allSatisfy { $0.since == hub.now })
    }
}
