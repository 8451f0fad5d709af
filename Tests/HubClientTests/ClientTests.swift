import HubBytes
import HubClient
import HubConnection
import HubModel
import HubProtocols
import HubSystem
import LogSamples
import Synchronization
import Testing

@Suite("Client against a scripted hub", .serialized)
struct ClientTests {
    /// Fails a test that would wait for ever.
    static func within<Value: Sendable>(
        _ seconds: Int, _ what: String, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                throw ClientTestError.timeout(what)
            }
            guard let first = try await group.next() else { throw ClientTestError.timeout(what) }
            group.cancelAll()
            return first
        }
    }

    static var quick: ClientOptions {
        var options = ClientOptions()
        options.reconnect.firstMilliseconds = 20
        options.reconnect.leastMilliseconds = 1
        options.reconnect.maxMilliseconds = 100
        return options
    }

    @Test("what is published is receipted, delivered in order, and acknowledged")
    func roundTrip() async throws {
        let hub = try ScriptedHub()
        defer { hub.stop() }
        let client = try await HubClient.connect(to: hub.url, as: "alice", options: Self.quick)
        #expect(client.hub.hub == "scripted")
        let subscription = try await client.subscribe(["t.>"], options: SubscribeOptions(consumer: "c"))
        #expect(subscription.consumer == "c")
        for number in 1...5 {
            let receipt = try await client.publish(topic: "t.a", .json("\(number)"))
            #expect(receipt.sequence == UInt64(number))
            #expect(receipt.session == "topic:t.a")
        }
        let seen = try await Self.within(10, "five deliveries") {
            var seen: [String] = []
            for try await delivery in subscription {
                #expect(delivery.topic == "t.a")
                #expect(delivery.from == "alice")
                seen.append(delivery.json)
                if seen.count == 5 { break }
            }
            return seen
        }
        #expect(seen == ["1", "2", "3", "4", "5"])
        await client.close()
    }
}

