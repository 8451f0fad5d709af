import HubBytes
import HubConnection
import HubProtocols
import HubSystem
import SocketPeer
import Synchronization
import Testing

@testable import HubServer

@Suite("How many connections of the hub's own there are")
struct OutboundLimitTests {
    private static func caller(connections: Int, calls: Int = 1000) throws -> WebHub {
        var settings = WebSettings.patient
        settings.outboundConnectionsMax = connections
        settings.outboundCallsMax = calls
        return try WebHub(.patient, settings, echoes: false)
    }

    private static func call(_ caller: WebHub, _ agent: WebHub, _ host: String, _ path: String) {
        let (text, address) = ("http://\(host):\(agent.port)\(path)", agent.address)
        caller.run { web, loop in
            guard let url = try? HTTPURL(text) else { return }
            var call = WebCall(.get, url, at: address)
            call.timeoutMilliseconds = 60_000
            _ = try? web.call(call, &loop)
        }
    }

    @Test("Requests to more hosts than there may be connections all come to their turn")
    func manyHosts() throws {
        let agent = try WebHub()
        let caller = try Self.caller(connections: 3)
        for number in 0..<60 { Self.call(caller, agent, "host-\(number % 20).test", "/\(number)") }
        #expect(caller.recorder.waits { $0.answers.count == 60 })
        #expect(caller.recorder.read { $0.answers.allSatisfy { $0.outcome == .answer(.ok) } })
        #expect(Set(agent.recorder.read { $0.requests }) == Set((0..<60).map { "/\($0)" }))
        let open = Mutex(-1)
        caller.run { _, loop in open.withLock { $0 = loop.outboundCount } }
        let end = SystemClock.monotonicNanoseconds() + 30_000_000_000
        while open.withLock({ $0 }) < 0, SystemClock.monotonicNanoseconds() < end {
            SystemClock.sleep(milliseconds: 1)
        }
        #expect((0...3).contains(open.withLock { $0 }))
    }

    @Test("While all connections are in use others wait, a WebSocket is refused, and both go on afterwards")
    func full() throws {
        let agent = try WebHub()
        let caller = try Self.caller(connections: 2)
        for host in ["one.test", "two.test"] { Self.call(caller, agent, host, "/hold") }
        #expect(agent.recorder.waits { $0.tokens.count == 2 })
        Self.call(caller, agent, "three.test", "/third")
        let outcomes = Mutex<[Bool]>([])
        let (port, address) = (agent.port, agent.address)
        let open: @Sendable (inout WebConnections, inout EventLoop) -> Void = { web, loop in
            guard let url = try? HTTPURL("ws://four.test:\(port)/") else { return }
            var isOpen = true
            do throws(WebRequestFault) { _ = try web.open(WebSocketRequest(url, at: address), &loop) } catch {
                isOpen = error != .tooMany
            }
            outcomes.withLock { $0.append(isOpen) }
        }
        caller.run(open)
        SystemClock.sleep(milliseconds: 100)
        #expect(agent.group.count(.accepted) == 2)
        for token in agent.recorder.read({ $0.tokens }) {
            agent.run { web, loop in web.answer(token, .ok, sentence: "done", &loop) }
        }
        #expect(caller.recorder.waits { $0.answers.count == 3 })
        #expect(caller.recorder.read { $0.answers.allSatisfy { $0.outcome == .answer(.ok) } })
        caller.run(open)
        #expect(caller.recorder.waits { $0.opened.count == 1 })
        #expect(outcomes.withLock { $0 } == [false, true])
    }

    @Test("A host whose connections fail or are given up leaves room for the others")
    func failures() throws {
        let agent = try WebHub()
        let caller = try Self.caller(connections: 1)
        let nobody = try #require(SocketAddress("127.0.0.1:1"))
        caller.run { web, loop in
            guard let url = try? HTTPURL("http://nobody.test:1/") else { return }
            for _ in 0..<5 { _ = try? web.call(WebCall(.get, url, at: nobody), &loop) }
        }
        let (text, address) = ("http://slow.test:\(agent.port)/hold", agent.address)
        caller.run { web, loop in
            guard let url = try? HTTPURL(text) else { return }
            var call = WebCall(.get, url, at: address)
            call.timeoutMilliseconds = 300
            _ = try? web.call(call, &loop)
        }
        Self.call(caller, agent, "good.test", "/good")
        #expect(caller.recorder.waits { $0.answers.count == 7 })
        #expect(caller.recorder.read { $0.answers.last?.content } == "/good\n")
        #expect(caller.counters[.callsFailed] == 6)
    }

    @Test("Requests under way and waiting have a bound together")
    func calls() throws {
        let agent = try WebHub()
        let caller = try Self.caller(connections: 2, calls: 10)
        for number in 0..<30 { Self.call(caller, agent, "host-\(number).test", "/hold") }
        #expect(agent.recorder.waits { $0.tokens.count == 2 })
        #expect(caller.counters[.calls] == 10)
    }

    @Test("Hosts whose requests were given up while they waited are not kept on any list")
    func givenUp() throws {
        let agent = try WebHub()
        let caller = try Self.caller(connections: 1)
        Self.call(caller, agent, "busy.test", "/hold")
        #expect(agent.recorder.waits { $0.tokens.count == 1 })
        let (port, address) = (agent.port, agent.address)
        for round in 0..<20 {
            caller.run { web, loop in
                for number in 0..<50 {
                    guard let url = try? HTTPURL("http://host-\(round)-\(number).test:\(port)/") else {
                        return
                    }
                    guard let id = try? web.call(WebCall(.get, url, at: address), &loop) else { continue }
                    web.cancel(id, &loop)
                }
            }
        }
        SystemClock.sleep(milliseconds: 200)
        let kept = Mutex((-1, -1))
        caller.run { web, _ in kept.withLock { $0 = (web.calls.hosts.count, web.calls.blocked.count) } }
        let end = SystemClock.monotonicNanoseconds() + 30_000_000_000
        while kept.withLock({ $0.0 }) < 0, SystemClock.monotonicNanoseconds() < end {
            SystemClock.sleep(milliseconds: 1)
        }
        #expect(kept.withLock { $0.0 } == 1)
        #expect(kept.withLock { $0.1 } <= 66)
    }
}
