import HubBytes
import HubConnection
import HubProtocols
import HubServer
import HubSystem
import SocketPeer
import Testing

@Suite("Limits of time that hold for the client, not for the answer")
struct DeadlineTests {
    private static let last: [(name: String, pieces: [String], status: Int)] = [
        ("of HTTP/1.0", ["GET /hold HTTP/1.0\r\n\r\n"], 200),
        ("that says so", ["GET /hold HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n"], 200),
        (
            "whose head came in pieces",
            ["GET /hold HTTP/1.1\r\nHo", "st: hub\r\nConnection: close\r\n\r\n"], 200
        ),
        (
            "whose content came in pieces",
            ["POST /hold HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nContent-Length: 4\r\n\r\nab", "cd"],
            200
        ),
        ("before one that cannot be read", ["GET /hold HTTP/1.1\r\nHost: hub\r\n\r\nBREW\r\n\r\n"], 200),
    ]

    @Test("The last request of a connection has as much time to be answered as any other", arguments: last)
    func lastRequest(name: String, pieces: [String], status: Int) throws {
        var settings = WebSettings.patient
        settings.firstRequestMilliseconds = 300
        settings.headMilliseconds = 300
        settings.contentMilliseconds = 300
        settings.contentBytesPerSecondMin = 1
        let hub = try WebHub(.patient, settings)
        let peer = try Peer(hub.address)
        for piece in pieces {
            #expect(peer.send(piece))
            SystemClock.sleep(milliseconds: 50)
        }
        #expect(hub.recorder.waits { $0.tokens.count == 1 })
        SystemClock.sleep(milliseconds: 800)
        let token = hub.recorder.read { $0.tokens[0] }
        hub.run { web, loop in web.answer(token, .ok, sentence: "late", &loop) }
        let answer = peer.answer()
        #expect(answer?.description == "\(status) late\n", "a request \(name)")
    }

    @Test("Times and rates that mean never stop nothing")
    func never() throws {
        var settings = WebSettings.patient
        settings.firstRequestMilliseconds = .max
        settings.keepAliveMilliseconds = .max
        settings.headMilliseconds = .max
        settings.contentMilliseconds = .max
        settings.contentBytesPerSecondMin = .max
        settings.eventCommentMilliseconds = .max
        settings.webSocket.pingAfter = .max
        settings.webSocket.pongWithin = .max
        settings.webSocket.closeWithin = .max
        let hub = try WebHub(.patient, settings)
        let peer = try Peer(hub.address)
        #expect(peer.send("POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 4\r\n\r\nab"))
        SystemClock.sleep(milliseconds: 50)
        #expect(peer.send("cd") && peer.answer()?.content == "abcd")
        #expect(peer.get("/events") && !peer.head().isEmpty)
        let other = try Peer(hub.address)
        _ = other.upgrade()
        #expect(other.send(.text, "here") && other.message() == "here")
        let (port, address) = (hub.port, hub.address)
        hub.run { web, loop in
            guard let url = try? HTTPURL("http://127.0.0.1:\(port)/called") else { return }
            var call = WebCall(.get, url, at: address)
            call.timeoutMilliseconds = .max
            _ = try? web.call(call, &loop)
        }
        #expect(hub.recorder.waits { $0.answers.count == 1 })
        #expect(hub.recorder.read { $0.answers[0].content } == "/called\n")
    }
}
