import HubModel
import HubRouter
import Testing

@Suite("Publishing and receipts")
struct PublishContractTests {
    @Test("A sender hears nothing before its message is on disk")
    func receiptAfterCommit() throws {
        let hub = try Hub("alice")
        let tag = try hub.publish("alice", "one", on: "jobs")
        hub.seal()
        #expect(hub.receipt(tag) == nil)
        hub.commit()
        hub.apply()
        let receipt = try #require(hub.receipt(tag))
        #expect(receipt.durability == .fsynced)
        #expect(hub.record(receipt.offset)?.text == "one")
    }

    @Test(
        "A sender that does not want to wait for the disk is told when the block goes on its way, and only then"
    )
    func memoryReceipt() throws {
        let hub = try Hub("alice")
        let tag = try hub.publish("alice", Draft(on: "jobs") { $0.durability = .memory })
        #expect(hub.receipt(tag) == nil)
        hub.seal()
        let receipt = try #require(hub.receipt(tag))
        #expect(receipt.durability == .memory)
        #expect(receipt.sequence == .first)
        hub.run()
        #expect(hub.receipts.filter { $0.tag == tag }.count == 1)
        let record = try #require(hub.record(receipt.offset))
        #expect(record.flags.contains(.receiptedFromMemory))
        #expect(record.sequence == receipt.sequence)
    }

    @Test("A receipt from memory is no promise: a refused block takes nothing back, and others are refused")
    func memoryReceiptAndRefusal() throws {
        let hub = try Hub("alice")
        let hasty = try hub.publish("alice", Draft(on: "jobs") { $0.durability = .memory })
        let patient = try hub.publish("alice", Draft(on: "jobs"))
        hub.refuseAll()
        #expect(hub.receipt(hasty)?.durability == .memory)
        #expect(hub.rejection(hasty) == nil)
        #expect(hub.rejection(patient)?.code == .storageUnavailable)
        #expect(hub.receipt(patient) == nil)
    }

    @Test("Receipts come in the order of proposals, with offsets that follow each other")
    func receiptOrder() throws {
        let hub = try Hub("alice", "bob")
        var tags: [UInt64] = []
        for number in 1...10 {
            tags.append(try hub.publish(number % 2 == 0 ? "alice" : "bob", "m\(number)", on: "jobs"))
            if number == 5 { hub.seal() }
        }
        hub.run()
        let receipts = hub.receipts.filter { tags.contains($0.tag) }
        #expect(receipts.map(\.tag) == tags)
        let first = try #require(receipts.first?.offset)
        #expect(receipts.map(\.offset) == (0..<10).map { first.advanced(by: $0) })
    }

    @Test(
        "A receipt says whether the addressee is away", arguments: [true, false],
        [Durability.fsynced, .memory])
    func addresseeAway(isThere: Bool, durability: Durability) throws {
        let hub = try Hub("alice")
        if isThere { try hub.connect("bob") }
        let tag = try hub.publish("alice", Draft("hello", to: "bob") { $0.durability = durability })
        hub.run()
        #expect(hub.receipt(tag)?.isAddresseeAway == !isThere)
    }

    @Test("Nobody is away from a topic")
    func topicHasNoAddressee() throws {
        let hub = try Hub("alice")
        let tag = try hub.publish("alice", "one", on: "jobs")
        hub.run()
        #expect(hub.receipt(tag)?.isAddresseeAway == false)
    }

    @Test("What an agent sends to one that is away is there when that comes")
    func keptForTheAbsent() throws {
        let hub = try Hub("alice")
        try hub.publish("alice", "hello", to: "bob")
        hub.run()
        try hub.connect("bob")
        try hub.openInbox("bob", from: .all)
        hub.run()
        #expect(try hub.texts("bob") == ["hello"])
    }

    @Test("Nobody sees a message before it is on disk and applied")
    func deliveryAfterCommit() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs")
        try hub.publish("alice", "one", on: "jobs")
        hub.seal()
        #expect(try hub.texts("bob") == [])
        hub.commit()
        #expect(try hub.texts("bob") == [])
        hub.apply()
        #expect(try hub.texts("bob") == ["one"])
    }

    @Test("Tenants do not see each other's topics and agents, though their names are the same")
    func tenantsAreApart() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", ">")
        try hub.connect("eve", tenant: "other")
        try hub.publish("eve", "one", on: "jobs")
        try hub.publish("eve", "two", to: "bob")
        hub.run()
        #expect(try hub.texts("bob") == [])
        #expect(try hub.id(.agent, "bob") != hub.id(.agent, "bob", tenant: "other"))
    }

    @Test("Times in the log do not go back when the clock does")
    func clockGoesBack() throws {
        let hub = try Hub("alice")
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        hub.now = hub.now.adding(milliseconds: -60_000)
        let tag = try hub.publish("alice", "two", on: "jobs")
        hub.run()
        #expect(hub.receipt(tag)?.sequence == SequenceNumber(2))
        let times = hub.records(.message).map(\.time)
        #expect(times == times.sorted())
    }
}

