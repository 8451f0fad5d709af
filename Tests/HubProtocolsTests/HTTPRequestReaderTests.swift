import HTTPTranscript
import HubBytes
import HubProtocols
import Testing

/// What is taken, and what is made of it.
@Suite struct HTTPRequestReaderTests {
    @Test(
        "the first line and the fields are taken apart",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: a", "GET origin / ?  @ a length(0) keeps"),
            (
                "GET /a?b=c?d HTTP/1.1\r\nHost: A.example:80",
                "GET origin /a ? b=c?d @ A.example:80 length(0) keeps"
            ),
            ("GET /? HTTP/1.1\r\nHost:", "GET origin / ?  @ no host length(0) keeps"),
            ("GET // HTTP/1.1\r\nhost:\ta \t", "GET origin // ?  @ a length(0) keeps"),
            ("GET /{a}|\"<>\\^` HTTP/1.1\r\nHOST: a:", "GET origin /{a}|\"<>\\^` ?  @ a length(0) keeps"),
            ("GET http://b/c?d HTTP/1.1\r\nHost: a", "GET absolute /c ? d @ b length(0) keeps"),
            ("GET HTTPS://b:444 HTTP/1.1\r\nHost: b", "GET absolute / ?  @ b:444 length(0) keeps"),
            ("GET http://b?d HTTP/1.1\r\nHost: b", "GET absolute / ? d @ b length(0) keeps"),
            ("GET http://[::1]:8/ HTTP/1.1\r\nHost: a", "GET absolute / ?  @ ::1:8 length(0) keeps"),
            ("OPTIONS * HTTP/1.1\r\nHost: a", "OPTIONS asterisk * ?  @ a length(0) keeps"),
            ("get / HTTP/1.1\r\nHost: a_b-c", "get origin / ?  @ a_b-c length(0) keeps"),
            (
                "M-SEARCH / HTTP/1.9\r\nHost: [2001:db8::1]",
                "M-SEARCH origin / ?  @ 2001:db8::1 length(0) keeps"
            ),
            ("GET / HTTP/1.0", "GET origin / ?  @ no host length(0) old"),
            ("GET / HTTP/1.0\r\nConnection: Keep-Alive", "GET origin / ?  @ no host length(0) old keeps"),
            ("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close ,", "GET origin / ?  @ a length(0)"),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close",
                "GET origin / ?  @ a length(0)"
            ),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 000", "POST origin / ?  @ a length(0) keeps"),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c, WebSocket\r\nConnection: keep-alive, Upgrade",
                "GET origin / ?  @ a length(0) keeps websocket"
            ),
            ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket", "GET origin / ?  @ a length(0) keeps"),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade",
                "POST origin / ?  @ a length(0) keeps"
            ),
            (
                "GET / HTTP/1.0\r\nUpgrade: websocket\r\nConnection: upgrade, keep-alive",
                "GET origin / ?  @ no host length(0) old keeps"
            ),
            ("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue", "GET origin / ?  @ a length(0) keeps"),
            ("GET / HTTP/1.0\r\nExpect: anything", "GET origin / ?  @ no host length(0) old"),
        ])
    func heads(lines: String, expected: String) {
        let whole = HTTPTranscript.ofRequests(latin(lines + "\r\n\r\n"))
        #expect(whole.lines.first == expected)
        #expect(whole.lines.suffix(2) == ["end", "finished"])
    }

    @Test(
        "content is taken out of its framing",
        arguments: [
            ("Content-Length: 3\r\n\r\nabc", "length(3) keeps", "abc"),
            ("Content-Length: 3\r\nExpect: 100-Continue\r\n\r\nabc", "length(3) keeps continue", "abc"),
            ("Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "chunked keeps", "abc"),
            (
                "Transfer-Encoding: ,chunked,\r\n\r\n01;x=\"y\"\r\na\r\n2 ; z\r\nbc\r\n00\r\n\r\n",
                "chunked keeps", "abc"
            ),
            (
                "Transfer-Encoding: chunked\r\n\r\nA\r\n\r\n34567\r\n0\r\n0;last\r\nT: a\r\nU:\r\n\r\n",
                "chunked keeps", "\r\n34567\r\n0"
            ),
            ("Content-Length: 4\r\nConnection: close\r\n\r\n\r\n\r\n", "length(4)", "\r\n\r\n"),
        ])
    func contents(rest: String, framing: String, content: String) {
        let bytes = latin("POST /a HTTP/1.1\r\nHost: a\r\n" + rest)
        let whole = HTTPTranscript.ofRequests(bytes)
        #expect(whole.lines.first == "POST origin /a ?  @ a \(framing)")
        #expect(whole.lines.suffix(3) == ["content \(content)", "end", "finished"])
        for cut in 1..<bytes.count { #expect(HTTPTranscript.ofRequests(bytes, cutAt: [cut]) == whole) }
    }

    @Test("any pieces of any stream of requests are read as what the stream was made from") func pipelines() {
        var random = Generator(state: 7)
        for _ in 0..<300 {
            var bytes: [UInt8] = []
            var expected: [String] = []
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let request = RandomRequest(&random)
                bytes += request.bytes
                expected += request.lines
            }
            expected.append("finished")
            #expect(HTTPTranscript.ofRequests(bytes).lines == expected)
            for _ in 0..<8 {
                let cuts = (0..<Int.random(in: 1...20, using: &random)).map { _ in
                    Int.random(in: 0...bytes.count, using: &random)
                }
                #expect(HTTPTranscript.ofRequests(bytes, cutAt: cuts).lines == expected)
            }
            #expect(HTTPTranscript.ofRequests(bytes, cutAt: Array(0..<bytes.count)).lines == expected)
        }
    }

    @Test("nothing is read behind a request that ends the connection") func last() {
        let bytes = latin(
            "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        let whole = HTTPTranscript.ofRequests(bytes)
        #expect(whole.lines.suffix(2) == ["end", "finished"])
        #expect(!whole.description.contains("/b"))
    }

    @Test("the bytes behind a request for another protocol are left alone") func upgrade() {
        let head = "GET /hub HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        latin(head + "\u{81}\u{85}").withBytes { bytes in
            var reader = HTTPRequestReader()
            #expect(reader.next(bytes) == .head(byteCount: head.utf8.count))
            let rest = bytes.extracting(head.utf8.count..<bytes.byteCount)
            #expect(reader.next(rest) == .end(consumed: 0))
        }
    }

    @Test("a head can be asked for its fields until the next one begins") func fields() {
        let text =
            "POST /a HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-b: p, Q\r\nX-a: 2\r\nX-B: r\r\nContent-Length: 1\r\n\r\nz"
        latin(text).withBytes { bytes in
            var reader = HTTPRequestReader()
            let head = reader.next(bytes)
            #expect(reader.next(bytes.extracting(head.consumed..<bytes.byteCount)) == .content(0..<1))
            let nothing = bytes.extracting(0..<0)
            #expect(reader.next(nothing) == .end(consumed: 0))
            let fields = reader.request(in: bytes).fields
            #expect(fields.count == 6)
            #expect(fields.name(at: 1).text == "X-A")
            #expect(fields.index(of: "x-a") == 1)
            #expect(fields.index(of: "x-a", from: 2) == 3)
            #expect(fields.index(of: "x-a", from: 4) == nil)
            let isMissing = fields.value(of: "x-c") == nil
            #expect(isMissing)
            #expect(fields.contains("q", in: "x-b") && fields.contains("r", in: "x-b"))
            #expect(!fields.contains("s", in: "x-b") && !fields.contains("q", in: "x-a"))
        }
    }

    @Test("an end of the connection is fine between requests only") func ends() {
        var reader = HTTPRequestReader()
        #expect(latin("\r\nGE").withBytes { reader.next($0) } == .needsMore(consumed: 0))
        #expect(reader.endOfConnection() == .refused(.truncated))
        #expect(latin("\r\nGET").withBytes { reader.next($0) } == .refused(.truncated))
        var idle = HTTPRequestReader()
        idle.releaseMemory()
        #expect(idle.endOfConnection() == .finished)
        #expect(latin("GET").withBytes { idle.next($0) } == .finished)
    }

    @Test("a reader knows what it waits for, and gives its memory back between requests") func waiting() {
        let text = latin("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
        var reader = HTTPRequestReader()
        var waits: [HTTPWaiting] = [reader.waitsFor]
        for last in [false, true] {
            text.withBytes { bytes in
                _ = reader.next(bytes.extracting(0..<1))
                waits.append(reader.waitsFor)
                let head = reader.next(bytes).consumed
                waits.append(reader.waitsFor)
                _ = reader.next(bytes.extracting(head..<bytes.byteCount))
                _ = reader.next(bytes.extracting(0..<0))
                waits.append(reader.waitsFor)
                reader.releaseMemory()
            }
            if last { _ = reader.endOfConnection() }
        }
        waits.append(reader.waitsFor)
        #expect(
            waits == [.request, .head, .content, .request, .head, .content, .request, .nothing])
    }

    @Test(
        "hosts that only this machine calls itself are known",
        arguments: [
            ("localhost", true), ("LocalHost:8000", true), ("hub.localhost", true), ("127.0.0.1", true),
            ("127.9.8.7:1", true), ("[::1]:8000", true), ("localhost.example", false),
            ("notlocalhost", false),
            ("127.0.0.1.example", false), ("128.0.0.1", false), ("[::2]", false), (".localhost", false),
            ("", false),
        ])
    func loopback(host: String, expected: Bool) {
        latin("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").withBytes { bytes in
            var reader = HTTPRequestReader()
            _ = reader.next(bytes)
            #expect(reader.request(in: bytes).isForLoopback == expected)
        }
    }

    @Test("a head that comes byte by byte costs no more than its bytes") func slow() {
        // Were each byte looked at again with every later one, this would take minutes.
        var limits = HTTPLimits()
        limits.fieldBytesMax = 900_000
        let bytes = latin("GET / HTTP/1.1\r\nHost: a\r\na: " + String(repeating: "b", count: 800_000))
        bytes.withBytes { span in
            var reader = HTTPRequestReader(limits: limits)
            var end = 1
            while end <= span.byteCount {
                if reader.next(span.extracting(0..<end)) != .needsMore(consumed: 0) { break }
                end += 1
            }
            #expect(end == span.byteCount + 1)
        }
    }
}

