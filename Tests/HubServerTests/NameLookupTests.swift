import HubServer
import HubSystem
import Synchronization
import Testing

@Suite("Looking up names")
struct NameLookupTests {
    @Test("Addresses and names of this machine have addresses, names that cannot be have none")
    func answers() throws {
        let lookup = try NameLookup(threads: 2)
        let found = Mutex<[String: [SocketAddress]]>([:])
        for host in ["127.0.0.1", "::1", "localhost", "no such host", ""] {
            let isTaken = lookup.ask(host: host, port: 80) { addresses in
                found.withLock { $0[host] = addresses }
            }
            #expect(isTaken)
        }
        lookup.stop()
        let all = found.withLock { $0 }
        #expect(all["127.0.0.1"] == [try #require(SocketAddress("127.0.0.1:80"))])
        #expect(all["::1"] == [try #require(SocketAddress("[::1]:80"))])
        #expect(all["localhost"]?.isEmpty == false)
        #expect(all["no such host"] == [])
        #expect(all.count == 5)
    }

    @Test("Questions beyond the bound are refused, not kept")
    func bounded() throws {
        let lookup = try NameLookup(threads: 1, waitingMax: 4)
        let gate = Mutex(())
        let answers = Atomic(0)
        var taken = 0
        gate.withLock { _ in
            // The first answer waits for the gate, and everybody behind it for the first.
            for _ in 0..<20 {
                let isTaken = lookup.ask(host: "127.0.0.1", port: 1) { _ in
                    gate.withLock { _ in }
                    answers.wrappingAdd(1, ordering: .relaxed)
                }
                if isTaken { taken += 1 }
            }
        }
        #expect((4...5).contains(taken))
        lookup.stop()
        #expect(answers.load(ordering: .relaxed) == taken)
    }
}
