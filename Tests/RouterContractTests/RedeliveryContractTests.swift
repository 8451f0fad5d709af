import HubModel
import HubRouter
import Testing

@Suite("Delivering again")
struct RedeliveryContractTests {
    private func hub(
        publishing count: Int = 1, _ change: (inout ConsumerSettings) -> Void = { _ in }
    ) throws -> Hub {
        let hub = try Hub("alice", "bob")
        try subscribe(hub, change)
        try hub.publish("alice", all: numbered(1...count), on: "jobs")
        hub.run()
        return hub
    }

    private func subscribe(_ hub: Hub, _ change: (inout ConsumerSettings) -> Void = { _ in }) throws {
        try hub.subscribe("bob", "jobs", as: "work") {
            $0.ackWaitMilliseconds = 1000
            $0.backoffInitialMilliseconds = 100
            $0.backoffMaxMilliseconds = 1000
            change(&$0)
        }
        hub.run()
    }

    /// Milliseconds until an agent is given something, by the clock of the hub.
    private func wait(_ hub: Hub, atMost: Int64 = 10_000) throws -> (milliseconds: Int64, attempt: Int)? {
        let start = hub.now.microseconds
        while hub.now.microseconds - start < atMost * 1000 {
            if let seen = try hub.take("bob").first {
                return ((hub.now.microseconds - start) / 1000, seen.attempt)
            }
            hub.advance(1)
        }
        return nil
    }

    @Test(
        "What is not acknowledged in time comes again, not before and not much later",
        arguments: [false, true])
    func ackWait(named: Bool) throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs", as: named ? "work" : "") { $0.ackWaitMilliseconds = 1000 }
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        _ = try hub.take("bob")
        for attempt in 2...4 {
            let next = try #require(try wait(hub))
            #expect(next.milliseconds >= 1000 && next.milliseconds <= 1002)
            #expect(next.attempt == attempt)
        }
    }

    @Test(
        "Delays behind refusals grow by the factor, up to the longest",
        arguments: [
            (1000, [100, 100, 100, 100]), (2000, [100, 200, 400, 800, 1000, 1000]),
            (3000, [100, 300, 900, 1000]),
        ])
    func exponential(factor: Int, delays: [Int64]) throws {
        let hub = try hub { $0.backoffFactorThousandths = factor }
        var seen = try hub.takeOne("bob")
        for (index, delay) in delays.enumerated() {
            try hub.settle("bob", .refused(delayMilliseconds: nil), seen, as: "work")
            hub.run()
            hub.advance(delay - 1)
            #expect(try hub.take("bob").isEmpty, "too early behind attempt \(index + 1)")
            hub.advance(2)
            seen = try hub.takeOne("bob")
            #expect(seen.attempt == index + 2)
        }
    }

    @Test("Jitter spreads delays within its bounds, and not all alike")
    func jitter() throws {
        let hub = try hub(publishing: 200) {
            $0.backoffJitterPercent = 20
            $0.inFlightMax = 300
            $0.ackWaitMilliseconds = 60_000
        }
        for seen in try hub.take("bob") {
            try hub.settle("bob", .refused(delayMilliseconds: nil), seen, as: "work")
        }
        hub.run()
        hub.advance(79)
        #expect(try hub.take("bob").isEmpty)
        var steps: [Int] = []
        for _ in 0..<9 {
            hub.advance(5)
            steps.append(try hub.take("bob").count)
        }
        #expect(steps.reduce(0, +) == 200)
        #expect(steps.filter { $0 > 0 }.count >= 6, "they came in \(steps)")
    }

    @Test("The longest delay is a limit: jitter goes not beyond it")
    func jitterAtTheLimit() throws {
        let hub = try hub(publishing: 100) {
            $0.backoffInitialMilliseconds = 1000
            $0.backoffJitterPercent = 50
            $0.ackWaitMilliseconds = 60_000
        }
        for seen in try hub.take("bob") {
            try hub.settle("bob", .refused(delayMilliseconds: nil), seen, as: "work")
        }
        hub.run()
        hub.advance(499)
        #expect(try hub.take("bob").isEmpty)
        hub.advance(502)
        hub.advance(1)
        #expect(try hub.take("bob").count == 100)
    }

    @Test("Attempts survive a crash", arguments: [false, true])
    func attemptsSurvive(checkpoint: Bool) throws {
        let hub = try hub()
        for attempt in 1...5 {
            #expect(try hub.takeOne("bob").attempt == attempt)
            try hub.crash(checkpoint: checkpoint)
            try hub.connect("bob")
            try subscribe(hub)
        }
    }

    @Test("A message that kills its consumer each time becomes a dead letter")
    func killer() throws {
        let hub = try hub { $0.deliveriesMax = 3 }
        for attempt in 1...3 {
            #expect(try hub.takeOne("bob").attempt == attempt)
            try hub.disconnect("bob")
            hub.run()
            try hub.connect("bob")
            try subscribe(hub) { $0.deliveriesMax = 3 }
        }
        #expect(try hub.take("bob").isEmpty)
        #expect(try hub.letters("work").count == 1)
    }

    @Test("What nobody has room for waits, and is given when there is room")
    func noRoom() throws {
        let hub = try hub()
        _ = try hub.take("bob")
        try hub.setFull("bob", true)
        hub.advance(5000)
        #expect(try hub.take("bob").isEmpty)
        try hub.setFull("bob", false)
        hub.run()
        #expect(try hub.takeOne("bob").attempt == 2)
    }

    @Test("What comes again keeps its place and its number")
    func samePlace() throws {
        let hub = try hub()
        let first = try hub.takeOne("bob")
        hub.advance(1001)
        let again = try hub.takeOne("bob")
        #expect(again.offset == first.offset)
        #expect(again.message == first.message)
    }

    @Test("A message that expired while it was unacknowledged becomes a dead letter instead of coming again")
    func expired() throws {
        let hub = try hub(publishing: 1)
        _ = try hub.take("bob")
        try hub.publish("alice", Draft("short", on: "jobs") { $0.within = 500 })
        hub.run()
        let short = try hub.takeOne("bob")
        hub.advance(1001)
        #expect(try hub.texts("bob") == ["m1"])
        let letter = try #require(try hub.letters("work").first)
        #expect(try hub.facts(letter)?.reason == .expired)
        #expect(try hub.facts(letter)?.message == short.offset)
    }

    @Test("A message that retention removed is not waited for: a gap is told, and the rest goes on")
    func lost() throws {
        let hub = try hub(publishing: 2)
        let seen = try hub.take("bob")
        hub.pass(1001)
        let read = try #require(hub.reads.first)
        hub.reads.removeFirst()
        hub.router.take(lost: seen[0].offset, for: read, .damaged, now: hub.now, &hub.effects)
        hub.collect(.nothing)
        hub.run()
        #expect(try hub.texts("bob") == ["m2"])
        let handle = try hub.consumer("bob", "work")
        let place = seen[0].offset.rawValue
        #expect(try hub.told("bob") == [.gap(handle, Gap(from: place, through: place, .damaged))])
        hub.advance(900)
        #expect(try hub.take("bob").isEmpty)
    }
}