extension ClientTests {
    @Test("a command has its answer, a refusal its reason, and one that nobody answers its end")
    func commands() async throws {
        let hub = try ScriptedHub()
        defer { hub.stop() }
        let planner = try await HubClient.connect(to: hub.url, as: "planner", options: Self.quick)
        let worker = try await HubClient.connect(to: hub.url, as: "worker", options: Self.quick)
        let inbox = try await worker.inbox(options: SubscribeOptions(consumer: "worker-inbox"))
        let service = Task {
            for try await delivery in inbox where delivery.kind == .command {
                if delivery.json.contains("add") {
                    try await worker.respond(to: delivery, result: .json("42"))
                } else if delivery.json.contains("fail") {
                    try await worker.respond(to: delivery, error: "no \"such\" thing")
                }
            }
        }
        let added = try await Self.within(10, "an answer") {
            try await planner.command(to: "worker", "add", arguments: .json("[40, 2]"))
        }
        #expect(added.isCompleted)
        #expect(added.json == "42")
        #expect(added.from == "worker")
        let failed = try await Self.within(10, "an answer") {
            try await planner.command(to: "worker", "fail")
        }
        #expect(failed.status == "failed")
        #expect(failed.error == "no \"such\" thing")
        await #expect(throws: ClientError.timeout) {
            // The scripted hub leaves the end of commands to the client.
            _ = try await planner.command(to: "worker", "sleep", timeoutMilliseconds: 1)
        }
        await worker.close()
        _ = try await service.value
        await planner.close()
    }

    @Test("refusals reach who asked: a bad topic, data that is no JSON, data that is too large")
    func refusals() async throws {
        let hub = try ScriptedHub(Script(payloadBytesMax: 100))
        defer { hub.stop() }
        let client = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        let refused = await #expect(throws: ClientError.self) {
            try await client.publish(topic: "bad topic", .json("1"))
        }
        guard case .refused(let refusal) = refused else {
            Issue.record("another error: \(String(describing: refused))")
            return
        }
        #expect(refusal.code == ErrorCode(rawValue: "bad_topic"))
        for data in [Payload.json("{"), .json("1,2"), .text(String(repeating: "x", count: 200))] {
            let failure = await #expect(throws: ClientError.self) {
                try await client.publish(topic: "t", data)
            }
            guard case .badArgument = failure else {
                Issue.record("another error: \(String(describing: failure))")
                return
            }
        }
        // The connection goes on.
        try await client.publish(topic: "t", .text("fine \"\n"))
        await client.close()
    }

    @Test("an id of the sender's choice is taken once")
    func chosenIDs() async throws {
        let hub = try ScriptedHub()
        defer { hub.stop() }
        let client = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        var options = PublishOptions()
        options.id = "order-7"
        let first = try await client.publish(topic: "t", .json("1"), options: options)
        let second = try await client.publish(topic: "t", .json("1"), options: options)
        #expect(first.id == "order-7")
        #expect(!first.isDuplicate)
        #expect(second.isDuplicate)
        #expect(second.offset == first.offset)
        await client.close()
    }

    @Test("verdicts: what is refused comes again, what is given up does not")
    func verdicts() async throws {
        let hub = try ScriptedHub()
        defer { hub.stop() }
        let client = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        var options = SubscribeOptions(consumer: "c")
        options.acknowledgement = .manual
        let subscription = try await client.subscribe(["t"], options: options)
        for number in 1...3 { try await client.publish(topic: "t", .json("\(number)")) }
        let seen = try await Self.within(10, "four deliveries") {
            var seen: [String] = []
            for try await delivery in subscription {
                seen.append("\(delivery.json)/\(delivery.attempt)")
                switch (delivery.json, delivery.attempt) {
                case ("1", 1): delivery.nak(reason: "later")
                case ("2", _): delivery.term(reason: "never")
                default: delivery.ack()
                }
                if seen.count == 4 { break }
            }
            return seen
        }
        #expect(seen.sorted() == ["1/1", "1/2", "2/1", "3/1"])
        try await Self.within(10, "acknowledgements") {
            while hub.diary.notes.withLock({ $0.acknowledged["c"] }) != [0, 2] {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        await client.close()
    }

    @Test("a program that reads slowly is not given more than it may have in flight")
    func flow() async throws {
        let hub = try ScriptedHub()
        defer { hub.stop() }
        let client = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        var options = SubscribeOptions(consumer: "c")
        options.inFlightMax = 4
        let subscription = try await client.subscribe(["t"], options: options)
        for number in 1...100 { try client.post(topic: "t", .json("\(number)")) }
        let seen = try await Self.within(20, "a hundred deliveries") {
            var seen = 0
            for try await delivery in subscription {
                seen += 1
                #expect(delivery.json == "\(seen)")
                if seen == 100 { break }
            }
            return seen
        }
        #expect(seen == 100)
        await client.close()
    }

    @Test("many posts have a receipt each, in order")
    func lanes() async throws {
        let hub = try ScriptedHub(Script(isEcho: true))
        defer { hub.stop() }
        let client = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        let tags = Mutex<[UInt64]>([])
        let lane = PostLane { outcomes in
            tags.withLock { tags in
                for case .receipt(let receipt) in outcomes { tags.append(receipt.tag) }
            }
        }
        for tag in 0..<20_000 as Range<UInt64> {
            if tag % 1000 == 0 { try await client.waitForRoom() }
            try client.post(topic: "t", .json("{\"n\":\(tag)}"), on: lane, tag: tag)
        }
        try await Self.within(60, "receipts") {
            while tags.withLock({ $0.count }) < 20_000 { try await Task.sleep(for: .milliseconds(5)) }
        }
        #expect(tags.withLock { $0 } == Array(0..<20_000))
        await client.close()
    }

    @Test("a challenge is signed with the agent's key")
    func challenge() async throws {
        let hub = try ScriptedHub(Script(challenges: true))
        defer { hub.stop() }
        let key = try PrivateKey(.ed25519)
        let folder = TemporaryDirectory()
        let path = folder["key.pem"]
        let file = try FileDescriptor.open(path, .createNew)
        try key.pem.withBytes { bytes throws(SystemError) in try file.write(bytes, at: 0) }
        let client = try await HubClient.connect(
            to: hub.url, as: "a", credentials: .key(name: "k1", file: path), options: Self.quick)
        let hello = try #require(hub.diary.notes.withLock { $0.hellos.last })
        #expect(hello.key == "k1")
        #expect(hello.signature?.isEmpty == false)
        await client.close()
        let failure = await #expect(throws: ClientError.self) {
            _ = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        }
        #expect(failure != nil)
    }

    @Test("a token goes to the hub in the first frame, and nowhere else")
    func token() async throws {
        let hub = try ScriptedHub()
        defer { hub.stop() }
        let client = try await HubClient.connect(
            to: hub.url, as: "a", credentials: .token("secret"), options: Self.quick)
        #expect(hub.diary.notes.withLock { $0.hellos.map(\.token) } == ["secret"])
        await client.close()
    }

    @Test("agents, presence, pauses, statuses and steps of sessions are answered")
    func others() async throws {
        let hub = try ScriptedHub(Script(heartbeatSeconds: 1))
        defer { hub.stop() }
        let client = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        try await Self.within(20, "answers") {
            #expect(try await client.agents().map(\.agent) == ["a"])
            var changes = try await client.watchPresence().makeAsyncIterator()
            #expect(await changes.next()?.agent == "a")
            try await client.pause()
            try await client.resume()
            try await client.status("busy", currentTask: "t", progress: 0.5)
            try await client.openSession("s", with: "b", purpose: "talk")
            try await client.closeSession("s", reason: "done")
            while hub.diary.notes.withLock({ $0.beats }) == 0 { try await Task.sleep(for: .milliseconds(20)) }
        }
        await client.close()
    }

    @Test(
        "URLs that are none of a hub are refused with the reason",
        arguments: ["http://h", "ws://", "nowhere", "unix:", "ws://u@h"])
    func urls(_ url: String) async {
        let failure = await #expect(throws: ClientError.self) {
            _ = try await HubClient.connect(to: url, as: "a")
        }
        guard case .badURL = failure else {
            Issue.record("another error: \(String(describing: failure))")
            return
        }
    }

    @Test("closing waits for the receipts that are due, and then nothing is taken any more")
    func closing() async throws {
        let hub = try ScriptedHub()
        defer { hub.stop() }
        let client = try await HubClient.connect(to: hub.url, as: "a", options: Self.quick)
        for number in 1...200 { try client.post(topic: "t", .json("\(number)")) }
        await client.close()
        #expect(hub.diary.notes.withLock { $0.log.count } == 200)
        #expect(throws: ClientError.closed) { try client.post(topic: "t", .json("1")) }
        await #expect(throws: ClientError.closed) { _ = try await client.subscribe(["t"]) }
    }
}
