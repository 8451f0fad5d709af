import HubModel
import HubRouter
import Testing

@Suite("A message that is sent again")
struct DeduplicationContractTests {
    private let draft = Draft("one", on: "jobs", id: "m-1")

    private func hub(_ change: (inout RouterSettings) -> Void = { _ in }) throws -> Hub {
        let hub = try Hub("alice", "bob", change: change)
        try hub.subscribe("bob", "jobs") { $0.acknowledgement = .automatic }
        return hub
    }

    /// The second receipt is that of the first, and Bob was given the message once.
    private func expectOne(_ hub: Hub, _ first: UInt64, _ second: UInt64) throws {
        let original = try #require(hub.receipt(first))
        let repeated = try #require(hub.receipt(second))
        #expect(repeated.isDuplicate)
        #expect(!original.isDuplicate)
        #expect(repeated.offset == original.offset)
        #expect(repeated.session == original.session)
        #expect(repeated.sequence == original.sequence)
        #expect(hub.records(.message).count == 1)
        #expect(try hub.texts("bob").count <= 1)
    }

    @Test("Within the window it gets the receipt of the first and no place of its own")
    func withinWindow() throws {
        let hub = try hub()
        let first = try hub.publish("alice", draft)
        hub.run()
        hub.advance(119_999)
        let second = try hub.publish("alice", draft)
        hub.run()
        try expectOne(hub, first, second)
    }

    @Test(
        "While the first is on its way it waits for that one's receipt",
        arguments: ["open", "sealed", "on disk"])
    func whileInFlight(stage: String) throws {
        let hub = try hub()
        let first = try hub.publish("alice", draft)
        if stage != "open" { hub.seal() }
        if stage == "on disk" { hub.commit() }
        let second = try hub.publish("alice", draft)
        #expect(hub.receipt(second) == nil)
        hub.run()
        try expectOne(hub, first, second)
    }

    @Test("Outside of the window it is a new message", arguments: [120_000, 500_000] as [Int64])
    func outsideWindow(later: Int64) throws {
        let hub = try hub()
        try hub.publish("alice", draft)
        hub.run()
        hub.advance(later)
        let second = try hub.publish("alice", draft)
        hub.run()
        #expect(hub.receipt(second)?.isDuplicate == false)
        #expect(hub.records(.message).count == 2)
    }

    @Test("The window has room for so many ids; the oldest is forgotten first")
    func bounded() throws {
        let hub = try hub { $0.dedupEntries = 3 }
        for number in 1...4 { try hub.publish("alice", Draft(on: "jobs", id: "m-\(number)")) }
        hub.run()
        let oldest = try hub.publish("alice", Draft(on: "jobs", id: "m-1"))
        hub.run()
        #expect(hub.receipt(oldest)?.isDuplicate == false)
        let newest = try hub.publish("alice", Draft(on: "jobs", id: "m-4"))
        hub.run()
        #expect(hub.receipt(newest)?.isDuplicate == true)
    }

    @Test("Two senders may choose the same id, and messages without one are all new")
    func notTheSame() throws {
        let hub = try hub()
        try hub.publish("alice", draft)
        try hub.publish("bob", draft)
        try hub.publish("alice", "one", on: "jobs")
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        #expect(hub.records(.message).count == 4)
        #expect(!hub.receipts.contains { $0.isDuplicate })
    }

    @Test("The same id with another text or topic is the same message: the id decides")
    func idDecides() throws {
        let hub = try hub()
        let first = try hub.publish("alice", draft)
        let second = try hub.publish("alice", Draft("two", on: "other", id: "m-1"))
        hub.run()
        try expectOne(hub, first, second)
    }

    @Test("The newer connection of an agent sends again what the older one sent")
    func newerConnection() throws {
        let hub = try hub()
        let first = try hub.publish("alice", draft)
        hub.run()
        try hub.connect("alice")
        let second = try hub.publish("alice", draft)
        hub.run()
        try expectOne(hub, first, second)
    }

    @Test("The window survives a crash", arguments: [false, true])
    func afterCrash(checkpoint: Bool) throws {
        let hub = try hub()
        let first = try hub.publish("alice", draft)
        hub.run()
        try hub.crash(checkpoint: checkpoint)
        try hub.connect("alice")
        try hub.connect("bob")
        let second = try hub.publish("alice", draft)
        hub.run()
        try expectOne(hub, first, second)
        try hub.crash(checkpoint: checkpoint)
        hub.advance(120_000)
        try hub.connect("alice")
        let third = try hub.publish("alice", draft)
        hub.run()
        #expect(hub.receipt(third)?.isDuplicate == false)
    }

    @Test("What was lost in a crash is new when it is sent again")
    func lostInCrash() throws {
        let hub = try hub()
        try hub.publish("alice", draft)
        try hub.crash()
        try hub.connect("alice")
        let second = try hub.publish("alice", draft)
        hub.run()
        #expect(hub.receipt(second)?.isDuplicate == false)
        #expect(hub.records(.message).count == 1)
    }

    @Test("What was lost in a refused block is refused to all who sent it, and new when it is sent again")
    func refusedBlock() throws {
        let hub = try hub()
        let first = try hub.publish("alice", draft)
        let echo = try hub.publish("alice", draft)
        hub.refuseAll()
        for tag in [first, echo] { #expect(hub.rejection(tag)?.code == .storageUnavailable) }
        let again = try hub.publish("alice", draft)
        hub.run()
        #expect(hub.receipt(again)?.isDuplicate == false)
        #expect(try hub.texts("bob") == ["one"])
    }

    @Test("What was on disk before others were refused stays known")
    func refusedLater() throws {
        let hub = try hub()
        let first = try hub.publish("alice", draft)
        hub.run()
        try hub.publish("alice", Draft(on: "jobs", id: "m-2"))
        hub.refuseAll()
        let second = try hub.publish("alice", draft)
        hub.run()
        try expectOne(hub, first, second)
    }
}