@Suite("Default sessions and sequence numbers")
struct SequenceContractTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let draft: Draft
        let session: String
    }

    static let cases = [
        Case(testDescription: "a topic's", draft: Draft(on: "jobs.new"), session: "topic:jobs.new"),
        Case(testDescription: "two agents', sender first", draft: Draft(to: "bob"), session: "dm:alice:bob"),
        Case(
            testDescription: "two agents', sender last", draft: Draft(to: "aaron"), session: "dm:aaron:alice"),
        Case(testDescription: "an agent's with itself", draft: Draft(to: "alice"), session: "dm:alice:alice"),
        Case(testDescription: "a command's", draft: .command("c1", to: "bob"), session: "dm:alice:bob"),
        Case(
            testDescription: "the one named", draft: Draft(on: "jobs") { $0.session = "s-1" }, session: "s-1"),
        Case(testDescription: "a status's", draft: .status("busy"), session: "topic:$status.alice"),
    ]

    @Test(
        "A message that names no session belongs to its topic's, or to that of the two agents",
        arguments: cases)
    func defaultSession(_ it: Case) throws {
        let hub = try Hub("alice")
        let tag = try hub.publish("alice", it.draft)
        hub.run()
        let receipt = try #require(hub.receipt(tag))
        #expect(hub.router.text(of: receipt.session) == it.session)
        #expect(hub.record(receipt.offset)?.session == it.session)
    }

    @Test("Both directions of a conversation between two agents are one session")
    func oneConversation() throws {
        let hub = try Hub("alice", "bob")
        let first = try hub.publish("alice", "hello", to: "bob")
        let second = try hub.publish("bob", "hello yourself", to: "alice")
        hub.run()
        #expect(hub.receipt(first)?.session == hub.receipt(second)?.session)
        #expect(hub.receipt(second)?.sequence == SequenceNumber(2))
    }

    /// The sequence numbers of a session, as the log has them.
    private func sequences(_ hub: Hub, _ session: String) -> [UInt64] {
        hub.records(.message).filter { $0.session == session }.map(\.sequence.rawValue)
    }

    @Test("Sessions are numbered from 1 without gaps, each for itself, however blocks are cut")
    func denseNumbers() throws {
        let hub = try Hub("alice", "bob")
        for number in 1...9 {
            try hub.publish("alice", "m\(number)", on: number % 3 == 0 ? "b" : "a")
            if number % 2 == 0 { hub.seal() }
        }
        hub.run()
        #expect(sequences(hub, "topic:a") == [1, 2, 3, 4, 5, 6])
        #expect(sequences(hub, "topic:b") == [1, 2, 3])
    }

    @Test("Numbers that were given to refused blocks are given again")
    func numbersAfterRefusal() throws {
        let hub = try Hub("alice")
        try hub.publish("alice", "one", on: "a")
        hub.run()
        try hub.publish("alice", "lost", on: "a")
        hub.seal()
        try hub.publish("alice", "lost too", on: "a")
        hub.refuseAll()
        let tag = try hub.publish("alice", "two", on: "a")
        hub.run()
        #expect(hub.receipt(tag)?.sequence == SequenceNumber(2))
        #expect(sequences(hub, "topic:a") == [1, 2])
    }

    @Test("Numbers go on after a crash", arguments: [false, true])
    func numbersAfterCrash(checkpoint: Bool) throws {
        let hub = try Hub("alice")
        try hub.publish("alice", all: ["one", "two"], on: "a")
        hub.run()
        try hub.publish("alice", "lost", on: "a")
        try hub.crash(checkpoint: checkpoint)
        try hub.connect("alice")
        let tag = try hub.publish("alice", "three", on: "a")
        hub.run()
        #expect(hub.receipt(tag)?.sequence == SequenceNumber(3))
    }

    @Test("What a refused message left open is nobody's: a refused proposal takes no number")
    func refusedProposal() throws {
        let hub = try Hub("alice")
        #expect(throws: Refusal.self) { try hub.publish("alice", Draft(on: "a..b")) }
        #expect(throws: Refusal.self) { try hub.publish("alice", Draft(.command, .topic, "a")) }
        let tag = try hub.publish("alice", "one", on: "a")
        hub.run()
        #expect(hub.receipt(tag)?.sequence == .first)
    }
}
