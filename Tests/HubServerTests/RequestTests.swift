import HubBytes
import HubConnection
import HubProtocols
import HubServer
import HubSystem
import SocketPeer
import Testing

@Suite("Requests")
struct RequestTests {
    private static let refusals: [(request: String, status: Int, sentence: String)] = [
        ("GET / HTTP/1.1\r\n\r\n", 400, HTTPFault.missingHost.rawValue),
        ("BREW\r\n\r\n", 400, HTTPFault.badRequestLine.rawValue),
        ("GET / HTTP/2.0\r\nHost: hub\r\n\r\n", 505, HTTPFault.versionNotSupported.rawValue),
        (
            "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", 400,
            HTTPFault.repeatedContentLength.rawValue
        ),
        (
            "POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400,
            HTTPFault.badChunkSize.rawValue
        ),
        ("POST /unwanted HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n\r\n", 404, "not here"),
        (
            "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 100001\r\n\r\n", 413,
            "the content of this request may have at most 100000 bytes"
        ),
        (
            "POST /echo HTTP/1.1\r\nHost: hub\r\nExpect: 100-continue\r\nContent-Length: 100001\r\n\r\n", 413,
            "the content of this request may have at most 100000 bytes"
        ),
        (
            "GET /chat HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 12\r\n\r\n", 426, "Sec-WebSocket-Version must be 13."
        ),
        (
            "GET /secret HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 403,
            "not you"
        ),
    ]

