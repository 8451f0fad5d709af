import HubBytes
import Testing

@testable import HubClient

@Suite("Client core")
struct CoreTests {
    // MARK: Backoff

    @Test("pauses grow twofold from one second to two minutes, and are spread over all of that")
    func pauses() {
        var longest: [Int64] = []
        var shortest: [Int64] = []
        for attempt in 0..<9 {
            var pauses: [Int64] = []
            for seed in 0..<500 {
                var backoff = Backoff(ReconnectPolicy(), seed: UInt64(seed))
                for _ in 0..<attempt { _ = backoff.next() }
                pauses.append(backoff.next())
            }
            longest.append(pauses.max() ?? 0)
            shortest.append(pauses.min() ?? 0)
        }
        for (attempt, bound) in [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 120_000, 120_000]
            .enumerated()
        {
            #expect(longest[attempt] <= bound)
            #expect(longest[attempt] > bound * 9 / 10)
            #expect(shortest[attempt] >= 50)
            #expect(shortest[attempt] < 50 + bound / 10)
        }
    }

    @Test("what the hub asks for is kept, and spread")
    func askedPause() {
        for seed in 0..<100 {
            var backoff = Backoff(ReconnectPolicy(), seed: UInt64(seed))
            let pause = backoff.next(askedFor: 5000)
            #expect((5000..<6000).contains(pause))
        }
    }

    @Test("a connection that lasted is forgiven, one that did not is not")
    func stability() {
        var backoff = Backoff(ReconnectPolicy(), seed: 1)
        for _ in 0..<5 { _ = backoff.next() }
        backoff.worked(forMilliseconds: 9999)
        #expect(backoff.attempts == 5)
        backoff.worked(forMilliseconds: 10_000)
        #expect(backoff.attempts == 0)
    }

    // MARK: Losses

    private static func online(_ change: (inout ClientOptions) -> Void = { _ in }) -> ClientCore {
        var options = ClientOptions()
        change(&options)
        var core = ClientCore(options, seed: 7)
        var effects = Effects()
        core.start(now: 0, &effects)
        core.opened(now: 1, &effects)
        var info = HubInfo()
        info.epoch = "1"
        core.welcomed(info, now: 2, &effects)
        return core
    }

    @Test(
        "codes that another connection would not mend end the client, all others bring it back",
        arguments: [
            (1000, true), (1001, true), (1002, false), (1003, false), (1005, true), (1006, true),
            (1007, false),
            (1008, false), (1009, false), (1011, true), (1012, true), (1013, true), (4000, true),
        ] as [(UInt16, Bool)])
    func codes(_ code: UInt16, comesBack: Bool) {
        var core = Self.online()
        var effects = Effects()
        core.lost(.closed(code: code, reason: "why"), now: 100, &effects)
        let isEnded = core.isEnded
        #expect(isEnded == !comesBack)
        #expect((effects.end != nil) == !comesBack)
        if case .disconnected(let reason, _) = effects.events.last {
            #expect(reason.contains("why"))
        } else {
            #expect(!comesBack)
        }
    }

    @Test(
        "a client that was replaced, or has no rights, stops with the reason",
        arguments: ["replaced", "unauthorized", "forbidden"])
    func final(_ word: String) {
        var core = Self.online()
        var effects = Effects()
        let refusal = HubRefusal(ErrorCode(rawValue: word), "no")
        core.warned(refusal)
        core.lost(.closed(code: 1000, reason: ""), now: 100, &effects)
        #expect(effects.end == .refused(refusal))
    }

    @Test("a pause that the hub asked for is kept with 1012 and 1013", arguments: [1012, 1013] as [UInt16])
    func retryAfter(_ code: UInt16) {
        var core = Self.online()
        var effects = Effects()
        core.warned(HubRefusal(ErrorCode(rawValue: "draining"), "later", retryAfterMilliseconds: 3000))
        core.lost(.closed(code: code, reason: ""), now: 100, &effects)
        guard case .waiting(let until) = core.phase else {
            Issue.record("the client does not wait")
            return
        }
        #expect((3100..<4100).contains(until))
        core.tick(now: until - 1, &effects)
        #expect(!effects.connects)
        core.tick(now: until, &effects)
        #expect(effects.connects)
    }

    @Test(
        "a hub that is not there at first is told of at once, unless the client is to wait",
        arguments: [false, true])
    func first(_ waits: Bool) {
        var options = ClientOptions()
        options.waitsForHub = waits
        var core = ClientCore(options, seed: 1)
        var effects = Effects()
        core.start(now: 0, &effects)
        core.lost(.transport("nobody"), now: 1, &effects)
        #expect(effects.end == (waits ? nil : .notConnected("nobody")))
    }

    @Test("a hub that says nothing is given up after the time for connecting")
    func silence() {
        var core = ClientCore(ClientOptions(), seed: 1)
        var effects = Effects()
        core.start(now: 0, &effects)
        core.opened(now: 5000, &effects)
        core.tick(now: 14_999, &effects)
        #expect(effects.end == nil)
        core.tick(now: 15_000, &effects)
        #expect(effects.end != nil)
        #expect(effects.hangUp != nil)
    }

    @Test("another epoch is told of, and a nameless consumer goes on by time")
    func epochs() throws {
        var core = Self.online()
        var effects = Effects()
        core.subscribe(1, .topics([">"]), SubscribeOptions(), Waiter<HubReply>(), &effects)
        guard case .subscribe(let id, _, _, from: .new) = effects.frames.last else {
            Issue.record("no subscription")
            return
        }
        core.subscribed(id, consumer: "x", position: 40, now: 3, &effects)
        #expect(core.delivered(1, offset: 41, time: 777, &effects) == .handOut(key: 1))
        core.lost(.transport("cut"), now: 10, &effects)
        core.tick(now: 10_000, &effects)
        core.opened(now: 10_001, &effects)
        var info = HubInfo()
        info.epoch = "2"
        effects = Effects()
        core.welcomed(info, now: 10_002, &effects)
        let isTold = effects.events.contains {
            if case .epochChanged(from: "1", to: "2") = $0 { return true }
            return false
        }
        #expect(isTold)
        guard case .subscribe(_, _, _, from: .time(777)) = effects.frames.last else {
            Issue.record("it does not go on by time: \(effects.frames)")
            return
        }
    }

    @Test("in the same epoch a nameless consumer goes on behind what it saw, and never before where it began")
    func resumption() {
        for (seen, wanted) in [(nil, 40), (5, 40), (41, 42)] as [(UInt64?, UInt64)] {
            var core = Self.online()
            var effects = Effects()
            core.subscribe(1, .topics([">"]), SubscribeOptions(), Waiter<HubReply>(), &effects)
            guard case .subscribe(let id, _, _, from: .new) = effects.frames.last else { return }
            core.subscribed(id, consumer: "x", position: 40, now: 3, &effects)
            if let seen { _ = core.delivered(1, offset: seen, time: 1, &effects) }
            core.lost(.transport("cut"), now: 10, &effects)
            core.tick(now: 10_000, &effects)
            core.opened(now: 10_001, &effects)
            var info = HubInfo()
            info.epoch = "1"
            effects = Effects()
            core.welcomed(info, now: 10_002, &effects)
            guard case .subscribe(_, _, _, from: .offset(wanted)) = effects.frames.last else {
                Issue.record("it goes on elsewhere: \(effects.frames)")
                return
            }
        }
    }
}
