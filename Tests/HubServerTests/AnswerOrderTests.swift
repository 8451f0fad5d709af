import HubBytes
import HubConnection
import HubProtocols
import HubServer
import HubSystem
import SocketPeer
import Testing

@Suite("Answers that others wait behind")
struct AnswerOrderTests {
    private static let large = [UInt8](repeating: 120, count: 3 << 20)

    private static func answer(_ hub: WebHub, _ token: WebToken) {
        hub.run { web, loop in
            large.withBytes { web.answer(token, .ok, type: "text/plain", $0, &loop) }
        }
    }

    @Test("Answers that together are more than may wait to be sent come one after the other")
    func largeOnes() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        let request = "GET /hold HTTP/1.1\r\nHost: hub\r\n\r\n"
        #expect(peer.send(String(repeating: request, count: 4)))
        #expect(hub.recorder.waits { $0.tokens.count == 4 })
        let tokens = hub.recorder.read { $0.tokens }
        for token in tokens.reversed() { Self.answer(hub, token) }
        for _ in tokens { #expect(peer.answer()?.content.utf8.count == Self.large.count) }
        #expect(hub.group.count(.queuedMax) <= ConnectionSettings().outboundMax)
        #expect(peer.get("/after") && peer.answer()?.content == "/after\n")
    }

    @Test("An answer that comes when the loop stops does not destroy the one that is being sent")
    func stopping() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        let request = "GET /hold HTTP/1.1\r\nHost: hub\r\n\r\n"
        #expect(peer.send(String(repeating: request, count: 2)))
        #expect(hub.recorder.waits { $0.tokens.count == 2 })
        let tokens = hub.recorder.read { $0.tokens }
        Self.answer(hub, tokens[0])
        hub.run { web, loop in }
        hub.group.loops[0].stop(graceMilliseconds: 30_000)
        hub.run { web, loop in web.answer(tokens[1], .ok, sentence: "too late", &loop) }
        SystemClock.sleep(milliseconds: 200)
        #expect(peer.answer()?.content.utf8.count == Self.large.count)
        peer.finish()
        #expect(peer.ending() == .end)
    }

    @Test("A request that the application has not seen is not told of as abandoned")
    func unseen() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        #expect(peer.get("/hold") && hub.recorder.waits { $0.tokens.count == 1 })
        #expect(peer.send("POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 10\r\n\r\nabc"))
        SystemClock.sleep(milliseconds: 50)
        peer.reset()
        #expect(hub.recorder.waits { !$0.abandoned.isEmpty })
        #expect(hub.recorder.read { $0.abandoned == $0.tokens })
    }

    @Test("A page that may not call may not open a WebSocket either")
    func foreignPages() throws {
        var settings = WebSettings.patient
        settings.crossOrigin = HTTPCrossOrigin(origins: ["https://good.example"])
        let hub = try WebHub(.patient, settings)
        let bad = try Peer(hub.address)
        #expect(bad.upgrade("/", "Origin: https://bad.example").first == "HTTP/1.1 403 Forbidden")
        for origin in ["https://good.example", "http://hub"] {
            let good = try Peer(hub.address)
            #expect(good.upgrade("/", "Origin: \(origin)").first == "HTTP/1.1 101 Switching Protocols")
        }
        #expect(hub.recorder.waits { $0.opened.count == 2 })
    }
}
