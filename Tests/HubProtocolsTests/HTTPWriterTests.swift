import HTTPTranscript
import HubBytes
import HubProtocols
import Testing

/// What is written, byte by byte, and that it is read again as what was meant.
@Suite struct HTTPWriterTests {
    private func terms(_ head: String) -> HTTPReplyTerms {
        latin(head + "\r\n\r\n").withBytes { bytes in
            var reader = HTTPRequestReader()
            _ = reader.next(bytes)
            return HTTPReplyTerms(reader.request(in: bytes).head)
        }
    }

    private func answer(
        _ request: String, _ status: HTTPStatus = .ok,
        _ body: (inout HTTPResponseWriter, inout ByteBuffer) throws -> Void
    ) rethrows -> String {
        var buffer = ByteBuffer(capacity: 0)
        var writer = HTTPResponseWriter(status, terms(request), date: nil, to: &buffer)
        try body(&writer, &buffer)
        return buffer.bytes.text
    }

    private let get = "GET / HTTP/1.1\r\nHost: a"

    @Test("content of known length") func fixed() {
        let text = answer(get) { writer, buffer in
            writer.field("Content-Type", "text/plain", to: &buffer)
            writer.field("X-N", 12, to: &buffer)
            "hello".withBytes { writer.end($0, to: &buffer) }
        }
        #expect(
            text == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-N: 12\r\nContent-Length: 5\r\n\r\nhello"
        )
    }

    @Test("content that comes in pieces is announced as a whole or chunked") func pieces() {
        let known = answer(get) { writer, buffer in
            writer.beginContent(byteCount: 4, to: &buffer)
            "ab".withBytes { writer.append($0, to: &buffer) }
            writer.append(to: &buffer) { $0.append("cd") }
            writer.endContent(in: &buffer)
        }
        #expect(known == "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd")
        let chunked = answer(get) { writer, buffer in
            writer.beginContent(to: &buffer)
            "ab".withBytes { writer.append($0, to: &buffer) }
            "".withBytes { writer.append($0, to: &buffer) }
            writer.append(to: &buffer) { _ in }
            writer.append(to: &buffer) { $0.append(zeros: 27) }
            writer.endContent(in: &buffer)
        }
        #expect(
            chunked == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00000002\r\nab\r\n0000001b\r\n"
                + String(repeating: "\u{0}", count: 27) + "\r\n0\r\n\r\n")
    }

    @Test("HTTP/1.0 gets no chunks, and the connection's end instead") func old() {
        let stream: (inout HTTPResponseWriter, inout ByteBuffer) -> Void = { writer, buffer in
            writer.beginContent(to: &buffer)
            "ab".withBytes { writer.append($0, to: &buffer) }
            writer.endContent(in: &buffer)
            let keepsAlive = writer.keepsAlive
            #expect(!keepsAlive)
        }
        let request = "GET / HTTP/1.0\r\nConnection: keep-alive"
        #expect(answer(request, .ok, stream) == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab")
        let fixed = answer(request) { writer, buffer in "ab".withBytes { writer.end($0, to: &buffer) } }
        #expect(fixed == "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nab")
        let last = answer("GET / HTTP/1.0") { writer, buffer in writer.end(in: &buffer) }
        #expect(last == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }

    @Test("HEAD gets the fields of the content and not the content") func head() {
        let request = "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close"
        let fixed = answer(request) { writer, buffer in "hello".withBytes { writer.end($0, to: &buffer) } }
        #expect(fixed == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n")
        let chunked = answer(request) { writer, buffer in
            writer.beginContent(to: &buffer)
            "ab".withBytes { writer.append($0, to: &buffer) }
            writer.append(to: &buffer) { $0.append("cd") }
            writer.endContent(in: &buffer)
        }
        #expect(chunked == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    }

    @Test("some answers never have content") func none() {
        #expect(answer(get, .noContent) { $0.end(in: &$1) } == "HTTP/1.1 204 No Content\r\n\r\n")
        #expect(answer(get, .notModified) { $0.end(in: &$1) } == "HTTP/1.1 304 Not Modified\r\n\r\n")
        #expect(
            answer(get, HTTPStatus(599)) { $0.end(in: &$1) } == "HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n")
        var buffer = ByteBuffer()
        HTTPResponseWriter.appendContinue(to: &buffer)
        #expect(buffer.bytes.text == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test("a change of protocol has the fields that the protocol asks for") func upgrade() throws {
        var buffer = ByteBuffer()
        var writer = HTTPResponseWriter(switchingTo: "websocket", to: &buffer)
        try "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".withBytes { (key) throws(HTTPFieldFault) in
            try writer.field("Sec-WebSocket-Accept", key, to: &buffer)
        }
        writer.end(in: &buffer)
        #expect(
            buffer.bytes.text == """
                HTTP/1.1 101 Switching Protocols\r
                Connection: Upgrade\r
                Upgrade: websocket\r
                Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
                \r

                """)
        #expect(HTTPTranscript.ofResponse(buffer.bytes.array, expectsUpgrade: true).fault == nil)
    }

    @Test(
        "a field that would become more than one is not written",
        arguments: [
            ("X", "a\r\nb: c", .badValue), ("X", "a\nb", .badValue), ("X", "a\rb", .badValue),
            ("X", "a\u{0}", .badValue), ("X", "\u{7f}", .badValue), ("X", "01234567\u{1b}", .badValue),
            ("", "a", .badName), ("X Y", "a", .badName), ("X:", "a", .badName), ("X\r\nY", "a", .badName),
            ("\u{e4}", "a", .badName), ("Content-Length", "1", .ownName),
            ("TRANSFER-ENCODING", "x", .ownName),
            ("connection", "close", .ownName), ("Date", "x", .ownName), ("Upgrade", "x", .ownName),
            ("host", "x", .ownName), ("X", "a\tb \u{e4}", nil), ("x!#$%&'*+-.^_`|~9", "", nil),
        ] as [(String, String, HTTPFieldFault?)])
    func injection(name: String, value: String, expected: HTTPFieldFault?) {
        var fault: HTTPFieldFault?
        let text = answer(get) { writer, buffer in
            latin(name).withBytes { name in
                latin(value).withBytes { value in
                    do throws(HTTPFieldFault) {
                        try writer.field(name, value, to: &buffer)
                    } catch {
                        fault = error
                    }
                }
            }
            writer.end(in: &buffer)
        }
        #expect(fault == expected)
        let plain = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        if expected != nil { #expect(text == plain) } else { #expect(text.contains("\(name): ")) }
        if expected == .badValue {
            #expect(throws: HTTPFieldFault.badValue) {
                _ = try answer(get) { writer, buffer in
                    try latin(value).withBytes { (value) throws(HTTPFieldFault) in
                        try writer.field("X", value, to: &buffer)
                    }
                }
            }
        }
    }

    @Test("an answer that is the last one says so") func last() {
        var buffer = ByteBuffer()
        HTTPResponseWriter.appendLast(.requestTimeout, "too slow", date: nil, to: &buffer)
        #expect(
            buffer.bytes.text == "HTTP/1.1 408 Request Timeout\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: 9\r\nConnection: close\r\n\r\ntoo slow\n")
    }

    @Test("an answer can be taken back while it is the last thing written") func takeBack() {
        var buffer = ByteBuffer()
        buffer.append("before")
        var writer = HTTPResponseWriter(.ok, terms(get), date: nil, to: &buffer)
        writer.field("X", "a", to: &buffer)
        writer.takeBack(from: &buffer)
        #expect(buffer.bytes.text == "before")
    }

    @Test("requests that are written are read as what was meant") func requests() throws {
        let url = try HTTPURL("http://Agent.example:8080/a?b=c")
        var buffer = ByteBuffer(capacity: 0)
        var first = HTTPRequestWriter(.post, url, to: &buffer)
        first.field("Content-Type", "application/json", to: &buffer)
        try "v".withBytes { (value) throws(HTTPFieldFault) in try first.field("X-V", value, to: &buffer) }
        "{}".withBytes { first.end($0, to: &buffer) }
        var second = HTTPRequestWriter(.put, url, to: &buffer)
        second.beginChunks(to: &buffer)
        "one".withBytes { second.append($0, to: &buffer) }
        "".withBytes { second.append($0, to: &buffer) }
        "two".withBytes { second.append($0, to: &buffer) }
        second.endContent(in: &buffer)
        var third = HTTPRequestWriter(.post, url, to: &buffer)
        third.end(in: &buffer)
        var fourth = HTTPRequestWriter(upgrading: url, to: "websocket", buffer: &buffer)
        fourth.end(in: &buffer)
        var fifth = HTTPRequestWriter(.delete, url, closes: true, to: &buffer)
        fifth.end(in: &buffer)
        let host = "Host: agent.example:8080"
        #expect(
            HTTPTranscript.ofRequests(buffer.bytes.array).lines == [
                "POST origin /a ? b=c @ agent.example:8080 length(2) keeps", host,
                "Content-Type: application/json",
                "X-V: v", "Content-Length: 2", "content {}", "end",
                "PUT origin /a ? b=c @ agent.example:8080 chunked keeps", host, "Transfer-Encoding: chunked",
                "content onetwo", "end",
                "POST origin /a ? b=c @ agent.example:8080 length(0) keeps", host, "Content-Length: 0", "end",
                "GET origin /a ? b=c @ agent.example:8080 length(0) keeps websocket", host,
                "Connection: Upgrade",
                "Upgrade: websocket", "end",
                "DELETE origin /a ? b=c @ agent.example:8080 length(0)", host, "Connection: close", "end",
                "finished",
            ])
    }

    @Test("answers that are written are read as what was meant, whatever is in them") func roundTrips() {
        var random = Generator(state: 11)
        for round in 0..<300 {
            let content = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let isChunked = round % 2 == 0
            var buffer = ByteBuffer(capacity: 0)
            var writer = HTTPResponseWriter(.ok, terms(get), date: HTTPDate(secondsSince1970: 0), to: &buffer)
            if isChunked {
                writer.beginContent(to: &buffer)
                var rest = content[...]
                while !rest.isEmpty {
                    let piece = Array(rest.prefix(Int.random(in: 1...100, using: &random)))
                    piece.withBytes { writer.append($0, to: &buffer) }
                    rest = rest.dropFirst(piece.count)
                }
                writer.endContent(in: &buffer)
            } else {
                content.withBytes { writer.end($0, to: &buffer) }
            }
            let cuts = (0..<5).map { _ in Int.random(in: 0...buffer.count, using: &random) }
            let read = HTTPTranscript.ofResponse(buffer.bytes.array, cutAt: cuts)
            let text = String(String.UnicodeScalarView(content.map { Unicode.Scalar($0) }))
            let framing = isChunked ? "chunked" : "length(\(content.count))"
            #expect(read.lines.first == "200 OK \(framing) keeps")
            #expect(read.lines[1] == "Date: Thu, 01 Jan 1970 00:00:00 GMT")
            #expect(
                read.lines.dropFirst(3) == (content.isEmpty ? [] : ["content \(text)"]) + ["end", "finished"])
        }
    }
}
