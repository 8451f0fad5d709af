import HubClient
import HubModel
import HubSystem
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
