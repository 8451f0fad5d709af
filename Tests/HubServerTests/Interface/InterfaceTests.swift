import HubBytes
import HubConnection
import HubModel
import HubProtocols
import SocketPeer
import Testing

@testable import HubServer

@Suite("The HTTP interface")
struct InterfaceTests {
    private static let api = "/api/hub/v1"

    private struct Case {
        let method: String
        let path: String
        let content: String?
        let status: Int
        let code: String?
        let fields: [String]

        init(
            _ method: String, _ path: String, _ content: String?, _ status: Int, _ code: String? = nil,
            fields: [String] = ["Content-Type: application/json"]
        ) {
            self.method = method
            self.path = path
            self.content = content
            self.status = status
            self.code = code
            self.fields = fields
        }

        init(
            _ method: String, _ path: String, _ status: Int, _ code: String? = nil, fields: [String] = []
        ) { self.init(method, path, nil, status, code, fields: fields) }
    }

    private static let looks: [Case] = [
        Case("GET", "/agents", 200), Case("GET", api + "/agents", 200), Case("GET", api + "/sessions", 200),
        Case("GET", api + "/topics?limit=1", 200), Case("GET", api + "/consumers", 200),
        Case("GET", api + "/dead-letters", 200), Case("GET", api + "/state", 200),
        Case("GET", api + "/state?at=0", 200), Case("GET", api + "/openapi.json", 200),
        Case("GET", "/health", 200), Case("GET", "/ready", 200), Case("GET", "/metrics", 200),
        Case("GET", api + "/topics/a.b/messages", 200),
        Case("GET", api + "/topics/a.b/messages?from=5&to=2", 200),
        Case("GET", api + "/sessions/topic:a.b", 200), Case("GET", api + "/sessions/topic:a.b/messages", 200),
        Case("HEAD", api + "/topics", 200), Case("HEAD", api + "/events", 200),
        Case("OPTIONS", api + "/consumers/x", 204),
        Case("GET", "/", 404, "unknown_message"), Case("GET", api, 404, "unknown_message"),
        Case("GET", api + "/topics/", 404), Case("GET", api + "/topics//messages", 404, "unknown_message"),
        Case("GET", api + "/topics/no/messages", 404, "unknown_message"),
        Case("GET", api + "/sessions/no", 404, "unknown_session"),
        Case("GET", api + "/sessions/no/messages", 404, "unknown_session"),
        Case("GET", api + "/consumers/no", 404, "unknown_consumer"),
        Case("GET", api + "/dead-letters?consumer=no", 404, "unknown_consumer"),
        Case("GET", api + "/dead-letters/0", 404, "unknown_message"),
        Case("GET", api + "/messages/9000", 404, "unknown_message"),
        Case("GET", api + "/messages/9223372036854775806", 404, "unknown_message"),
        Case("GET", api + "/messages/9223372036854775807", 400, "bad_field"),
        Case("GET", api + "/messages/-1", 400, "bad_field"),
        Case("GET", api + "/topics?limit=0", 400, "bad_field"),
        Case("GET", api + "/topics?limit=1001", 400, "bad_field"),
        Case("GET", api + "/topics?cursor=x", 400, "bad_field"),
        Case("GET", api + "/topics?cursor=4294967295", 200),
        Case("GET", api + "/topics/%FF/messages", 400, "bad_field"),
        Case("GET", api + "/events?topic=a..b", 400, "bad_topic"),
        Case("PUT", api + "/messages", 405, "bad_field"), Case("DELETE", "/agents", 405, "bad_field"),
        Case("POST", "/health", "", 405, "bad_field"),
        Case("GET", "/agents", 403, fields: ["Origin: https://elsewhere.example"]),
    ]

