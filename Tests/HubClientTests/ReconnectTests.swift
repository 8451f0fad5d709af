import HubClient
import HubModel
import HubSystem
import Synchronization
import Testing

@Suite("Client whose hub goes away", .serialized)
struct ReconnectTests {
    private static var quick: ClientOptions { ClientTests.quick }

    @Test(
        "a hub that cuts every third connection takes each message once, and the subscriber gets each once, in order"
    )
    func cuts() async throws {
        let hub = try ScriptedHub(Script(cutsEvery: 3))
        defer { hub.stop() }
        let client = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        let subscription = try await client.subscribe(["t.>"], options: SubscribeOptions(consumer: "c"))
        let reader = Task {
            var seen: [String] = []
            for try await delivery in subscription {
                seen.append(delivery.json)
                if seen.count == 50 { break }
            }
            return seen
        }
        for number in 1...50 { try await client.publish(topic: "t.a", .json("\(number)")) }
        let seen = try await ClientTests.within(60, "fifty deliveries") { try await reader.value }
        #expect(seen == (1...50).map { "\($0)" })
        let log = hub.diary.notes.withLock { $0.log }
        #expect(log.count == 50)
        await client.close()
    }

    @Test("what is published while the hub is away waits, and the outbox says when it is full")
    func offline() async throws {
        let hub = try ScriptedHub()
        var options = Self.quick
        options.outboxMessagesMax = 10
        let client = try await HubClient.connect(to: hub.url, as: "a", options: options)
        hub.stop()
        for number in 1...10 { try client.post(topic: "t", .json("\(number)")) }
        let failure = #expect(throws: ClientError.self) { try client.post(topic: "t", .json("11")) }
        guard case .outboxFull(messages: 10, _) = failure else {
            Issue.record("another error: \(String(describing: failure))")
            return
        }
        let second = try ScriptedHub(port: hub.port)
        defer { second.stop() }
        try await ClientTests.within(30, "an empty outbox") {
            while client.outstanding > 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
        let data = second.diary.notes.withLock { $0.log.map { String(decoding: $0.data, as: UTF8.self) } }
        #expect(data == (1...10).map { "\($0)" })
        await client.close()
    }

    @Test("a message whose time is over before the hub is back is not sent")
    func expired() async throws {
        let hub = try ScriptedHub()
        let client = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        hub.stop()
        let outcomes = Mutex<[String]>([])
        let lane = PostLane { list in
            outcomes.withLock { all in
                for outcome in list {
                    switch outcome {
                    case .receipt(let receipt): all.append("receipt \(receipt.tag)")
                    case .failure(let tag, .refused(let refusal)): all.append("\(refusal.code) \(tag)")
                    case .failure(let tag, let error): all.append("\(error) \(tag)")
                    }
                }
            }
        }
        var short = PublishOptions()
        short.ttlMilliseconds = 1
        try client.post(topic: "t", .json("1"), options: short, on: lane, tag: 1)
        try client.post(topic: "t", .json("2"), on: lane, tag: 2)
        try await Task.sleep(for: .milliseconds(50))
        let second = try ScriptedHub(port: hub.port)
        defer { second.stop() }
        try await ClientTests.within(30, "two outcomes") {
            while outcomes.withLock({ $0.count }) < 2 { try await Task.sleep(for: .milliseconds(5)) }
        }
        #expect(outcomes.withLock { $0.sorted() } == ["expired 1", "receipt 2"])
        await client.close()
    }

    @Test("a hub that falls silent counts as lost when it does not answer a ping")
    func silence() async throws {
        let hub = try ScriptedHub()
        defer { hub.stop() }
        var options = Self.quick
        options.pingMilliseconds = 50
        options.pongMilliseconds = 50
        let client = try await HubClient.connect(to: hub.url, as: "a", options: options)
        // A server that reads nothing answers no ping: one whose loop is held up.
        hub.tell(.sleep(milliseconds: 2000))
        let reason = try await ClientTests.within(10, "a loss") {
            for await event in client.events {
                if case .disconnected(let reason, _) = event { return reason }
            }
            return ""
        }
        #expect(reason.contains("ping"))
        await client.close(withinMilliseconds: 0)
    }

    @Test("a close with a policy code ends the client with what the hub said")
    func replaced() async throws {
        let hub = try ScriptedHub()
        defer { hub.stop() }
        let client = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        let subscription = try await client.subscribe(["t"])
        hub.tell(.close(1008, Refusal(.replaced, "a newer connection took over")))
        let failure = await #expect(throws: ClientError.self) {
            try await ClientTests.within(10, "the end") { for try await _ in subscription {} }
        }
        guard case .refused(let refusal) = failure else {
            Issue.record("another end: \(String(describing: failure))")
            return
        }
        #expect(refusal.code == .replaced)
        await #expect(throws: ClientError.self) { try await client.publish(topic: "t", .json("1")) }
    }

