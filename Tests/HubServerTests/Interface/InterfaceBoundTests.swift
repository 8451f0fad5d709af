import HubBytes
import HubConnection
import HubModel
import HubProtocols
import SocketPeer
import Testing

@testable import HubServer

@Suite("The HTTP interface's bounds")
struct InterfaceBoundTests {
    private static let api = "/api/hub/v1"

    @Test("going through the log has an end: who would have to wait longer is told so")
    func walks() throws {
        let hub = try RunningHub { $0.gateway.walkMilliseconds = 0 }
        #expect(try hub.publish("a")?.status == 200)
        for path in ["/state", "/messages/1"] {
            let answer = try hub.ask("GET", Self.api + path)
            #expect(answer?.status == 504)
            #expect(answer?.code == "timeout")
        }
        #expect(try hub.ask("GET", Self.api + "/topics/a/messages")?.items?.count == 1)
    }

    @Test("the core is asked by so many at a time, and the others are told when to come again")
    func questions() throws {
        let hub = try RunningHub { $0.gateway.questionsToCoreMax = 0 }
        for path in ["/agents", "/sessions", "/topics", "/consumers", "/dead-letters", "/consumers/x"] {
            let answer = try hub.ask("GET", Self.api + path)
            #expect(answer?.status == 429, "\(path)")
            #expect(answer?.value("Retry-After") == "1", "\(path)")
        }
        let count = QuestionCount(2)
        let entered = (0..<4).map { _ in count.enter() }
        #expect(entered == [true, true, false, false])
        count.leave()
        let again = (0..<2).map { _ in count.enter() }
        #expect(again == [true, false])
    }

    @Test("a state that would be too large is refused, and says how large it may be")
    func documents() throws {
        let hub = try RunningHub { $0.gateway.documentBytesMax = 50 }
        let answer = try hub.ask("GET", Self.api + "/state")
        #expect(answer?.status == 413)
        #expect(answer?.document?["error"]?["message"]?.text?.contains("50 bytes") == true)
    }

    @Test("agents in whose names requests act are forgotten when there are too many, and after a while")
    func visitors() throws {
        let hub = try RunningHub { $0.gateway.visitorsMax = 3 }
        for number in 0..<20 {
            #expect(try hub.publish("a", fields: ["X-Agent: agent-\(number)"])?.status == 200)
        }
        let counts = hub.find { gateway, _ in [gateway.desk.visitors.count, gateway.desk.seats.count] } ?? []
        #expect(counts.count == 2 && counts.allSatisfy { (1...3).contains($0) }, "\(counts)")
        let left = hub.find { gateway, loop in
            VisitorTable.dismissIdle(&gateway.desk, now: loop.now + 59_000)
            let before = gateway.desk.visitors.count
            VisitorTable.dismissIdle(&gateway.desk, now: loop.now + 61_000)
            return [before, gateway.desk.visitors.count, gateway.desk.seats.count]
        }
        #expect(left?.first != 0)
        #expect(left?.dropFirst() == [0, 0])
        #expect(try hub.publish("a", fields: ["X-Agent: agent-1"])?.status == 200)
    }

    @Test("nobody acts in so many names at a time that all of them wait")
    func busyVisitors() throws {
        let hub = try RunningHub { $0.gateway.visitorsMax = 0 }
        let answer = try hub.publish("a")
        #expect(answer?.status == 429)
        #expect(answer?.value("Retry-After") == "1")
    }

    @Test("what was refused leaves nothing behind")
    func refusedTexts() throws {
        let hub = try RunningHub()
        let large = "\"" + String(repeating: "x", count: 500_000) + "\""
        for topic in ["a..b", "$dead.a", "a..b", "a..b", "$dead.a", "a..b"] {
            let status = try hub.publish(topic, large)?.status ?? 0
            #expect(status == 400 || status == 403)
        }
        #expect(hub.comes { $0.desk.intake.bytes.count == 0 })
        #expect(try hub.publish("a")?.status == 200)
    }

    @Test("while too much waits for the core, nothing more is taken")
    func overfull() throws {
        let hub = try RunningHub { $0.gateway.intakeBytesMax = -1 }
        let answer = try hub.publish("a")
        #expect(answer?.status == 429)
        #expect(answer?.code == "limit_reached")
    }
}