    @Test(
        "A refused request gets its status and a sentence, and then the connection ends", arguments: refusals)
    func refuses(request: String, status: Int, sentence: String) throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        #expect(peer.get("/before") && peer.send(request))
        #expect(peer.answer()?.content == "/before\n")
        let answer = peer.answer()
        #expect(answer?.description == "\(status) \(sentence)\n")
        #expect(answer?.value("Connection") == "close")
        peer.finish()
        #expect(peer.ending() == .end)
    }

    @Test("What is sent behind a refused request does not destroy its answer")
    func lingers() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        #expect(peer.send("POST /unwanted HTTP/1.1\r\nHost: hub\r\nContent-Length: 900000\r\n\r\n"))
        #expect(peer.send([UInt8](repeating: 1, count: 900_000)))
        #expect(peer.answer()?.status == 404)
        peer.finish()
        #expect(peer.ending() == .end)
    }

    @Test("Requests in one piece are answered in their order, also if a later one is answered first")
    func pipelines() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        let requests = ["/1", "/hold", "/2", "/hold", "/3"].map { "GET \($0) HTTP/1.1\r\nHost: hub\r\n\r\n" }
        #expect(peer.send(requests.joined()))
        #expect(hub.recorder.waits { $0.requests.count == 5 })
        let tokens = hub.recorder.read { $0.tokens }
        #expect(peer.answer()?.content == "/1\n")
        hub.run { web, loop in web.answer(tokens[3], .ok, sentence: "second", &loop) }
        hub.run { web, loop in web.answer(tokens[1], .accepted, sentence: "first", &loop) }
        #expect(peer.answer()?.description == "202 first\n")
        #expect(peer.answer()?.content == "/2\n")
        #expect(peer.answer()?.content == "second\n")
        #expect(peer.answer()?.content == "/3\n")
    }

    @Test("No more requests are read than may be unanswered, and the rest when there is room")
    func boundsPipelining() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        let request = "GET /hold HTTP/1.1\r\nHost: hub\r\n\r\n"
        #expect(peer.send(String(repeating: request, count: 40)))
        #expect(hub.recorder.waits { $0.requests.count == 16 })
        SystemClock.sleep(milliseconds: 50)
        #expect(hub.recorder.read { $0.requests.count } == 16)
        for number in 0..<40 {
            #expect(hub.recorder.waits { $0.tokens.count > number })
            let token = hub.recorder.read { $0.tokens[number] }
            hub.run { web, loop in web.answer(token, .ok, sentence: "\(number)", &loop) }
            #expect(peer.answer()?.content == "\(number)\n")
        }
        #expect(hub.recorder.read { $0.requests.count } == 40)
    }

    @Test("A request is answered once: a second answer, and one for a client that is gone, are dropped")
    func answersOnce() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        #expect(peer.get("/hold") && hub.recorder.waits { $0.tokens.count == 1 })
        let token = hub.recorder.read { $0.tokens[0] }
        hub.run { web, loop in
            web.answer(token, .ok, sentence: "one", &loop)
            web.answer(token, .ok, sentence: "two", &loop)
        }
        #expect(peer.answer()?.content == "one\n")
        #expect(peer.get("/hold") && hub.recorder.waits { $0.tokens.count == 2 })
        peer.reset()
        #expect(hub.recorder.waits { $0.abandoned.count == 1 })
        let (late, abandoned) = hub.recorder.read { ($0.tokens[1], $0.abandoned[0]) }
        #expect(late == abandoned)
        hub.run { web, loop in web.answer(late, .ok, sentence: "nobody", &loop) }
        let other = try Peer(hub.address)
        #expect(other.get("/") && other.answer()?.content == "/\n")
        #expect(hub.counters[.answersDropped] == 2)
    }

    @Test("Content comes whole, however it was framed and cut")
    func collectsContent() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        let content = String(repeating: "0123456789", count: 9_999)
        #expect(peer.send("POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 99990\r\n\r\n" + content))
        #expect(peer.answer()?.content == content)
        let chunked =
            "POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
        for byte in Array(chunked.utf8) {
            #expect(peer.send([byte]))
            SystemClock.sleep(milliseconds: 1)
        }
        #expect(peer.answer()?.content == "abcdefg")
        #expect(
            peer.send("PUT /echo HTTP/1.1\r\nHost: hub\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"))
        #expect(peer.head() == ["HTTP/1.1 100 Continue"])
        #expect(peer.send("hi"))
        #expect(peer.answer()?.content == "hi")
        let tooLarge = "POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n"
        #expect(peer.send(tooLarge) && peer.send([UInt8](repeating: 65, count: 100_001)))
        #expect(peer.answer()?.status == 413)
    }

    @Test("Content of all connections together has a bound")
    func boundsContent() throws {
        var settings = WebSettings.patient
        settings.contentBytesMax = 50_000
        let hub = try WebHub(.patient, settings)
        let first = try Peer(hub.address)
        let second = try Peer(hub.address)
        let head = "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 40000\r\n\r\n"
        #expect(first.send(head) && first.send([UInt8](repeating: 65, count: 39_999)))
        SystemClock.sleep(milliseconds: 100)
        #expect(second.send(head) && second.send([UInt8](repeating: 66, count: 40_000)))
        #expect(second.answer()?.status == 503)
        #expect(first.send("A") && first.answer()?.content.utf8.count == 40_000)
        let third = try Peer(hub.address)
        #expect(third.send(head) && third.send([UInt8](repeating: 67, count: 40_000)))
        #expect(third.answer()?.status == 200)
    }

    @Test(
        "Requests behind the one that ends the connection are given up, and its answer arrives all the same")
    func behindTheLast() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        let requests = ["/hold", "/hold"].map { "GET \($0) HTTP/1.1\r\nHost: hub\r\n\r\n" }
        #expect(peer.send(requests.joined() + "BREW\r\n\r\n"))
        #expect(hub.recorder.waits { $0.tokens.count == 2 })
        let tokens = hub.recorder.read { $0.tokens }
        hub.run { web, loop in
            web.answer(tokens[1], .ok, sentence: "two", &loop)
            web.answer(tokens[0], .ok, sentence: "one", &loop)
            web.answer(tokens[0], .ok, sentence: "again", &loop)
        }
        #expect(peer.answer()?.content == "one\n" && peer.answer()?.content == "two\n")
        #expect(peer.answer()?.status == 400 && peer.ending() == .end)
        let stopping = try Peer(hub.address)
        #expect(stopping.send(requests.joined()) && hub.recorder.waits { $0.tokens.count == 4 })
        let (first, second) = hub.recorder.read { ($0.tokens[2], $0.tokens[3]) }
        hub.run { web, loop in
            guard var reply = web.reply(first, .ok, loop) else { return }
            reply.field("X-Last", "yes")
            reply.closeConnection()
            web.finish(reply, RawSpan(), &loop)
            web.answer(second, .ok, sentence: "too late", &loop)
        }
        #expect(stopping.answer()?.value("Connection") == "close")
        stopping.finish()
        #expect(stopping.ending() == .end && hub.recorder.waits { $0.abandoned == [second] })
    }

    @Test("A connection that has rested, and given its memory back, goes on")
    func rests() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        #expect(peer.get("/1", "X-One: 1", "X-Two: 2") && peer.answer()?.content == "/1\n")
        SystemClock.sleep(milliseconds: 2500)
        #expect(peer.get("/2", "X-Three: 3") && peer.answer()?.content == "/2\n")
        #expect(peer.send("POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\n\r\nh"))
        SystemClock.sleep(milliseconds: 2500)
        #expect(peer.send("i") && peer.answer()?.content == "hi")
    }

    @Test("HEAD gets the fields and no content; OPTIONS for the server as a whole gets 204")
    func methods() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        #expect(peer.send("HEAD /abc HTTP/1.1\r\nHost: hub\r\n\r\n"))
        #expect(peer.answer(toHead: true)?.value("Content-Length") == "5")
        #expect(peer.send("OPTIONS * HTTP/1.1\r\nHost: hub\r\n\r\n") && peer.answer()?.status == 204)
        #expect(peer.send("GET /old HTTP/1.0\r\n\r\n") && peer.answer()?.content == "/old\n")
        #expect(peer.ending() == .end)
    }

    @Test("Who sends a request and closes its end gets the answer, also if that comes later")
    func halfClosed() throws {
        let hub = try WebHub()
        let peer = try Peer(hub.address)
        #expect(peer.get("/hold"))
        peer.finish()
        #expect(hub.recorder.waits { $0.tokens.count == 1 })
        let token = hub.recorder.read { $0.tokens[0] }
        SystemClock.sleep(milliseconds: 50)
        hub.run { web, loop in web.answer(token, .ok, sentence: "still here", &loop) }
        #expect(peer.answer()?.content == "still here\n" && peer.ending() == .end)
    }

    @Test("Pages of configured origins may call, after they have asked; others have no effect")
    func crossOrigin() throws {
        var settings = WebSettings.patient
        settings.crossOrigin = HTTPCrossOrigin(origins: ["https://console.example"])
        let hub = try WebHub(.patient, settings)
        let peer = try Peer(hub.address)
        let asks = "Access-Control-Request-Method: POST"
        #expect(
            peer.send(
                "OPTIONS /a HTTP/1.1\r\nHost: hub\r\nOrigin: https://console.example\r\n\(asks)\r\n\r\n"))
        let preflight = peer.answer()
        #expect(preflight?.status == 204)
        #expect(preflight?.value("Access-Control-Allow-Origin") == "https://console.example")
        #expect(peer.get("/a", "Origin: https://console.example"))
        #expect(peer.answer()?.value("Access-Control-Allow-Origin") == "https://console.example")
        #expect(peer.get("/b", "Origin: https://evil.example") && peer.answer()?.status == 403)
        #expect(hub.recorder.read { $0.requests } == ["/a"])
    }
}
