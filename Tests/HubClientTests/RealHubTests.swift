import HubClient
import HubServer
import HubSystem
import LogSamples
import Synchronization
import Testing

@Suite("Client against a hub", .serialized)
struct RealHubTests {
    private static var quick: ClientOptions { ClientTests.quick }

    private static func start(_ directory: TemporaryDirectory, port: UInt16 = 0) throws -> (
        hub: Hub, url: String, port: UInt16
    ) {
        let address = SocketAddress.ip(try #require(IPAddress("127.0.0.1")), port: port)
        var settings = HubSettings(
            directory: directory.path + "/log", endpoints: [HubSettings.Endpoint(address)])
        settings.drainMilliseconds = 200
        let hub = try Hub(settings)
        guard case .ip(_, let actual) = hub.addresses[0] else { throw ClientTestError.noPort }
        return (hub, "ws://127.0.0.1:\(actual)", actual)
    }

    @Test("publish, deliver, acknowledge, refuse, replay")
    func roundTrip() async throws {
        let directory = TemporaryDirectory()
        let (hub, url, _) = try Self.start(directory)
        defer { hub.stop() }
        let client = try await HubClient.connect(to: url, as: "alice", options: Self.quick)
        var options = SubscribeOptions(consumer: "c")
        options.acknowledgement = .manual
        options.backoffInitialMilliseconds = 10
        let subscription = try await client.subscribe(["t.>"], options: options)
        for number in 1...5 {
            let receipt = try await client.publish(topic: "t.a", .json("{\"n\":\(number)}"))
            #expect(receipt.sequence == UInt64(number))
        }
        let seen = try await ClientTests.within(20, "deliveries") {
            var seen: [String] = []
            for try await delivery in subscription {
                seen.append("\(delivery.json) \(delivery.attempt)")
                if delivery.json.contains("3"), delivery.attempt == 1 {
                    delivery.nak()
                } else {
                    delivery.ack()
                }
                if seen.count == 6 { break }
            }
            return seen
        }
        #expect(
            seen.prefix(5) == ["{\"n\":1} 1", "{\"n\":2} 1", "{\"n\":3} 1", "{\"n\":4} 1", "{\"n\":5} 1"])
        #expect(seen.last == "{\"n\":3} 2")
        let replayed = try await ClientTests.within(20, "a replay") {
            var all: [String] = []
            for try await delivery in try client.replay(session: "topic:t.a") { all.append(delivery.json) }
            return all
        }
        #expect(replayed == (1...5).map { "{\"n\":\($0)}" })
        await client.close()
    }

    @Test("a command has its answer, and one that nobody answers ends by the hub's word")
    func commands() async throws {
        let directory = TemporaryDirectory()
        let (hub, url, _) = try Self.start(directory)
        defer { hub.stop() }
        let planner = try await HubClient.connect(to: url, as: "planner", options: Self.quick)
        let worker = try await HubClient.connect(to: url, as: "worker", options: Self.quick)
        let inbox = try await worker.inbox()
        let service = Task {
            for try await delivery in inbox where delivery.kind == .command {
                if delivery.json.contains("double") {
                    try await worker.respond(to: delivery, result: .json("84"))
                }
            }
        }
        let response = try await ClientTests.within(20, "an answer") {
            try await planner.command(to: "worker", "double", arguments: .json("42"))
        }
        #expect(response.isCompleted)
        #expect(response.json == "84")
        let late = try await ClientTests.within(20, "the hub's end") {
            try await planner.command(to: "worker", "sleep", timeoutMilliseconds: 200)
        }
        #expect(late.isFromHub)
        #expect(late.error == "timeout")
        await worker.close()
        _ = try await service.value
        await planner.close()
    }

    @Test("a hub that is stopped and started again under load loses nothing and gives nothing twice")
    func restarts() async throws {
        let directory = TemporaryDirectory()
        var (hub, url, port) = try Self.start(directory)
        let writer = try await HubClient.connect(to: url, as: "writer", options: Self.quick)
        let reader = try await HubClient.connect(to: url, as: "reader", options: Self.quick)
        let subscription = try await reader.subscribe(["t"], options: SubscribeOptions(consumer: "c"))
        let total = 600
        let seen = Mutex<[String]>([])
        let reading = Task {
            for try await delivery in subscription {
                let count = seen.withLock { seen -> Int in
                    seen.append(delivery.json)
                    return seen.count
                }
                if count == total { break }
            }
        }
        let writing = Task {
            for number in 1...total { try await writer.publish(topic: "t", .json("\(number)")) }
        }
        for _ in 0..<3 {
            try await Task.sleep(for: .milliseconds(80))
            hub.stop()
            (hub, url, port) = try Self.start(directory, port: port)
        }
        try await ClientTests.within(60, "all receipts") { try await writing.value }
        try await ClientTests.within(60, "all deliveries") { try await reading.value }
        #expect(seen.withLock { $0 } == (1...total).map { "\($0)" })
        await writer.close()
        await reader.close()
        hub.stop()
    }

    @Test("sessions, presence, agents, pauses and statuses")
    func others() async throws {
        let directory = TemporaryDirectory()
        let (hub, url, _) = try Self.start(directory)
        defer { hub.stop() }
        let a = try await HubClient.connect(to: url, as: "a", options: Self.quick)
        let changes = try await a.watchPresence()
        let b = try await HubClient.connect(to: url, as: "b", options: Self.quick)
        try await ClientTests.within(20, "presence of b") {
            for await change in changes where change.agent == "b" && change.state == "online" { return }
        }
        let inbox = try await b.inbox()
        try await a.openSession("talk", with: "b", purpose: "a talk")
        let opened = try await ClientTests.within(20, "the proposal") { () -> Delivery? in
            for try await delivery in inbox where delivery.kind == .sessionOpen { return delivery }
            return nil
        }
        #expect(opened?.session == "talk")
        try await b.acceptSession("talk")
        var options = PublishOptions()
        options.session = "talk"
        let receipt = try await a.publish(to: "b", .text("hello"), options: options)
        #expect(receipt.session == "talk")
        try await a.closeSession("talk", reason: "done")
        try await a.status("busy")
        try await a.pause()
        try await a.resume()
        let agents = try await a.agents().map(\.agent).sorted()
        #expect(agents.contains("a") && agents.contains("b"))
        await a.close()
        await b.close()
    }
}
