import HubBytes
import HubConnection
import HubProtocols
import HubServer
import HubSystem
import SocketPeer
import Synchronization
import Testing

@Suite("Connections to others")
struct OutboundTests {
    private func call(
        _ caller: WebHub, _ text: String, at address: SocketAddress, _ method: HTTPMethod = .get,
        content: String = "", milliseconds: Int64 = 60_000, tls: TLSContext? = nil
    ) {
        caller.run { web, loop in
            guard let url = try? HTTPURL(text) else { return }
            var call = WebCall(method, url, at: address)
            call.content = Array(content.utf8)
            call.timeoutMilliseconds = milliseconds
            call.answerBytesMax = 50_000
            call.tls = tls
            _ = try? web.call(call, &loop)
        }
    }

    @Test("Requests one after the other go over one connection, those at the same time over several")
    func pools() throws {
        let agent = try WebHub()
        let caller = try WebHub()
        for number in 1...10 {
            call(
                caller, "http://127.0.0.1:\(agent.port)/echo", at: agent.address, .post,
                content: "\(number)")
            #expect(caller.recorder.waits { $0.answers.count == number })
        }
        #expect(caller.recorder.read { $0.answers.map(\.content) } == (1...10).map { "\($0)" })
        #expect(caller.recorder.read { $0.answers.allSatisfy { $0.outcome == .answer(.ok) } })
        #expect(caller.counters[.callConnections] == 1)
        for _ in 0..<50 { call(caller, "http://127.0.0.1:\(agent.port)/x", at: agent.address) }
        #expect(caller.recorder.waits { $0.answers.count == 60 })
        #expect(caller.counters[.callConnections] <= 8)
    }

    @Test("What does not come is given up in time, what is too much is refused, and nobody there is said so")
    func failures() throws {
        let agent = try WebHub()
        let caller = try WebHub()
        call(caller, "http://127.0.0.1:\(agent.port)/hold", at: agent.address, milliseconds: 100)
        #expect(caller.recorder.waits { $0.answers.count == 1 })
        #expect(caller.recorder.read { $0.answers[0].outcome } == .timedOut)
        #expect(agent.recorder.waits { $0.abandoned.count == 1 })
        call(caller, "http://127.0.0.1:\(agent.port)/large", at: agent.address)
        #expect(caller.recorder.waits { $0.answers.count == 2 })
        #expect(caller.recorder.read { $0.answers[1].outcome } == .broken(.contentTooLarge))
        let nobody = try #require(SocketAddress("127.0.0.1:1"))
        call(caller, "http://127.0.0.1:1/", at: nobody)
        #expect(caller.recorder.waits { $0.answers.count == 3 })
        let outcome = caller.recorder.read { $0.answers[2].outcome }
        if case .notConnected = outcome {} else { Issue.record("\(outcome)") }
    }

    @Test(
        "A request on a kept connection that the other side has closed goes once more, unless it could do harm"
    )
    func repeats() throws {
        var settings = WebSettings.patient
        settings.keepAliveMilliseconds = 100
        let agent = try WebHub(.patient, settings)
        let caller = try WebHub()
        for number in 1...3 {
            call(caller, "http://127.0.0.1:\(agent.port)/a", at: agent.address)
            #expect(caller.recorder.waits { $0.answers.count == number })
            SystemClock.sleep(milliseconds: 300)
        }
        #expect(caller.recorder.read { $0.answers.allSatisfy { $0.outcome == .answer(.ok) } })
        #expect(caller.counters[.callConnections] == 3)
    }

    @Test("A server that answers with something else than a WebSocket is told of as closed")
    func notOpened() throws {
        let agent = try WebHub()
        let caller = try WebHub(echoes: false)
        for path in ["secret", "page"] {
            let (text, address) = ("ws://127.0.0.1:\(agent.port)/\(path)", agent.address)
            caller.run { web, loop in
                guard let url = try? HTTPURL(text) else { return }
                _ = try? web.open(WebSocketRequest(url, at: address), &loop)
            }
        }
        #expect(caller.recorder.waits { $0.closed.count == 2 })
        #expect(caller.recorder.read { $0.opened.count } == 0)
        let reasons = caller.recorder.read { $0.closed.map(\.reason).sorted() }
        #expect(
            reasons == [
                "the server did not open a WebSocket: status(200)",
                "the server did not open a WebSocket: status(403)",
            ])
    }

    @Test("A method or subprotocol that cannot be asked for is said so, and stops nothing")
    func words() throws {
        let agent = try WebHub()
        let caller = try WebHub()
        let (port, address) = (agent.port, agent.address)
        let faults = Mutex<[WebRequestFault]>([])
        caller.run { web, loop in
            guard let page = try? HTTPURL("http://127.0.0.1:\(port)/"),
                let socket = try? HTTPURL("ws://127.0.0.1:\(port)/")
            else { return }
            for method in [HTTPMethod.other, .connect] {
                do throws(WebRequestFault) {
                    _ = try web.call(WebCall(method, page, at: address), &loop)
                } catch { faults.withLock { $0.append(error) } }
            }
            for name in ["", "two words", "a\r\nX: y"] {
                var request = WebSocketRequest(socket, at: address)
                request.subprotocols = ["good", name]
                do throws(WebRequestFault) { _ = try web.open(request, &loop) } catch {
                    faults.withLock { $0.append(error) }
                }
            }
        }
        call(caller, "http://127.0.0.1:\(port)/", at: address)
        #expect(caller.recorder.waits { $0.answers.count == 1 })
        #expect(faults.withLock { $0 } == Array(repeating: .badWord, count: 5))
    }
}
