import HubBytes
import HubConnection
import HubServer
import HubSystem
import SocketPeer
import Testing

@Suite("Streams of events")
struct StreamTests {
    private func begin(_ hub: WebHub, _ peer: Peer, version: String = "1.1") -> WebToken? {
        guard peer.send("GET /events HTTP/\(version)\r\nHost: hub\r\n\r\n"),
            hub.recorder.waits(until: { $0.tokens.count == 1 })
        else { return nil }
        return hub.recorder.read { $0.tokens[0] }
    }

    @Test("Events arrive as they are sent, requests behind them wait for the end")
    func sends() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        let token = try #require(begin(hub, peer))
        #expect(peer.get("/next"))
        #expect(peer.head().contains("Content-Type: text/event-stream"))
        for number in 1...3 {
            hub.run { web, loop in
                "text \(number)".withBytes { data in
                    "\(number)".withBytes { id in
                        _ = try? web.sendEvent(token, name: "tick", id: id, data: data, &loop)
                    }
                }
            }
            #expect(peer.chunk() == "id: \(number)\nevent: tick\ndata: text \(number)\n\n")
        }
        hub.run { web, loop in web.end(token, &loop) }
        #expect(peer.chunk() == "")
        _ = peer.receive(2)
        #expect(peer.answer()?.content == "/next\n")
    }

    @Test("A silent stream gets comments, and a client that leaves is told of")
    func comments() throws {
        var settings = WebSettings.patient
        settings.eventCommentMilliseconds = 30
        let hub = try WebHub(.patient, settings)
        let peer = try Peer(hub.address)
        let token = try #require(begin(hub, peer))
        _ = peer.head()
        #expect(peer.chunk() == ":\n\n" && peer.chunk() == ":\n\n")
        peer.reset()
        #expect(hub.recorder.waits { $0.abandoned == [token] })
    }

    @Test("To a client of HTTP/1.0 a stream ends with the connection")
    func oldVersion() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        let token = try #require(begin(hub, peer, version: "1.0"))
        _ = peer.head()
        hub.run { web, loop in
            "x".withBytes { _ = try? web.sendEvent(token, name: nil, id: nil, data: $0, &loop) }
            web.end(token, &loop)
        }
        #expect(peer.text(9) == "data: x\n\n" && peer.ending() == .end)
    }

    @Test("A client that does not read a stream costs no more than the bound")
    func bounded() throws {
        var connections = ConnectionSettings.patient
        connections.outboundHighWater = 64 * 1024
        connections.outboundLowWater = 16 * 1024
        connections.outboundMax = 256 * 1024
        let hub = try WebHub(connections)
        let peer = try Peer(hub.address)
        peer.shrinkBuffers()
        let token = try #require(begin(hub, peer))
        let text = String(repeating: "x", count: 10_000)
        let recorder = hub.recorder
        var rounds = 0
        while rounds < 5_000, recorder.read({ $0.filled }) == 0 {
            // One in a turn: what a turn sends beyond the bound is refused, and not what this is about.
            hub.run { web, loop in
                text.withBytes { _ = try? web.sendEvent(token, name: nil, id: nil, data: $0, &loop) }
                recorder.note { $0.messages.append("sent") }
            }
            rounds += 1
            let sent = rounds
            #expect(recorder.waits { $0.messages.count == sent })
        }
        #expect(rounds < 5_000)
        #expect(hub.group.count(.queuedMax) <= 256 * 1024)
        #expect(peer.get("/"))
        let other = try Peer(hub.address)
        #expect(other.get("/other") && other.answer()?.content == "/other\n")
    }
}