    @Test("who is refused at the door is told why", arguments: [RefusalCode.unauthorized, .forbidden])
    func refused(_ code: RefusalCode) async throws {
        let hub = try ScriptedHub(Script(refusal: Refusal(code, "not you")))
        defer { hub.stop() }
        let failure = await #expect(throws: ClientError.self) {
            _ = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        }
        #expect(failure == .refused(HubRefusal(ErrorCode(rawValue: code.rawValue), "not you")))
    }

    @Test(
        "1012 and 1013 bring the client back after the pause that was asked for",
        arguments: [1012, 1013] as [UInt16])
    func restart(_ code: UInt16) async throws {
        let hub = try ScriptedHub()
        defer { hub.stop() }
        let client = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        hub.tell(.close(code, Refusal(.draining, "restarting", retryAfterMilliseconds: 300)))
        let began = SystemClock.monotonicNanoseconds()
        let pause = try await ClientTests.within(10, "another connection") {
            var pause: Int64 = 0
            var welcomes = 0
            for await event in client.events {
                if case .disconnected(_, let span) = event { pause = span }
                if case .connected = event { welcomes += 1 }
                if welcomes == 2 { break }
            }
            return pause
        }
        #expect((300..<330).contains(pause))
        #expect(SystemClock.monotonicNanoseconds() - began >= 300_000_000)
        await client.close()
    }

    @Test("a nameless consumer goes on behind what it saw")
    func nameless() async throws {
        let hub = try ScriptedHub()
        defer { hub.stop() }
        let client = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        let subscription = try await client.subscribe(["t"])
        let reader = Task {
            var seen: [String] = []
            for try await delivery in subscription {
                seen.append(delivery.json)
                if seen.count == 30 { break }
            }
            return seen
        }
        for number in 1...30 {
            if number % 7 == 0 { hub.tell(.cut) }
            try await client.publish(topic: "t", .json("\(number)"))
        }
        let seen = try await ClientTests.within(30, "thirty deliveries") { try await reader.value }
        #expect(seen == (1...30).map { "\($0)" })
        await client.close()
    }

    @Test("a replay that is cut off goes on where it was")
    func replay() async throws {
        let hub = try ScriptedHub()
        defer { hub.stop() }
        let client = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        for number in 1...20 { try await client.publish(topic: "t", .json("\(number)")) }
        hub.tell(.script(Script(cutsEvery: 7)))
        let seen = try await ClientTests.within(30, "the replay") {
            var seen: [String] = []
            for try await delivery in try client.replay(topics: ["t"], from: .offset(2), limit: 15) {
                seen.append(delivery.json)
            }
            return seen
        }
        #expect(seen == (3...17).map { "\($0)" })
        await client.close()
    }

    @Test("another log is told of")
    func epoch() async throws {
        let hub = try ScriptedHub()
        defer { hub.stop() }
        let client = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        hub.tell(.newEpoch)
        try await ClientTests.within(10, "another epoch") {
            for await event in client.events {
                if case .epochChanged = event { return }
            }
        }
        await client.close()
    }
}
