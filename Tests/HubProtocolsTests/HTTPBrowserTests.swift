import HubBytes
import HubProtocols
import Testing

/// What is there for browsers: who may call from where, events as a stream of text, and dates.
@Suite struct HTTPBrowserTests {
    private func request<Result>(_ lines: String, _ body: (borrowing HTTPRequestView) throws -> Result)
        rethrows -> Result
    {
        try latin(lines + "\r\n\r\n").withBytes { bytes in
            var reader = HTTPRequestReader()
            _ = reader.next(bytes)
            return try body(reader.request(in: bytes))
        }
    }

    private let policy = HTTPCrossOrigin(
        origins: ["https://dash.example", "http://localhost:3000"], allowsCredentials: true)

    @Test(
        "a request is judged by where its page came from",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: hub:8000", .own),
            ("GET / HTTP/1.1\r\nHost: hub:8000\r\nOrigin: http://hub:8000", .own),
            ("GET / HTTP/1.1\r\nHost: hub:8000\r\nOrigin: https://hub:8000", .own),
            ("GET / HTTP/1.1\r\nHost: hub:8000\r\nOrigin: http://hub", .refused),
            ("GET / HTTP/1.1\r\nHost: hub\r\nOrigin: http://evilhub", .refused),
            ("GET / HTTP/1.1\r\nHost: hub\r\nOrigin: hub", .refused),
            ("GET / HTTP/1.1\r\nHost: hub\r\nOrigin: ftp://hub", .refused),
            ("GET / HTTP/1.1\r\nHost:\r\nOrigin: http://", .refused),
            ("GET / HTTP/1.1\r\nHost: hub\r\nOrigin: https://dash.example", .allowed),
            ("GET / HTTP/1.1\r\nHost: hub\r\nOrigin: http://localhost:3000", .allowed),
            ("GET / HTTP/1.1\r\nHost: hub\r\nOrigin: http://dash.example", .refused),
            ("GET / HTTP/1.1\r\nHost: hub\r\nOrigin: https://dash.example.evil", .refused),
            ("GET / HTTP/1.1\r\nHost: hub\r\nOrigin: null", .refused),
            ("GET / HTTP/1.1\r\nHost: hub\r\nOrigin:", .refused),
            (
                "GET / HTTP/1.1\r\nHost: hub\r\nOrigin: https://dash.example\r\nOrigin: https://evil.example",
                .refused
            ),
        ] as [(String, HTTPCrossOrigin.Verdict)])
    func verdicts(lines: String, expected: HTTPCrossOrigin.Verdict) {
        #expect(request(lines) { policy.verdict(on: $0) } == expected)
        let all = HTTPCrossOrigin(origins: ["*"])
        let isOne = lines.components(of: "Origin:") < 2
        #expect(
            request(lines) { all.verdict(on: $0) } == (expected == .own ? .own : isOne ? .allowed : .refused))
    }

    private func preflight(_ policy: HTTPCrossOrigin, _ origin: String) throws -> String {
        var buffer = ByteBuffer()
        let lines =
            "OPTIONS /a HTTP/1.1\r\nHost: hub\r\nOrigin: \(origin)\r\nAccess-Control-Request-Method: POST"
        try request(lines) { request in
            let isAsked = HTTPCrossOrigin.isPreflight(request)
            #expect(isAsked)
            try policy.appendPreflight(to: request, date: nil, in: &buffer)
        }
        return buffer.bytes.text
    }

    @Test("a browser that asks first is told what a page may do") func preflights() throws {
        #expect(
            try preflight(policy, "https://dash.example") == """
                HTTP/1.1 204 No Content\r
                Vary: Origin\r
                Access-Control-Allow-Origin: https://dash.example\r
                Access-Control-Allow-Credentials: true\r
                Access-Control-Allow-Methods: GET, HEAD, POST, PATCH, DELETE\r
                Access-Control-Allow-Headers: Content-Type, Authorization, Last-Event-ID, X-Agent\r
                Access-Control-Max-Age: 600\r
                \r

                """)
        #expect(
            try preflight(policy, "https://evil.example")
                == "HTTP/1.1 403 Forbidden\r\nVary: Origin\r\nContent-Length: 0\r\n\r\n")
        let open = HTTPCrossOrigin(origins: ["*"], methods: ["GET"], fields: ["A"], secondsValid: 1)
        #expect(
            try preflight(open, "https://evil.example") == """
                HTTP/1.1 204 No Content\r
                Access-Control-Allow-Origin: *\r
                Access-Control-Allow-Methods: GET\r
                Access-Control-Allow-Headers: A\r
                Access-Control-Max-Age: 1\r
                \r

                """)
        #expect(throws: HTTPFieldFault.badValue) {
            try preflight(HTTPCrossOrigin(origins: ["*"], fields: ["A\r\nB: c"]), "https://a.example")
        }
        for lines in ["OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: b", "GET / HTTP/1.1\r\nHost: a"] {
            let isAsked = request(lines) { HTTPCrossOrigin.isPreflight($0) }
            #expect(!isAsked)
        }
    }

    private func event(name: StaticString? = nil, id: String? = nil, _ data: String) throws -> String {
        var buffer = ByteBuffer(capacity: 0)
        try data.withBytes { (data) throws(HTTPFieldFault) in
            guard let id else {
                return try ServerSentEvents.append(name: name, id: nil, data: data, to: &buffer)
            }
            try id.withBytes { (id) throws(HTTPFieldFault) in
                try ServerSentEvents.append(name: name, id: id, data: data, to: &buffer)
            }
        }
        return buffer.bytes.text
    }

    @Test("events are lines, and data with lines stays one event") func events() throws {
        #expect(try event("{}") == "data: {}\n\n")
        #expect(try event(name: "message", id: "7", "a") == "id: 7\nevent: message\ndata: a\n\n")
        #expect(try event("") == "data: \n\n")
        #expect(try event("a\nb\r\nc\rd\n") == "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n")
        #expect(try event("a\n\nid: 9") == "data: a\ndata: \ndata: id: 9\n\n")
        #expect(try event("\r") == "data: \ndata: \n\n")
        for id in ["a\nb", "a\rb", "a\u{0}"] {
            #expect(throws: HTTPFieldFault.badValue) { try event(id: id, "x") }
        }
        var buffer = ByteBuffer()
        ServerSentEvents.appendRetry(milliseconds: 2500, to: &buffer)
        ServerSentEvents.appendComment(to: &buffer)
        #expect(buffer.bytes.text == "retry: 2500\n\n:\n\n")
    }

    @Test(
        "dates are those of the calendar",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"), (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (-86_400, "Wed, 31 Dec 1969 00:00:00 GMT"),
            (.max, "Fri, 31 Dec 9999 23:59:59 GMT"), (.min, "Sat, 01 Jan 0000 00:00:00 GMT"),
        ] as [(Int64, String)])
    func dates(seconds: Int64, expected: String) {
        var buffer = ByteBuffer()
        let terms = request("GET / HTTP/1.1\r\nHost: a") { HTTPReplyTerms($0.head) }
        _ = HTTPResponseWriter(.ok, terms, date: HTTPDate(secondsSince1970: seconds), to: &buffer)
        #expect(buffer.bytes.text == "HTTP/1.1 200 OK\r\nDate: \(expected)\r\n")
    }
}

extension String {
    /// How often a text is in this one.
    fileprivate func components(of text: String) -> Int {
        var rest = self[...]
        var count = 0
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
