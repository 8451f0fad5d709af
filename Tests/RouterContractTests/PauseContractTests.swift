import HubModel
import HubRouter
import Testing

@Suite("Pause and resume")
struct PauseContractTests {
    enum Way: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case session, connection, consumer
        var testDescription: String { rawValue }
    }

    /// Alice publishes, Bob listens to `jobs` under a name.
    private func hub(_ change: (inout ConsumerSettings) -> Void = { _ in }) throws -> Hub {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", "other", as: "work", change)
        hub.run()
        return hub
    }

    private func pause(_ hub: Hub, _ way: Way, _ scope: PauseScope = .everything) throws {
        switch way {
        case .session: try hub.step("bob", .pause(scope), "topic:jobs")
        case .connection: try hub.setPause("bob", scope)
        case .consumer: try hub.intervene(.pause, "work")
        }
        hub.run()
    }

    private func resume(_ hub: Hub, _ way: Way) throws {
        switch way {
        case .session: try hub.step("bob", .resume, "topic:jobs")
        case .connection: try hub.setPause("bob", nil)
        case .consumer: try hub.intervene(.resume, "work")
        }
        hub.run()
    }

    @Test("While it is paused nothing comes; when it goes on all comes, in order", arguments: Way.allCases)
    func pausing(_ way: Way) throws {
        let hub = try hub()
        try hub.publish("alice", "m0", on: "jobs")
        hub.run()
        try pause(hub, way)
        try hub.publish("alice", all: numbered(1...3), on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == ["m0"])
        try resume(hub, way)
        #expect(try hub.texts("bob") == numbered(1...3))
        try hub.publish("alice", "m4", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == ["m4"])
    }

    @Test("What comes while the first ones are still on their way comes behind them", arguments: Way.allCases)
    func orderAtResume(_ way: Way) throws {
        let hub = try hub()
        try pause(hub, way)
        try hub.publish("alice", all: numbered(1...3), on: "jobs")
        hub.run()
        switch way {
        case .session: try hub.step("bob", .resume, "topic:jobs")
        case .connection: try hub.setPause("bob", nil)
        case .consumer: try hub.intervene(.resume, "work")
        }
        for number in 4...9 {
            try hub.publish("alice", "m\(number)", on: "jobs")
            hub.seal()
            hub.commit()
            hub.apply()
            if number % 2 == 0 { hub.read() }
        }
        hub.run()
        #expect(try hub.texts("bob") == numbered(1...9))
    }

    @Test(
        "A nameless consumer's messages are held back in the same way", arguments: [Way.session, .connection])
    func nameless(_ way: Way) throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs")
        hub.run()
        try pause(hub, way)
        try hub.publish("alice", all: numbered(1...3), on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == [])
        try resume(hub, way)
        #expect(try hub.texts("bob") == numbered(1...3))
    }

    @Test("Other sessions go on while one is paused")
    func otherSessions() throws {
        let hub = try hub()
        try pause(hub, .session)
        try hub.publish("alice", "held", on: "jobs")
        try hub.publish("alice", "free", on: "other")
        hub.run()
        #expect(try hub.texts("bob") == ["free"])
    }

    @Test("A session is paused for the agent that says so, and for nobody else")
    func otherAgents() throws {
        let hub = try hub()
        try hub.connect("carol")
        try hub.subscribe("carol", "jobs")
        try pause(hub, .session)
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == [])
        #expect(try hub.texts("carol") == ["one"])
    }

    @Test("In a group, what a paused member does not take goes to another")
    func groupMember() throws {
        let hub = try Hub("alice", "bob", "carol")
        for agent in ["bob", "carol"] {
            try hub.subscribe(agent, "jobs", as: "work") { $0.isShared = true }
            hub.run()
        }
        try hub.setPause("bob", .everything)
        try hub.publish("alice", all: numbered(1...4), on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == [])
        #expect(try hub.texts("carol") == numbered(1...4))
    }

    @Test(
        "A pause of new work holds back commands and openings, not what belongs to work that was begun",
        arguments: [Way.session, .connection])
    func workOnly(_ way: Way) throws {
        let hub = try Hub("alice", "bob")
        try hub.openInbox("bob", as: "work")
        hub.run()
        if way == .session {
            try hub.step("bob", .pause(.work), "dm:alice:bob")
        } else {
            try hub.setPause("bob", .work)
        }
        hub.run()
        try hub.publish("alice", "a word", to: "bob")
        try hub.publish("alice", .command("c1", to: "bob"))
        try hub.publish("alice", "another", to: "bob")
        hub.run()
        #expect(try hub.texts("bob") == ["a word", "another"])
        if way == .session {
            try hub.step("bob", .resume, "dm:alice:bob")
        } else {
            try hub.setPause("bob", nil)
        }
        hub.run()
        #expect(try hub.texts("bob") == ["do c1"])
    }

    @Test(
        "What is held survives a crash, and so do the pause of a session and its order",
        arguments: [false, true])
    func heldAcrossCrash(checkpoint: Bool) throws {
        let hub = try hub()
        try pause(hub, .session)
        try hub.publish("alice", all: numbered(1...3), on: "jobs")
        try hub.publish("alice", "free", on: "other")
        hub.run()
        let free = try hub.takeOne("bob")
        try hub.ack("bob", free, as: "work")
        hub.run()
        try hub.crash(checkpoint: checkpoint)
        try hub.connect("alice")
        try hub.connect("bob")
        try hub.subscribe("bob", "jobs", "other", as: "work")
        try hub.publish("alice", "m4", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == [])
        try resume(hub, .session)
        #expect(try hub.texts("bob") == numbered(1...4))
    }

    @Test("A pause of a connection ends with it: the next one is given what was held")
    func nextConnection() throws {
        let hub = try hub()
        try pause(hub, .connection)
        try hub.publish("alice", all: numbered(1...3), on: "jobs")
        hub.run()
        try hub.connect("bob")
        try hub.subscribe("bob", "jobs", "other", as: "work")
        hub.run()
        #expect(try hub.texts("bob") == numbered(1...3))
    }

    @Test(
        "A consumer stays paused across a crash, and its members are told of both", arguments: [false, true])
    func consumerAcrossCrash(checkpoint: Bool) throws {
        let hub = try hub()
        let name = try hub.id(.consumer, "work")
        try pause(hub, .consumer)
        #expect(try hub.told("bob") == [.consumerPaused(name, true)])
        try hub.crash(checkpoint: checkpoint)
        try hub.connect("alice")
        try hub.connect("bob")
        try hub.subscribe("bob", "jobs", "other", as: "work")
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == [])
        try resume(hub, .consumer)
        #expect(try hub.told("bob") == [.consumerPaused(name, false)])
        #expect(try hub.texts("bob") == ["one"])
    }

    @Test(
        "No more is held than may be in flight; the rest waits in the log, and nothing is lost",
        arguments: [Way.session, .connection])
    func heldAtMost(_ way: Way) throws {
        let hub = try hub { $0.inFlightMax = 2 }
        try pause(hub, way)
        try hub.publish("alice", all: numbered(1...7), on: "jobs")
        hub.run()
        try resume(hub, way)
        var all: [String] = []
        for _ in 1...7 {
            for seen in try hub.take("bob") {
                all.append(seen.text)
                try hub.ack("bob", seen, as: "work")
            }
            hub.run()
        }
        #expect(all == numbered(1...7))
    }

    @Test("What expires while it is held does not come")
    func expiredWhileHeld() throws {
        let hub = try hub()
        try pause(hub, .session)
        try hub.publish("alice", Draft("short", on: "jobs") { $0.within = 1000 })
        try hub.publish("alice", "long", on: "jobs")
        hub.advance(2000)
        try resume(hub, .session)
        #expect(try hub.texts("bob") == ["long"])
    }

    @Test("What is paused twice is paused, and one resume is enough")
    func pausedTwice() throws {
        let hub = try hub()
        try pause(hub, .session)
        try pause(hub, .session)
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        try resume(hub, .session)
        #expect(try hub.texts("bob") == ["one"])
    }

    @Test("A pause in a refused block never was")
    func refusedPause() throws {
        let hub = try hub()
        let tag = try hub.step("bob", .pause(.everything), "topic:jobs")
        hub.refuseAll()
        #expect(hub.rejection(tag)?.code == .storageUnavailable)
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == ["one"])
    }
}
