import Randomness
import Testing

@testable import HubClient

@Suite("Client in a simulated world")
struct SimulationTests {
    /// Two clients, each of which publishes and reads what both publish, on links that break.
    private static func run(_ seed: UInt64, consumers: [String?], mayRefuse: Bool) {
        var random = SplitMix64(seed: seed)
        var hub = ModelHub()
        let clients = consumers.enumerated().map {
            SimulatedClient("client\($0.offset)", consumer: $0.element, seed: seed &+ UInt64($0.offset))
        }
        var now: Int64 = 0
        var connections = 0
        func step(_ client: SimulatedClient, _ action: Int) {
            switch action {
            case 0: client.publish(now: now)
            case 1, 2, 3: client.deliverUp(&hub)
            case 4, 5, 6: client.deliverDown(now: now)
            case 7: client.settleOne(&random, mayRefuse: mayRefuse, now: now)
            case 8:
                connections += 1
                client.open(connections, now: now)
            default: client.tick(now: now)
            }
            for client in clients { client.give(&hub) }
        }
        for _ in 0..<1500 {
            // Slow enough that what the hub delivers again arrives within the time that the client takes it for an echo.
            now += Int64(random.below(40))
            let client = clients[random.below(clients.count)]
            if random.once(in: 25) {
                client.cut(&hub, now: now)
                client.forgetHeld()
            }
            step(client, random.below(10))
        }
        var rounds = 0
        while rounds < 20_000, !clients.allSatisfy(\.isQuiet) {
            rounds += 1
            now += 50
            for client in clients { for action in 1..<10 { step(client, action) } }
        }
        check(clients, hub, seed)
    }

    private static func check(_ clients: [SimulatedClient], _ hub: ModelHub, _ seed: UInt64) {
        for client in clients {
            #expect(client.isQuiet, "seed \(seed): \(client.name) has come to rest")
            #expect(client.failures == 0, "seed \(seed)")
            let numbers = hub.log.filter { $0.sender == client.name }.compactMap { UInt64($0.id) }
            let wanted = Array(1..<client.published + 1)
            #expect(numbers == wanted, "seed \(seed): each message is in the log once, in order")
            #expect(
                client.outcomes == Dictionary(uniqueKeysWithValues: wanted.map { ($0, 1) }),
                "seed \(seed): each message has one receipt")
            var times: [UInt64: Int] = [:]
            for offset in client.given { times[offset, default: 0] += 1 }
            var due: [UInt64: Int] = [:]
            for offset in hub.log.indices { due[UInt64(offset)] = 1 + (client.refused[UInt64(offset)] ?? 0) }
            #expect(times == due, "seed \(seed): each message is handed out once, and once for each refusal")
            if client.refused.isEmpty {
                #expect(client.given == client.given.sorted(), "seed \(seed): in order")
            }
        }
    }

    @Test(
        "each message is in the log once, receipted once and handed out once, in order, whatever breaks",
        arguments: 0..<40)
    func exactlyOnce(_ seed: UInt64) { Self.run(seed, consumers: ["a", "b"], mayRefuse: false) }

    @Test("so it is for consumers that live with their connection", arguments: 0..<40)
    func nameless(_ seed: UInt64) { Self.run(seed, consumers: [nil, "b"], mayRefuse: false) }

    @Test("what is refused comes again as often as it was refused", arguments: 0..<40)
    func refused(_ seed: UInt64) { Self.run(seed, consumers: ["a", "b"], mayRefuse: true) }
}
