import HubModel
import HubRouter
import Testing

@Suite("Live, behind, and the way between")
struct HandOverContractTests {
    /// What Bob has got so far, settled if he has to.
    private func work(_ hub: Hub, named: Bool) throws -> [String] {
        let seen = try hub.take("bob")
        for given in seen { try hub.ack("bob", given, as: named ? "work" : "") }
        return seen.map(\.text)
    }

    private func hub(named: Bool, from start: ConsumerStart = .new, pageRecords: Int = 1024) throws -> Hub {
        let hub = try Hub("alice", "bob") { $0.pageRecordsMax = pageRecords }
        try hub.subscribe("bob", "jobs.*", as: named ? "work" : "", from: start)
        hub.run()
        return hub
    }

    private func step(_ hub: Hub, _ number: Int) throws {
        try hub.publish("alice", "m\(number)", on: "jobs.\(number % 3)")
        hub.seal()
        hub.commit()
        hub.apply()
    }

    @Test(
        "A member that is full is given nothing; when it has room it gets all, in order",
        arguments: [false, true])
    func fullThenRoom(named: Bool) throws {
        let hub = try hub(named: named)
        try step(hub, 1)
        try hub.setFull("bob", true)
        for number in 2...10 { try step(hub, number) }
        hub.run()
        #expect(try work(hub, named: named) == ["m1"])
        try hub.setFull("bob", false)
        hub.run()
        #expect(try work(hub, named: named) == numbered(2...10))
    }

    @Test(
        "What is published while it reads comes behind what it reads, once", arguments: [false, true],
        [1, 2, 3, 1024])
    func whileReading(named: Bool, pageRecords: Int) throws {
        let hub = try hub(named: named, pageRecords: pageRecords)
        try hub.setFull("bob", true)
        for number in 1...5 { try step(hub, number) }
        try hub.setFull("bob", false)
        var all: [String] = []
        for number in 6...20 {
            if number % 2 == 0 { hub.read() }
            try step(hub, number)
            all += try work(hub, named: named)
        }
        hub.run()
        all += try work(hub, named: named)
        #expect(all == numbered(1...20))
    }

    @Test("A page may hold what is on disk and not yet applied: it comes once", arguments: [false, true])
    func committedNotApplied(named: Bool) throws {
        let hub = try hub(named: named)
        try hub.setFull("bob", true)
        try step(hub, 1)
        try hub.setFull("bob", false)
        try hub.publish("alice", "m2", on: "jobs.1")
        hub.seal()
        hub.commit()
        hub.read()
        // What the page has of it waits for its block: the router does not know it yet.
        #expect(try work(hub, named: named) == ["m1"])
        hub.apply()
        try step(hub, 3)
        hub.run()
        #expect(try work(hub, named: named) == ["m2", "m3"])
    }

    @Test(
        "A member that fills up in the middle of a page gets the rest when it has room",
        arguments: [false, true])
    func fullDuringPage(named: Bool) throws {
        let hub = try hub(named: named, pageRecords: 4)
        try hub.setFull("bob", true)
        for number in 1...12 { try step(hub, number) }
        try hub.setFull("bob", false)
        var all: [String] = []
        for round in 0..<6 {
            hub.read()
            all += try work(hub, named: named)
            try hub.setFull("bob", round % 2 == 0)
        }
        try hub.setFull("bob", false)
        hub.run()
        all += try work(hub, named: named)
        #expect(all == numbered(1...12))
    }

    @Test(
        "Filling up and having room again while a page is read makes neither a loss nor a repeat",
        arguments: [false, true])
    func flapping(named: Bool) throws {
        let hub = try hub(named: named, pageRecords: 2)
        var all: [String] = []
        for number in 1...40 {
            try hub.setFull("bob", number % 3 == 0)
            try step(hub, number)
            if number % 5 == 0 { hub.read() }
            all += try work(hub, named: named)
        }
        try hub.setFull("bob", false)
        hub.run()
        all += try work(hub, named: named)
        #expect(all == numbered(1...40))
    }

    @Test("One that waits for acknowledgements reads on from where it stopped, while others publish")
    func inFlightLimit() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs.*", as: "work") { $0.inFlightMax = 3 }
        hub.run()
        var all: [String] = []
        for number in 1...30 {
            try step(hub, number)
            if number % 4 == 0 {
                let seen = try hub.take("bob")
                #expect(seen.count <= 3)
                for given in seen { try hub.ack("bob", given, as: "work") }
                all += seen.map(\.text)
            }
            if number % 3 == 0 { hub.read() }
        }
        for _ in 1...12 {
            hub.run()
            all += try work(hub, named: true)
        }
        #expect(all == numbered(1...30))
    }

    @Test("A slow member of a group holds up nobody", arguments: [false, true])
    func slowMember(isFullFirst: Bool) throws {
        let hub = try Hub("alice", "m1", "m2")
        for member in ["m1", "m2"] {
            try hub.subscribe(member, "jobs.*", as: "work") { $0.isShared = true }
            hub.run()
        }
        if isFullFirst { try hub.setFull("m1", true) }
        for number in 1...3 { try step(hub, number) }
        try hub.setFull("m1", true)
        for number in 4...6 { try step(hub, number) }
        hub.run()
        let all = try hub.texts("m1") + hub.texts("m2")
        #expect(all.sorted() == numbered(1...6))
    }

    @Test(
        "When all members of a group are full the group falls behind, and goes on with the first that has room"
    )
    func allFull() throws {
        let hub = try Hub("alice", "m1", "m2")
        for member in ["m1", "m2"] {
            try hub.subscribe(member, "jobs.*", as: "work") { $0.isShared = true }
            hub.run()
        }
        for member in ["m1", "m2"] { try hub.setFull(member, true) }
        for number in 1...5 { try step(hub, number) }
        try hub.setFull("m2", false)
        hub.run()
        #expect(try hub.texts("m2") == numbered(1...5))
        #expect(try hub.texts("m1") == [])
    }

    @Test("A page that comes for a consumer that is gone is nobody's")
    func goneMeanwhile() throws {
        let hub = try hub(named: false)
        try hub.setFull("bob", true)
        try step(hub, 1)
        try hub.setFull("bob", false)
        #expect(hub.reads.count == 1)
        try hub.unsubscribe("bob")
        hub.run()
        #expect(try hub.take("bob").isEmpty)
    }
}
