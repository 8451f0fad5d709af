import HubBytes
import HubProtocols
import HubSystem
import SocketPeer
import Testing

@Suite("Descriptors")
struct DescriptorTests {
    @Test(
        "With more clients than descriptors a server lives, goes on with those it has, and takes new ones later"
    )
    func moreThanDescriptors() throws {
        let limit = 64
        let server = try ServerProcess(descriptors: limit)
        let old = try (0..<8).map { _ in try Peer(server.address) }
        for peer in old { #expect(peer.upgrade().first == "HTTP/1.1 101 Switching Protocols") }

        var served: [Peer] = []
        var refused = 0
        let waiting = try (0..<3 * limit).map { _ in try Peer(server.address) }
        for (number, peer) in waiting.enumerated() {
            if peer.get("/"), peer.answer()?.content == "hello\n" {
                served.append(peer)
            } else {
                refused += 1
            }
            // Whoever was there before is served all the while.
            let other = old[number % old.count]
            #expect(other.send(.text, "\(number)") && other.message() == "\(number)")
        }
        #expect(served.count + old.count < limit && served.count > limit / 2)
        #expect(refused == waiting.count - served.count && server.isRunning)

        // It does not spin while there is nothing to be had.
        let before = try server.processorSeconds()
        let more = try (0..<20).map { _ in try Peer(server.address) }
        SystemClock.sleep(milliseconds: 1000)
        #expect(try server.processorSeconds() - before < 0.5)
        for peer in more { #expect(peer.ending() != .none) }

        // As many as were served before find room when these go.
        let room = served.count
        for peer in served { peer.leave() }
        served = []
        let end = SystemClock.monotonicNanoseconds() + 30_000_000_000
        while served.count < room, SystemClock.monotonicNanoseconds() < end {
            let peer = try Peer(server.address)
            if peer.get("/"), peer.answer()?.content == "hello\n" { served.append(peer) }
        }
        #expect(served.count == room && server.isRunning)
        for peer in old { #expect(peer.send(.text, "still") && peer.message() == "still") }
    }
}
