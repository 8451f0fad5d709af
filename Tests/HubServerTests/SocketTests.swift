import HubBytes
import HubConnection
import HubProtocols
import HubServer
import HubSystem
import SocketPeer
import Testing

@Suite("WebSockets")
struct SocketTests {
    @Test("The first of the client's subprotocols that is spoken is chosen, and messages come back")
    func opens() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        let head = peer.upgrade("/", "Sec-WebSocket-Protocol: unknown, second, first")
        #expect(head.first == "HTTP/1.1 101 Switching Protocols")
        #expect(head.contains("Sec-WebSocket-Protocol: second"))
        #expect(hub.recorder.waits { $0.opened.first?.subprotocol == "second" })
        #expect(peer.send(.text, "hello") && peer.message() == "hello")
        #expect(peer.send(.text, "in ", isFinal: false) && peer.send(.ping, "?"))
        #expect(peer.send(.continuation, "pieces"))
        #expect(peer.frame()?.opcode == FrameOpcode.pong.rawValue && peer.message() == "in pieces")
        #expect(peer.send(.close) && peer.frame()?.opcode == FrameOpcode.close.rawValue)
        #expect(peer.ending() == .end)
        #expect(hub.recorder.read { $0.closed.map(\.code) } == [1005])
    }

    @Test("Messages behind the request for a WebSocket are read, and requests before it are answered")
    func inOnePiece() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        let request =
            "GET /x HTTP/1.1\r\nHost: hub\r\n\r\nGET / HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        #expect(peer.send(Array(request.utf8) + Peer.frame(.text, Array("early".utf8))))
        #expect(peer.answer()?.content == "/x\n")
        #expect(peer.head().first == "HTTP/1.1 101 Switching Protocols" && peer.message() == "early")
    }

    @Test(
        "A WebSocket behind an unanswered request is refused, one that is no WebSocket for the application is a page"
    )
    func behindRequests() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        #expect(peer.upgrade("/page").first == "HTTP/1.1 200 OK")
        let other = try Peer(hub.address)
        #expect(other.get("/hold") && hub.recorder.waits { $0.tokens.count == 2 })
        let token = hub.recorder.read { $0.tokens[1] }
        #expect(
            other.send(
                "GET / HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"))
        SystemClock.sleep(milliseconds: 50)
        hub.run { web, loop in web.answer(token, .ok, sentence: "held", &loop) }
        #expect(other.answer()?.content == "held\n" && other.answer()?.status == 400)
    }

    private static let faults: [(bytes: [UInt8], code: Int)] = [
        ([0x81, 0x01, 0x41], 1002),
        ([0xc1, 0x80, 0, 0, 0, 0], 1002),
        (Peer.frame(.text, [0xff]), 1007),
        (Peer.frame(.binary, [UInt8](repeating: 0, count: 1001)), 1009),
        (
            Peer.frame(.binary, [UInt8](repeating: 0, count: 600), isFinal: false)
                + Peer.frame(.continuation, [UInt8](repeating: 0, count: 600)), 1009
        ),
        ([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], 1009),
    ]

    @Test("Who breaks a rule is told which, and hears no more", arguments: faults)
    func refusesFaults(bytes: [UInt8], code: Int) throws {
        var settings = WebSettings.patient
        settings.webSocket.messageBytesMax = 1000
        let hub = try WebHub(.patient, settings)
        let peer = try Peer(hub.address)
        _ = peer.upgrade()
        #expect(peer.send(bytes) && peer.send(.text, "not seen"))
        #expect(peer.closeCode() == code && peer.ending() == .end)
        #expect(hub.recorder.waits { $0.closed.map(\.code) == [code] })
        #expect(hub.recorder.read { $0.messages } == [])
    }

    @Test("A peer that is silent is asked, and given up if it stays so; one that answers stays")
    func keepAlive() throws {
        var settings = WebSettings.patient
        settings.webSocket.pingAfter = 100_000_000
        settings.webSocket.pongWithin = 400_000_000
        let hub = try WebHub(.patient, settings)
        let silent = try Peer(hub.address)
        let lively = try Peer(hub.address)
        _ = silent.upgrade()
        _ = lively.upgrade()
        for _ in 0..<8 {
            let ping = lively.frame()
            #expect(ping?.opcode == FrameOpcode.ping.rawValue)
            #expect(lively.send(.pong))
        }
        #expect(hub.recorder.waits { $0.closed.map(\.code) == [1006] })
        #expect(hub.counters[.socketsSilent] == 1)
        #expect(lively.send(.text, "here"))
        var last = lively.frame()
        while last?.opcode == FrameOpcode.ping.rawValue { last = lively.frame() }
        #expect(last?.payload == Array("here".utf8))
    }

    @Test("The hub closes with a code and waits for the answer, or for so long")
    func closes() throws {
        var settings = WebSettings.patient
        settings.webSocket.closeWithin = 100_000_000
        let hub = try WebHub(.patient, settings)
        let polite = try Peer(hub.address)
        _ = polite.upgrade()
        let rude = try Peer(hub.address)
        _ = rude.upgrade()
        #expect(hub.recorder.waits { $0.opened.count == 2 })
        for id in hub.recorder.read({ $0.opened.map(\.id) }) {
            hub.run { web, loop in "enough".withBytes { web.close(id, .policyViolation, $0, &loop) } }
        }
        #expect(polite.closeCode() == 1008 && rude.closeCode() == 1008)
        #expect(polite.send(Peer.frame(.close, [0x03, 0xf0])))
        #expect(polite.ending() == .end)
        #expect(rude.ending() == .failed)
        #expect(hub.recorder.waits { $0.closed.map(\.code) == [1008, 1008] })
    }

    @Test("When the loop stops, WebSockets are told that the hub goes away")
    func goingAway() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        _ = peer.upgrade()
        hub.group.loops[0].stop(graceMilliseconds: 10_000)
        #expect(peer.closeCode() == 1001 && peer.ending() == .end)
    }

    @Test("One payload goes to all who get it, with a header for each")
    func fanOut() throws {
        let hub = try WebHub()
        let peers = try (0..<20).map { _ in try Peer(hub.address) }
        for peer in peers { _ = peer.upgrade() }
        #expect(hub.recorder.waits { $0.opened.count == 20 })
        let ids = hub.recorder.read { $0.opened.map(\.id) }
        hub.run { web, loop in
            var buffer = ByteBuffer(capacity: 3000)
            buffer.append(zeros: 3000)
            let payload = SharedBytes(buffer)
            for id in ids { web.send(id, .binary, shared: payload, &loop) }
        }
        for peer in peers { #expect(peer.frame()?.payload == [UInt8](repeating: 0, count: 3000)) }
    }

    @Test("Compressed messages come back, in pieces too")
    func compressed() throws {
        var settings = WebSettings.patient
        settings.handshake.deflate = DeflateSettings()
        let hub = try WebHub(.patient, settings)
        let other = try WebHub(.patient, settings, echoes: false)
        let (text, port) = ("ws://127.0.0.1:\(hub.port)/", hub.address)
        other.run { web, loop in
            guard let url = try? HTTPURL(text) else { return }
            var request = WebSocketRequest(url, at: port)
            request.deflate = DeflateSettings()
            request.subprotocols = ["first"]
            _ = try? web.open(request, &loop)
        }
        #expect(other.recorder.waits { $0.opened.first?.subprotocol == "first" })
        let id = other.recorder.read { $0.opened[0].id }
        let long = String(repeating: "again and ", count: 5_000)
        other.run { web, loop in long.withBytes { _ = web.send(id, .text, $0, &loop) } }
        #expect(other.recorder.waits { $0.messages == ["50000 bytes"] })
        #expect(hub.group.count(.bytesIn) < 5_000)
        other.run { web, loop in web.close(id, .normal, RawSpan(), &loop) }
        #expect(hub.recorder.waits { $0.closed.map(\.code) == [1000] })
        #expect(other.recorder.waits { $0.closed.map(\.code) == [1000] })
    }
}
