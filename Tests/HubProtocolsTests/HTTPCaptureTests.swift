import Foundation
import HTTPTranscript
import HubBytes
import HubProtocols
import Testing

/// What clients and servers really sent, as `Tests/HTTPCaptures/capture.py` wrote it down, compared with what they
/// were asked to send.
@Suite struct HTTPCaptureTests {
    /// One message as it was meant.
    struct Message: Decodable {
        var method = ""
        var path = ""
        var query = ""
        var content: String?
        var fields: [String: String]?
        var framing: [String: Framing]?
        var host: String?
        var port: UInt16?
        var status: UInt16?
        var queryValue: [String]?
        var isOldVersion: Bool?
        var keepsAlive: Bool?
        var expectsContinue: Bool?
        var wantsWebSocket: Bool?

        enum CodingKeys: String, CodingKey {
            case method, path, query, content, fields, framing, host, port, status, queryValue, isOldVersion
            case keepsAlive, expectsContinue, wantsWebSocket
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            method = try values.decode(String.self, forKey: .method)
            path = try values.decodeIfPresent(String.self, forKey: .path) ?? ""
            query = try values.decodeIfPresent(String.self, forKey: .query) ?? ""
            content = try values.decodeIfPresent(String.self, forKey: .content)
            fields = try values.decodeIfPresent([String: String].self, forKey: .fields)
            framing = try values.decodeIfPresent([String: Framing].self, forKey: .framing)
            host = try values.decodeIfPresent(String.self, forKey: .host)
            port = try values.decodeIfPresent(UInt16.self, forKey: .port)
            status = try values.decodeIfPresent(UInt16.self, forKey: .status)
            queryValue = try values.decodeIfPresent([String].self, forKey: .queryValue)
            isOldVersion = try values.decodeIfPresent(Bool.self, forKey: .isOldVersion)
            keepsAlive = try values.decodeIfPresent(Bool.self, forKey: .keepsAlive)
            expectsContinue = try values.decodeIfPresent(Bool.self, forKey: .expectsContinue)
            wantsWebSocket = try values.decodeIfPresent(Bool.self, forKey: .wantsWebSocket)
        }

        var expectedFraming: HTTPFraming? {
            guard let framing else { return nil }
            if case .count(let count)? = framing["length"] { return .length(count) }
            return framing["chunked"] == nil ? .untilClose : .chunked
        }
    }

    /// A length, or the name of another framing with `true`.
    enum Framing: Decodable, Equatable {
        case count(UInt64), flag(Bool)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let flag = try? value.decode(Bool.self) {
                self = .flag(flag)
            } else {
                self = .count(try value.decode(UInt64.self))
            }
        }
    }

    struct Index: Decodable {
        struct Connection: Decodable {
            let name: String
            let messages: [Message]
        }

        let requests: [Connection]
    }

    struct Responses: Decodable {
        struct Entry: Decodable {
            let name: String
            let message: Message

            enum CodingKeys: String, CodingKey { case name }

            init(from decoder: any Decoder) throws {
                name = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .name)
                message = try Message(from: decoder)
            }
        }

        let responses: [Entry]
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("HTTPCaptures")

    private func index<Part: Decodable>(_ part: Part.Type) throws -> Part {
        let data = try Data(contentsOf: Self.folder.appendingPathComponent("index.json"))
        return try JSONDecoder().decode(part, from: data)
    }

    private func bytes(_ folder: String, _ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: Self.folder.appendingPathComponent("\(folder)/\(name).http")))
    }

    @Test("requests of curl, http.client and httpx are read as they were meant") func requests() throws {
        let connections = try index(Index.self).requests
        #expect(connections.count >= 38)
        for connection in connections {
            let bytes = try bytes("requests", connection.name)
            var reader = HTTPRequestReader()
            var start = 0
            for message in connection.messages {
                start += read(message, &reader, Array(bytes[start...]), Comment(rawValue: connection.name))
            }
            #expect(start == bytes.count)
            let whole = HTTPTranscript.ofRequests(bytes)
            #expect(whole.fault == nil)
            for cut in stride(from: 1, to: bytes.count, by: bytes.count > 1000 ? 37 : 1) {
                #expect(HTTPTranscript.ofRequests(bytes, cutAt: [cut]) == whole)
            }
        }
    }

    /// Reads one message and compares it; how many bytes it took.
    private func read(
        _ message: Message, _ reader: inout HTTPRequestReader, _ bytes: [UInt8], _ name: Comment
    ) -> Int {
        var position = 0
        var content: [UInt8] = []
        while true {
            let rest = Array(bytes[position...])
            let step = rest.withBytes { span in
                let step = reader.next(span)
                if case .head = step { compare(reader.request(in: span), message, name) }
                return step
            }
            position += step.consumed
            switch step {
            case .head: continue
            case .content(let range): content += rest[range]
            case .end:
                #expect(content == latin(message.content ?? ""), name)
                return position
            case .needsMore, .finished, .refused:
                Issue.record("\(step) in \(name)")
                return position
            }
        }
    }

    private func compare(_ request: borrowing HTTPRequestView, _ message: Message, _ name: Comment) {
        let head = request.head
        #expect(request.methodName.text == message.method, name)
        #expect(request.path.text == message.path, name)
        #expect(request.query.text == message.query, name)
        var host: String?
        if let found = request.host { host = found.text }
        #expect(host == message.host, name)
        #expect(head.authority?.port == message.port, name)
        #expect(head.framing == message.expectedFraming, name)
        #expect(head.isOldVersion == (message.isOldVersion ?? false), name)
        #expect(head.keepsAlive == (message.keepsAlive ?? true), name)
        #expect(head.expectsContinue == (message.expectsContinue ?? false), name)
        #expect(head.wantsWebSocket == (message.wantsWebSocket ?? false), name)
        for (field, value) in message.fields ?? [:] {
            var found: [UInt8]?
            let fields = request.fields
            for index in 0..<fields.count where fields.name(at: index).text.lowercased() == field {
                found = fields.value(at: index).array
            }
            #expect(found == latin(value), name)
        }
        guard let pair = message.queryValue else { return }
        var value = ByteBuffer()
        let isFound = HTTPQuery.decodeValue(of: "q", in: request.query, to: &value)
        #expect(isFound && pair == ["q", value.bytes.text], name)
    }

    @Test("responses of http.server and h11 are read as they were meant") func responses() throws {
        let entries = try index(Responses.self).responses
        #expect(entries.count >= 11)
        for entry in entries {
            let bytes = try bytes("responses", entry.name)
            let method = HTTPMethod.allCases.first { "\($0.name)" == entry.message.method } ?? .other
            let whole = HTTPTranscript.ofResponse(bytes, to: method)
            let isOpen = entry.message.expectedFraming == .untilClose
            #expect(whole.fault == nil && whole.lines.last == (isOpen ? "end" : "finished"))
            let first = try #require(whole.lines.first)
            #expect(first.hasPrefix("\(entry.message.status ?? 0) "))
            if let framing = entry.message.expectedFraming { #expect(first.contains(" \(framing)")) }
            if let content = entry.message.content, !content.isEmpty {
                #expect(whole.lines.contains("content \(content)"))
            }
            for cut in 1..<bytes.count {
                #expect(HTTPTranscript.ofResponse(bytes, to: method, cutAt: [cut]) == whole)
            }
        }
    }
}