    private static let changes: [Case] = [
        Case("POST", api + "/messages", #"{"topic":"a.b","data":1}"#, 200),
        Case("POST", api + "/messages", #"{"type":"message","topic":"a.b","data":1}"#, 200),
        Case("POST", api + "/messages", #"{"topic":"a.b","data":1,"durability":"memory"}"#, 202),
        Case("POST", api + "/messages", #"{"topic":"a.b","data":1}"#, 415, "bad_field", fields: []),
        Case(
            "POST", api + "/messages", #"{"topic":"a.b","data":1}"#, 415, "bad_field",
            fields: ["Content-Type: text/plain"]),
        Case("POST", api + "/messages", "", 400, "bad_json"),
        Case("POST", api + "/messages", "{", 400, "bad_json"),
        Case("POST", api + "/messages", "{}", 400, "missing_field"),
        Case("POST", api + "/messages", "null", 400),
        Case("POST", api + "/messages", #" [{"topic":"a.b","data":1}]"#, 400, "bad_field"),
        Case("POST", api + "/messages", #"{"type":"ping"}"#, 400, "bad_field"),
        Case("POST", api + "/messages", #"{"type":"nothing"}"#, 400, "unknown_type"),
        Case("POST", api + "/messages", #"{"topic":"a..b","data":1}"#, 400, "bad_topic"),
        Case("POST", api + "/messages", #"{"topic":"$dead.a","data":1}"#, 403, "forbidden"),
        Case(
            "POST", api + "/messages", #"{"topic":"a.b","data":1}"#, 400, "bad_name",
            fields: ["Content-Type: application/json", "X-Agent: a b"]),
        Case(
            "POST", api + "/messages", #"{"topic":"a.b","data":1}"#, 403,
            fields: ["Content-Type: application/json", "Origin: http://elsewhere.example"]),
        Case("PATCH", api + "/consumers/no", #"{"paused":true}"#, 404, "unknown_consumer"),
        Case("PATCH", api + "/consumers/no", "{}", 400, "missing_field"),
        Case("PATCH", api + "/consumers/no", #"{"paused":true}"#, 415, "bad_field", fields: []),
        Case("DELETE", api + "/consumers/no", 404, "unknown_consumer"),
        Case("POST", api + "/dead-letters/1", "", 404, "unknown_message"),
        Case("DELETE", api + "/dead-letters/1", 404, "unknown_message"),
    ]

    @Test("each request is answered with its status, and with a code that says what is wrong")
    func table() throws {
        let hub = try RunningHub()
        for one in Self.changes + Self.looks {
            let answer = try hub.ask(one.method, one.path, one.content, fields: one.fields)
            let what = "\(one.method) \(one.path) \(one.content ?? "")"
            #expect(answer?.status == one.status, "\(what): \(answer?.description ?? "no answer")")
            if let code = one.code { #expect(answer?.code == code, "\(what)") }
        }
    }

    @Test("what is larger than a message may be is refused with 413, wherever that is noticed")
    func tooLarge() throws {
        let hub = try RunningHub { $0.frames.payloadBytesMax = 1000 }
        let within = "\"" + String(repeating: "x", count: 998) + "\""
        #expect(try hub.publish("a", within)?.status == 200)
        #expect(try hub.publish("a", "\"x" + within.dropFirst())?.status == 413)
        #expect(try hub.publish("a", "\"" + String(repeating: "x", count: 100_000) + "\"")?.status == 413)
    }

    @Test("a message is by whom X-Agent names, where that is anyone's word, and its life can be read")
    func senders() throws {
        let hub = try RunningHub()
        let receipt = try hub.publish("a", fields: ["X-Agent: postman"])?.document
        let offset = try #require(receipt?["offset"]?.integer)
        let life = try hub.ask("GET", Self.api + "/messages/\(offset)")?.document
        #expect(life?["message"]?["from"]?.text == "postman")
        #expect(life?["life"]?[0]?["event"]?.text == "taken")
        let unnamed = try hub.publish("a")?.document?["offset"]?.integer ?? -1
        let other = try hub.ask("GET", Self.api + "/messages/\(unnamed)")?.document
        #expect(other?["message"]?["from"]?.text == "anonymous")
    }

    @Test("requests that are sent one behind the other are answered in their order, whatever each takes")
    func pipelined() throws {
        let hub = try RunningHub()
        #expect(try hub.publish("a")?.status == 200)
        let peer = try hub.peer()
        for path in ["/state", "/no", "/topics", "/openapi.json", "/sessions"] {
            #expect(peer.ask("GET", Self.api + path))
        }
        #expect(peer.answer()?.document?["agents"] != nil)
        #expect(peer.answer()?.status == 404)
        #expect(peer.answer()?.items?[0]["topic"]?.text == "a")
        #expect(peer.answer()?.document?["openapi"]?.text == "3.1.0")
        #expect(peer.answer()?.items?.isEmpty == true)
    }

    @Test("pages of a list that are kept small come to all of it, once")
    func pages() throws {
        let hub = try RunningHub { $0.gateway.pageBytesMax = 1 }
        for topic in ["a", "b", "c", "d"] { #expect(try hub.publish(topic)?.status == 200) }
        var found: [String] = []
        var cursor: String? = "0"
        while let from = cursor, found.count < 10 {
            let page = try hub.ask("GET", Self.api + "/topics?limit=3&cursor=\(from)")
            #expect((page?.items?.count ?? 9) <= 1)
            found += (page?.items ?? []).compactMap { $0["topic"]?.text }
            cursor = page?.document?["next"]?.text
        }
        #expect(found == ["a", "b", "c", "d"])
    }
}
