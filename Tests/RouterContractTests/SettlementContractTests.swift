import HubModel
import HubRouter
import Testing

@Suite("Acknowledging")
struct SettlementContractTests {
    /// Bob's consumer on `jobs`, nameless or not, and what Alice has published for it.
    private func hub(
        named: Bool = true, publishing count: Int = 5, _ change: (inout ConsumerSettings) -> Void = { _ in }
    ) throws -> Hub {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: named ? "work" : "") {
            $0.ackWaitMilliseconds = 1000
            $0.backoffInitialMilliseconds = 100
            change(&$0)
        }
        try hub.publish("alice", all: numbered(1...count), on: "jobs")
        hub.run()
        return hub
    }

    @Test("With automatic acknowledgement what was handed over never comes again", arguments: [false, true])
    func automatic(named: Bool) throws {
        let hub = try hub(named: named) { $0.acknowledgement = .automatic }
        #expect(try hub.texts("bob") == numbered(1...5))
        hub.advance(100_000)
        #expect(try hub.take("bob").isEmpty)
    }

    @Test("What an automatic consumer was given does not come again after a crash, once that is on disk")
    func automaticAndCrash() throws {
        let hub = try hub { $0.acknowledgement = .automatic }
        try hub.crash()
        try hub.connect("bob")
        try hub.subscribe("bob", "jobs", as: "work") { $0.acknowledgement = .automatic }
        hub.run()
        #expect(try hub.take("bob").isEmpty)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Of five messages: the ranges that are acknowledged, counted from 1.
        let ranges: [ClosedRange<Int>]
        let isCumulative: Bool
        let again: [String]
    }

    static let cases = [
        Case(testDescription: "one", ranges: [3...3], isCumulative: false, again: ["m1", "m2", "m4", "m5"]),
        Case(
            testDescription: "a list", ranges: [1...1, 3...3, 5...5], isCumulative: false,
            again: ["m2", "m4"]),
        Case(testDescription: "a range", ranges: [2...4], isCumulative: false, again: ["m1", "m5"]),
        Case(testDescription: "all up to one", ranges: [1...4], isCumulative: true, again: ["m5"]),
        Case(testDescription: "all", ranges: [1...5], isCumulative: true, again: []),
        Case(
            testDescription: "one twice", ranges: [1...1, 1...1], isCumulative: false,
            again: ["m2", "m3", "m4", "m5"]),
    ]

    @Test("What is acknowledged never comes again, all else does", arguments: cases, [false, true])
    func acknowledging(_ it: Case, named: Bool) throws {
        let hub = try hub(named: named)
        let name = named ? "work" : ""
        let seen = try hub.take("bob")
        for range in it.ranges {
            let from = it.isCumulative ? .zero : seen[range.lowerBound - 1].offset
            try hub.settle(
                "bob", .acknowledged, from: from, through: seen[range.upperBound - 1].offset, as: name)
        }
        hub.run()
        hub.advance(1001)
        let again = try hub.take("bob")
        #expect(again.map(\.text) == it.again)
        #expect(again.allSatisfy { $0.attempt == 2 })
    }

    @Test("An acknowledgement of what was never given changes nothing", arguments: [false, true])
    func acknowledgingTheFuture(named: Bool) throws {
        let hub = try hub(named: named, publishing: 1)
        let name = named ? "work" : ""
        let seen = try hub.takeOne("bob")
        try hub.settle("bob", .acknowledged, from: seen.offset.next, through: .end, as: name)
        hub.run()
        try hub.publish("alice", "later", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == ["later"])
        hub.advance(1001)
        #expect(try hub.texts("bob") == ["m1", "later"])
    }

    @Test("An acknowledgement that was not on disk before a crash is forgotten: the message comes again")
    func acknowledgementIsLost() throws {
        let hub = try hub(publishing: 2)
        let seen = try hub.take("bob")
        try hub.ack("bob", seen[0], as: "work")
        hub.run()
        try hub.ack("bob", seen[1], as: "work")
        try hub.crash()
        try hub.connect("bob")
        try hub.subscribe("bob", "jobs", as: "work")
        hub.run()
        #expect(try hub.texts("bob") == ["m2"])
    }

    @Test(
        "No more is in flight than is allowed; room that comes free is used at once",
        arguments: [false, true])
    func bounded(named: Bool) throws {
        let hub = try hub(named: named) { $0.inFlightMax = 2 }
        let name = named ? "work" : ""
        let seen = try hub.take("bob")
        #expect(seen.map(\.text) == ["m1", "m2"])
        try hub.ack("bob", seen[0], as: name)
        hub.run()
        #expect(try hub.texts("bob") == ["m3"])
        try hub.settle("bob", .acknowledged, from: .zero, through: .end, as: name)
        hub.run()
        #expect(try hub.texts("bob") == ["m4", "m5"])
    }

    @Test("A live consumer that waits for acknowledgements is told so, once, and operators are too")
    func stalled() throws {
        let hub = try hub { $0.inFlightMax = 2 }
        let handle = try hub.consumer("bob", "work")
        let event = Effects.Event.stalled(handle, inFlight: 2, limit: 2)
        #expect(try hub.told("bob") == [event])
        #expect(hub.events.filter { $0 == event }.count == 1)
        let seen = try hub.take("bob")
        try hub.ack("bob", seen[0], as: "work")
        hub.run()
        #expect(try hub.take("bob").count == 1)
    }

    @Test("Every member of a group is told that it is stalled")
    func groupIsStalled() throws {
        let hub = try Hub("alice", "m1", "m2")
        for member in ["m1", "m2"] {
            try hub.subscribe(member, "jobs", as: "work") {
                $0.isShared = true
                $0.inFlightMax = 2
            }
            hub.run()
        }
        try hub.publish("alice", all: numbered(1...5), on: "jobs")
        hub.run()
        for member in ["m1", "m2"] { #expect(try hub.told(member).count == 1) }
    }

    // MARK: Refusing

    @Test("What is refused comes again after its backoff", arguments: [false, true])
    func refused(named: Bool) throws {
        let hub = try hub(named: named, publishing: 1)
        try hub.settle("bob", .refused(delayMilliseconds: nil), hub.takeOne("bob"), as: named ? "work" : "")
        hub.run()
        hub.advance(99)
        #expect(try hub.take("bob").isEmpty)
        hub.advance(2)
        #expect(try hub.takeOne("bob").attempt == 2)
    }

    @Test("What is refused with a delay comes again after that", arguments: [0, 250, 5000])
    func refusedWithDelay(delay: Int64) throws {
        let hub = try hub(publishing: 1)
        try hub.settle("bob", .refused(delayMilliseconds: delay), hub.takeOne("bob"), as: "work")
        hub.run()
        if delay > 0 {
            hub.advance(delay - 1)
            #expect(try hub.take("bob").isEmpty)
        }
        hub.advance(2)
        #expect(try hub.takeOne("bob").attempt == 2)
    }

    @Test("A delay below zero is none")
    func negativeDelay() throws {
        let hub = try hub(publishing: 1)
        try hub.settle("bob", .refused(delayMilliseconds: -5), hub.takeOne("bob"), as: "work")
        hub.run()
        hub.advance(1)
        #expect(try hub.takeOne("bob").attempt == 2)
    }

    @Test("What is refused does not hold up what comes behind it")
    func refusedIsPassed() throws {
        let hub = try hub(publishing: 3)
        let seen = try hub.take("bob")
        try hub.settle("bob", .refused(delayMilliseconds: 500), seen[0], as: "work")
        try hub.publish("alice", "m4", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == ["m4"])
    }

    @Test("In a group what one member refused may go to another")
    func refusedInGroup() throws {
        let hub = try Hub("alice", "m1", "m2")
        for member in ["m1", "m2"] {
            try hub.subscribe(member, "jobs", as: "work") { $0.isShared = true }
            hub.run()
        }
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        let holder = hub.given[try hub.connection(of: "m1")] == nil ? "m2" : "m1"
        let other = holder == "m1" ? "m2" : "m1"
        try hub.settle(holder, .refused(delayMilliseconds: 10), hub.takeOne(holder), as: "work")
        hub.run()
        hub.advance(11)
        #expect(try hub.takeOne(other).attempt == 2)
    }

    // MARK: Working

    @Test("Who says that it takes longer has the whole time again", arguments: [false, true])
    func working(named: Bool) throws {
        let hub = try hub(named: named, publishing: 1)
        let name = named ? "work" : ""
        let seen = try hub.takeOne("bob")
        for _ in 1...5 {
            hub.advance(900)
            try hub.settle("bob", .working, seen, as: name)
            hub.run()
        }
        #expect(try hub.take("bob").isEmpty)
        hub.advance(999)
        #expect(try hub.take("bob").isEmpty)
        hub.advance(2)
        #expect(try hub.takeOne("bob").attempt == 2)
    }

    @Test("A heartbeat renews the leases of what its agent is working on, and of nothing else")
    func workingByHeartbeat() throws {
        let hub = try hub(publishing: 3)
        let seen = try hub.take("bob")
        hub.advance(900)
        try hub.beat("bob", workingOn: [seen[0].offset, seen[2].offset, Offset(12_345)])
        hub.run()
        hub.advance(200)
        #expect(try hub.texts("bob") == ["m2"])
        hub.advance(800)
        #expect(try hub.texts("bob") == ["m1", "m3"])
    }

    @Test("Working on it after it was acknowledged does not bring it back")
    func workingAfterEnd() throws {
        let hub = try hub(publishing: 1)
        let seen = try hub.takeOne("bob")
        try hub.ack("bob", seen, as: "work")
        try hub.settle("bob", .working, seen, as: "work")
        hub.run()
        hub.advance(5000)
        #expect(try hub.take("bob").isEmpty)
    }
}
