import HubModel
import HubRouter
import Testing

@Suite("Sessions that agents open by name")
struct SessionContractTests {
    /// Alice and Bob, and Carol who has no part in it; what is for them lies in their inboxes.
    private func hub(change: (inout RouterSettings) -> Void = { _ in }) throws -> Hub {
        let hub = try Hub("alice", "bob", "carol", change: change)
        for agent in ["alice", "bob", "carol"] { try hub.openInbox(agent) }
        hub.run()
        return hub
    }

    @Test("Opening is told to the other party, and the opener gets a receipt")
    func opening() throws {
        let hub = try hub()
        let tag = try hub.step("alice", .open, "s", with: "bob", text: "lunch")
        hub.run()
        let seen = try hub.takeOne("bob")
        #expect(seen.message.kind == .sessionOpen)
        #expect(seen.text == "lunch")
        #expect(seen.message.session == "s")
        #expect(hub.receipt(tag)?.sequence == .first)
        #expect(try hub.phase("s") == .proposed)
        #expect(try hub.texts("carol") == [])
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let kind: SessionStep.Kind
        let record: MessageKind
        let phase: SessionPhase
    }

    @Test(
        "The other party's answer is told to the opener",
        arguments: [
            Answer(testDescription: "accept", kind: .accept, record: .sessionAccept, phase: .accepted),
            Answer(testDescription: "reject", kind: .reject, record: .sessionReject, phase: .rejected),
            Answer(testDescription: "close", kind: .close, record: .sessionClose, phase: .closed),
        ])
    func answering(_ it: Answer) throws {
        let hub = try hub()
        try hub.step("alice", .open, "s", with: "bob")
        hub.run()
        try hub.step("bob", it.kind, "s", text: "because")
        hub.run()
        let seen = try hub.takeOne("alice")
        #expect(seen.message.kind == it.record)
        #expect(seen.text == "because")
        #expect(seen.message.sequence == SequenceNumber(2))
        #expect(try hub.phase("s") == it.phase)
    }

    @Test("Either party ends a session, and the other one is told", arguments: ["alice", "bob"])
    func closing(closer: String) throws {
        let hub = try hub()
        try hub.step("alice", .open, "s", with: "bob")
        hub.run()
        try hub.step("bob", .accept, "s")
        hub.run()
        _ = try (hub.take("alice"), hub.take("bob"))
        try hub.step(closer, .close, "s")
        hub.run()
        #expect(try hub.takeOne(closer == "alice" ? "bob" : "alice").message.kind == .sessionClose)
        #expect(try hub.phase("s") == .closed)
    }

    @Test(
        "A session with nobody named is joined by whoever accepts first, and is closed to others from then on"
    )
    func openToAll() throws {
        let hub = try hub()
        try hub.step("alice", .open, "s")
        hub.run()
        try hub.step("carol", .accept, "s")
        hub.run()
        #expect(try hub.takeOne("alice").message.kind == .sessionAccept)
        let refusal = try hub.refusal { try $0.publish("bob", Draft(to: "alice") { $0.session = "s" }) }
        #expect(refusal?.code == .forbidden)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let before: [(String, SessionStep.Kind)]
        let agent: String
        /// A step; none is a message.
        let kind: SessionStep.Kind?
        let code: RefusalCode
    }

    static let bad = [
        Bad(testDescription: "opened twice", before: [], agent: "carol", kind: .open, code: .conflict),
        Bad(
            testDescription: "accepted by its opener", before: [], agent: "alice", kind: .accept,
            code: .forbidden),
        Bad(
            testDescription: "accepted by a stranger", before: [], agent: "carol", kind: .accept,
            code: .forbidden),
        Bad(
            testDescription: "rejected by a stranger", before: [], agent: "carol", kind: .reject,
            code: .forbidden),
        Bad(
            testDescription: "closed by a stranger", before: [], agent: "carol", kind: .close,
            code: .forbidden),
        Bad(
            testDescription: "written to by a stranger", before: [], agent: "carol", kind: nil,
            code: .forbidden),
        Bad(
            testDescription: "accepted twice", before: [("bob", .accept)], agent: "bob", kind: .accept,
            code: .conflict),
        Bad(
            testDescription: "rejected after it was accepted", before: [("bob", .accept)], agent: "bob",
            kind: .reject,
            code: .conflict),
        Bad(
            testDescription: "accepted after it ended", before: [("alice", .close)], agent: "bob",
            kind: .accept,
            code: .sessionClosed),
        Bad(
            testDescription: "closed after it was rejected", before: [("bob", .reject)], agent: "alice",
            kind: .close,
            code: .sessionClosed),
        Bad(
            testDescription: "written to after it ended", before: [("alice", .close)], agent: "alice",
            kind: nil,
            code: .sessionClosed),
        Bad(
            testDescription: "written to after it was rejected", before: [("bob", .reject)], agent: "alice",
            kind: nil,
            code: .sessionClosed),
    ]