/// A request made at random, with what reading it must give.
private struct RandomRequest {
    var bytes: [UInt8] = []
    var lines: [String] = []

    init(_ random: inout Generator) {
        func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        let method = ["GET", "POST", "PUT", "DELETE", "X"][number(0...4)]
        let path = "/" + String(repeating: "a", count: number(0...40))
        let content = String(
            String.UnicodeScalarView((0..<number(0...80)).map { _ in Unicode.Scalar(UInt8(number(0...255))) })
        )
        var fields = [("Host", "a")]
        for _ in 0..<number(0...4) {
            let value = ["", "v", "two words", "\u{e4}\u{ff}", "a\tb"][number(0...4)]
            fields.insert(("N\(number(0...99))", value), at: number(0...fields.count))
        }
        let isChunked = number(0...1) == 1
        if isChunked {
            fields.append(("Transfer-Encoding", "chunked"))
        } else if !content.isEmpty {
            fields.append(("Content-Length", "\(content.unicodeScalars.count)"))
        }
        let empty = String(repeating: "\r\n", count: number(0...2))
        var text = "\(empty)\(method) \(path) HTTP/1.1\r\n"
        let framing = isChunked ? "chunked" : "length(\(content.unicodeScalars.count))"
        lines.append("\(method) origin \(path) ?  @ a \(framing) keeps")
        for (name, value) in fields {
            text += name + ":" + ["", " ", "\t "][number(0...2)] + value + ["", " "][number(0...1)] + "\r\n"
            lines.append("\(name): \(value)")
        }
        bytes = latin(text + "\r\n")
        var rest = latin(content)[...]
        while isChunked, !rest.isEmpty {
            let chunk = rest.prefix(number(1...30))
            rest = rest.dropFirst(chunk.count)
            bytes += latin(String(chunk.count, radix: 16, uppercase: number(0...1) == 1))
            bytes += latin(["", ";x", " ;y=z"][number(0...2)] + "\r\n") + chunk + latin("\r\n")
        }
        bytes += rest
        if isChunked { bytes += latin("0\r\n" + ["", "T: a\r\n"][number(0...1)] + "\r\n") }
        if !content.isEmpty { lines.append("content \(content)") }
        lines.append("end")
    }
}
