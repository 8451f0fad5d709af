import HubBytes
import HubConnection
import HubProtocols
import HubServer
import HubSystem
import SocketPeer
import Testing

@Suite("Hostile web clients")
struct HostileTests {
    private static let slow: [(name: String, pieces: [String])] = [
        ("nothing at all", []),
        ("half a head", ["GET / HTTP/1.1\r\nHo"]),
        ("half of the content", ["POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 10\r\n\r\nabc"]),
        ("no second request", ["GET / HTTP/1.1\r\nHost: hub\r\n\r\n"]),
    ]

    @Test("Who does not go on in time is cut off, at each stage", arguments: slow)
    func deadlines(name: String, pieces: [String]) throws {
        var settings = WebSettings.patient
        settings.firstRequestMilliseconds = 150
        settings.headMilliseconds = 150
        settings.contentMilliseconds = 150
        settings.keepAliveMilliseconds = 150
        let hub = try WebHub(.patient, settings)
        let peer = try Peer(hub.address)
        for piece in pieces { #expect(peer.send(piece)) }
        #expect(peer.ending() == .failed, "\(name)")
        #expect(hub.recorder.waits { _ in hub.group.count(.timeoutDeadline) == 1 })
    }

    @Test("A head that comes byte by byte has to end in time all the same, and content has to be fast enough")
    func byteByByte() throws {
        var settings = WebSettings.patient
        settings.headMilliseconds = 300
        settings.contentMilliseconds = 300
        let hub = try WebHub(.patient, settings)
        for start in ["GET /", "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 99999\r\n\r\n"] {
            let peer = try Peer(hub.address)
            #expect(peer.send(start))
            var sent = 0
            while sent < 300, peer.send("a") {
                sent += 1
                SystemClock.sleep(milliseconds: 20)
            }
            #expect(sent < 300, "\(start)")
        }
    }

    @Test("Who sends requests for ever and reads nothing is not read from, and costs a bounded amount")
    func neverReads() throws {
        var connections = ConnectionSettings.patient
        connections.outboundHighWater = 256 * 1024
        connections.outboundLowWater = 64 * 1024
        let hub = try WebHub(connections)
        let peer = try Peer(hub.address)
        peer.shrinkBuffers()
        let requests = Array(String(repeating: "GET /large HTTP/1.1\r\nHost: hub\r\n\r\n", count: 100).utf8)
        var idle = 0
        while idle < 30 {
            if peer.sendNow(requests) > 0 { idle = 0 } else { idle += 1 }
            SystemClock.sleep(milliseconds: 10)
        }
        let seen = hub.recorder.read { $0.requests.count }
        // One answer more than the high-water mark, and the system's own buffers.
        #expect(hub.group.count(.queuedMax) <= 512 * 1024)
        #expect(seen < 200)
        let other = try Peer(hub.address)
        #expect(other.get("/") && other.answer()?.content == "/\n")
    }

    @Test("A flood of pings that nobody reads the answers to takes no more memory than the bound")
    func pingFlood() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        _ = peer.upgrade()
        peer.shrinkBuffers()
        let pings = (0..<200).flatMap { _ in Peer.frame(.ping, [UInt8](repeating: 65, count: 100)) }
        for _ in 0..<200 { #expect(peer.send(pings)) }
        #expect(hub.counters[.pings] > 10_000)
        #expect(hub.group.count(.queuedMax) < 256 * 1024)
        let other = try Peer(hub.address)
        _ = other.upgrade()
        #expect(other.send(.text, "calm") && other.message() == "calm")
    }

    @Test(
        "Messages to a peer that does not read them wait there once it is full, and all come back when it reads"
    )
    func backPressure() throws {
        var connections = ConnectionSettings.patient
        connections.outboundHighWater = 128 * 1024
        connections.outboundLowWater = 32 * 1024
        let hub = try WebHub(connections)
        let peer = try Peer(hub.address)
        _ = peer.upgrade()
        let message = Peer.frame(.binary, [UInt8](repeating: 7, count: 10_000))
        var waiting: [UInt8] = []
        var begun = 0
        var idle = 0
        while idle < 20, begun < 5_000 {
            if waiting.isEmpty {
                waiting = message
                begun += 1
            }
            let count = peer.sendNow(waiting)
            waiting.removeFirst(count)
            idle = count > 0 ? 0 : idle + 1
            if count == 0 { SystemClock.sleep(milliseconds: 10) }
        }
        #expect(begun < 5_000 && hub.group.count(.queuedMax) <= 256 * 1024)
        #expect(hub.recorder.waits { $0.filled > 0 })
        for _ in 1..<begun { #expect(peer.frame()?.payload.count == 10_000) }
        #expect(peer.send(waiting) && peer.frame()?.payload.count == 10_000)
    }
}