    @Test("A step that does not follow from where the session stands is refused", arguments: bad)
    func badStep(_ it: Bad) throws {
        let hub = try hub()
        try hub.step("alice", .open, "s", with: "bob")
        hub.run()
        for (agent, kind) in it.before { try hub.step(agent, kind, "s") }
        hub.run()
        let phase = try hub.phase("s")
        let refusal = try hub.refusal {
            if let kind = it.kind {
                try $0.step(it.agent, kind, "s")
            } else {
                try $0.publish(it.agent, Draft(on: "jobs") { $0.session = "s" })
            }
        }
        #expect(refusal?.code == it.code)
        #expect(refusal?.message.contains("session s") == true)
        #expect(try hub.phase("s") == phase)
    }

    @Test("Both parties write in it; the messages are numbered with its steps")
    func messages() throws {
        let hub = try hub()
        try hub.step("alice", .open, "s", with: "bob")
        hub.run()
        try hub.step("bob", .accept, "s")
        hub.run()
        let first = try hub.publish("alice", Draft("hello", to: "bob") { $0.session = "s" })
        let second = try hub.publish("bob", Draft("hello", to: "alice") { $0.session = "s" })
        hub.run()
        #expect(hub.receipt(first)?.sequence == SequenceNumber(3))
        #expect(hub.receipt(second)?.sequence == SequenceNumber(4))
    }

    @Test("A session that ended can be opened again, and its numbers go on")
    func openedAgain() throws {
        let hub = try hub()
        try hub.step("alice", .open, "s", with: "bob")
        hub.run()
        try hub.step("alice", .close, "s")
        hub.run()
        let tag = try hub.step("carol", .open, "s", with: "bob")
        hub.run()
        #expect(hub.receipt(tag)?.sequence == SequenceNumber(3))
        #expect(try hub.phase("s") == .proposed)
    }

    @Test("Where a session stands survives a crash", arguments: [false, true])
    func afterCrash(checkpoint: Bool) throws {
        let hub = try hub()
        try hub.step("alice", .open, "s", with: "bob")
        try hub.step("alice", .open, "t", with: "bob")
        hub.run()
        try hub.step("bob", .accept, "s")
        try hub.step("bob", .reject, "t")
        hub.run()
        try hub.crash(checkpoint: checkpoint)
        #expect(try hub.phase("s") == .accepted)
        #expect(try hub.phase("t") == .rejected)
        try hub.connect("carol")
        let refusal = try hub.refusal { try $0.publish("carol", Draft(on: "jobs") { $0.session = "s" }) }
        #expect(refusal?.code == .forbidden)
    }

    @Test("The hub has no more open sessions than are allowed; one that ends makes room")
    func limit() throws {
        let hub = try hub { $0.sessionsMax = 2 }
        for session in ["s", "t"] { try hub.step("alice", .open, session) }
        hub.run()
        let refusal = try hub.refusal { try $0.step("bob", .open, "u") }
        #expect(refusal?.code == .limitReached)
        #expect(refusal?.message.contains("2 open sessions") == true)
        try hub.step("alice", .close, "s")
        hub.run()
        try hub.step("bob", .open, "u")
        hub.run()
        #expect(try hub.phase("u") == .proposed)
    }

    @Test("A session's step in a refused block never was")
    func refusedStep() throws {
        let hub = try hub()
        let tag = try hub.step("alice", .open, "s", with: "bob")
        hub.refuseAll()
        #expect(hub.rejection(tag)?.code == .storageUnavailable)
        hub.run()
        #expect(try hub.texts("bob") == [])
        try hub.step("bob", .open, "s", with: "alice")
        hub.run()
        #expect(try hub.phase("s") == .proposed)
    }
}
