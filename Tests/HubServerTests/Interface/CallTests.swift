import HubBytes
import HubModel
import HubProtocols
import Testing

@testable import HubConnection
@testable import HubServer

@Suite("Requests of the HTTP interface, read")
struct CallTests {
    private static let anyone = Authenticator(slot: AccessSlot(), hub: "hub")

    private func call(_ target: String, _ fields: String = "", method: String = "GET") throws -> Call {
        let text = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
        var shown = ShownCredentials()
        shown.agent = AgentID(unchecked: "anna")
        let identity = try Self.anyone.admit(shown, from: nil, .everyone, now: Core.clock())
        let token = WebToken(connection: ConnectionID(index: 1, generation: 1), number: 0)
        return try text.withBytes { bytes in
            var reader = HTTPRequestReader()
            guard case .head = reader.next(bytes) else { throw Refusal(.badField, "no head") }
            return try Call(token, reader.request(in: bytes), RawSpan(), identity)
        }
    }

    @Test("paths are taken apart before they are decoded: an escaped slash is part of a name")
    func paths() throws {
        let cases: [(String, [String])] = [
            ("/", []), ("/agents", ["agents"]), ("/a/b%2Fc", ["a", "b/c"]), ("/a//b", ["a", "", "b"]),
            ("/a/", ["a", ""]), ("/%C3%A4", ["ä"]), ("/a+b", ["a+b"]),
            ("/topics/jobs.>", ["topics", "jobs.>"]),
        ]
        for (target, parts) in cases { #expect(try call(target).path == parts, "\(target)") }
        #expect(throws: Refusal.self) { try call("/%FF") }
        #expect(throws: Refusal.self) { try call("/a?b=%FF") }
    }

    @Test("the last parameter of a name counts, and a plus is a space")
    func parameters() throws {
        let read = try call("/a?limit=1&limit=2&topic=a+b%2B&empty=&alone").parameters
        #expect(read == ["limit": "2", "topic": "a b+", "empty": "", "alone": ""])
    }

    @Test("numbers are digits within bounds, or not there")
    func numbers() throws {
        #expect(try call("/a").number("limit", in: 1...10, default: 7) == 7)
        #expect(try call("/a?limit=10").number("limit", in: 1...10, default: 7) == 10)
        for wrong in ["0", "11", "-1", "1.0", "", "x", "99999999999999999999"] {
            #expect(throws: Refusal.self, "\(wrong)") {
                try call("/a?limit=\(wrong)").number("limit", in: 1...10, default: 7)
            }
        }
    }

    @Test("content is JSON if its type says so")
    func contentTypes() throws {
        let cases: [(String, Bool)] = [
            ("application/json", true), ("Application/JSON ; charset=utf-8", true),
            ("application/cloudevents+json", true), ("text/plain", false), ("application/jsonp", false),
            ("text/json", false), ("application/x-www-form-urlencoded", false), ("", false),
        ]
        for (type, isJSON) in cases {
            #expect(try call("/a", "Content-Type: \(type)\r\n").hasJSON == isJSON, "\(type)")
        }
        #expect(try !call("/a").hasJSON)
    }

    @Test("what is to be changed of a consumer is said in one way")
    func changes() throws {
        func change(_ text: String) throws -> ConsumerChange { try ConsumerChange(Array(text.utf8)) }
        #expect(try change(#"{"position":7}"#).position == Offset(7))
        #expect(try change(#"{"position":"all"}"#).position == .zero)
        #expect(try change(#"{"position":"new","paused":true}"#).position == .end)
        #expect(try change(#"{"paused":false}"#).isPaused == false)
        let wrong: [(String, RefusalCode)] = [
            ("{}", .missingField), ("", .badJSON), ("{", .badJSON), ("[]", .badField), ("7", .badField),
            (#"{"position":-1}"#, .badField), (#"{"position":1.5}"#, .badField),
            (#"{"position":"x"}"#, .badField),
            (#"{"position":null}"#, .badField), (#"{"paused":"yes"}"#, .badField),
            (#"{"name":"x"}"#, .badField),
            (#"{"paused":true,}"#, .badJSON),
        ]
        for (text, code) in wrong {
            let refusal = #expect(throws: Refusal.self, "\(text)") { try change(text) }
            #expect(refusal?.code == code, "\(text)")
        }
    }

    @Test("what is described is there, and what is there is described")
    func methods() throws {
        let description = try OpenAPIDocument.text.withBytes { try JSONReader.value($0, .strict) }
        let paths = try #require(description["paths"]?.object)
        #expect(paths.count > 15)
        let words: [String: HTTPMethod] = ["get": .get, "post": .post, "patch": .patch, "delete": .delete]
        for member in paths.members {
            let parts = member.name.dropFirst().split(separator: "/").map {
                $0.hasPrefix("{") ? "x" : String($0)
            }
            let described = Set((member.value.object?.names ?? []).compactMap { words[$0] })
            #expect(Set(Gateway.methods(of: parts)) == described, "\(member.name)")
        }
        for path in [
            [], [""], ["x"], ["api"], ["api", "hub", "v1"], ["api", "hub", "v1", "sessions", "x", "y"],
        ] {
            #expect(Gateway.methods(of: path).isEmpty, "\(path)")
        }
    }

    @Test("a page ends early when it is large, with the cursor behind what it has")
    func pages() {
        func page(_ bytesMax: Int, next: String? = "9") -> String {
            let bytes = Document.page([1, 2, 3], next: next, bytesMax: bytesMax, cursor: { "c\($0)" }) {
                $1.number($0)
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        #expect(page(1000) == #"{"items":[1,2,3],"next":"9"}"#)
        #expect(page(1000, next: nil) == #"{"items":[1,2,3]}"#)
        #expect(page(0) == #"{"items":[1],"next":"c1"}"#)
        #expect(page(11) == #"{"items":[1,2],"next":"c2"}"#)
        #expect(page(13) == #"{"items":[1,2,3],"next":"9"}"#)
    }
}
