import HTTPTranscript
import HubBytes
import HubProtocols
import Testing

/// The client's side: what an agent's endpoint may answer, and what is made of it.
@Suite struct HTTPResponseReaderTests {
    private func everySplit(
        _ text: String, to method: HTTPMethod = .get, expectsUpgrade: Bool = false
    ) -> HTTPTranscript {
        let bytes = latin(text)
        func read(_ cuts: [Int]) -> HTTPTranscript {
            .ofResponse(bytes, to: method, expectsUpgrade: expectsUpgrade, cutAt: cuts, limits: .small)
        }
        let whole = read([])
        for cut in 1..<max(bytes.count, 2) { #expect(read([cut]) == whole) }
        #expect(read(Array(1..<max(bytes.count, 2))) == whole)
        return whole
    }

    @Test(
        "a response is read up to its end",
        arguments: [
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
                ["200 OK length(3) keeps", "Content-Length: 3", "content abc", "end", "finished"]
            ),
            (
                "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
                ["200  length(0) keeps", "Content-Length: 0", "end", "finished"]
            ),
            (
                "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n",
                ["404  length(0) keeps", "Content-Length: 0", "end", "finished"]
            ),
            (
                "HTTP/1.1 200 a\u{e4} b\r\nConnection: close\r\n\r\nabc",
                ["200 a\u{e4} b untilClose", "Connection: close", "content abc", "end"]
            ),
            ("HTTP/1.0 200 OK\r\n\r\nabc", ["200 OK untilClose old", "content abc", "end"]),
            ("HTTP/1.0 200 OK\r\n\r\n", ["200 OK untilClose old", "end"]),
            (
                "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na",
                [
                    "200 OK length(1) old keeps", "Connection: keep-alive", "Content-Length: 1", "content a",
                    "end", "finished",
                ]
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nT: b\r\n\r\n",
                ["200 OK chunked keeps", "Transfer-Encoding: chunked", "content a", "end", "finished"]
            ),
            (
                "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n",
                ["204 No Content length(0) keeps", "Content-Length: 9", "end", "finished"]
            ),
            (
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 999999\r\n\r\n",
                ["304 Not Modified length(0) keeps", "Content-Length: 999999", "end", "finished"]
            ),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 \r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
                ["200 OK length(1) keeps", "Content-Length: 1", "content a", "end", "finished"]
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 500 ",
                ["200 OK length(1) keeps", "Content-Length: 1", "content a", "end", "finished"]
            ),
        ] as [(String, [String])])
    func good(text: String, lines: [String]) {
        #expect(everySplit(text).lines == lines)
    }

    @Test("the answer to HEAD has no content, whatever it says") func head() {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"
        #expect(everySplit(text, to: .head).lines.first == "200 OK length(0) keeps")
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(everySplit(chunked, to: .head).lines.last == "finished")
    }

    @Test("a change of protocol is an answer where it was asked for, and a fault elsewhere") func upgrade() {
        let text =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\u{81}\u{0}"
        let asked = everySplit(text, expectsUpgrade: true)
        #expect(asked.lines.first == "101 Switching Protocols length(0)")
        #expect(asked.lines.suffix(2) == ["end", "finished"])
        #expect(everySplit(text).fault == .unexpectedUpgrade)
        #expect(everySplit("HTTP/1.1 426 \r\nContent-Length: 0\r\n\r\n", expectsUpgrade: true).fault == nil)
    }

    @Test(
        "a malformed response is refused for its fault, however its bytes arrive",
        arguments: [
            ("", .truncated), ("H", .truncated), ("HTTP/1.1 200 OK\r\n", .truncated),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", .truncated),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", .truncated),
            ("HTTP/1.1 100 Continue\r\n\r\n", .truncated),
            ("\r\nHTTP/1.1 200 OK\r\n\r\n", .badStatusLine), ("ICY 200 OK\r\n\r\n", .badStatusLine),
            ("\u{15}\u{3}\u{1}", .badStatusLine), (" HTTP/1.1 200 OK\r\n\r\n", .badStatusLine),
            ("HTTP/2.0 200 OK\r\n\r\n", .badStatusLine), ("HTTP/1.10 200 OK\r\n\r\n", .badStatusLine),
            ("HTTP/1 200 OK\r\n\r\n", .badStatusLine), ("HTTP/1.1  200 OK\r\n\r\n", .badStatusLine),
            ("HTTP/1.1 2000 OK\r\n\r\n", .badStatusLine), ("HTTP/1.1 20 OK\r\n\r\n", .badStatusLine),
            ("HTTP/1.1 099 OK\r\n\r\n", .badStatusLine), ("HTTP/1.1 600 OK\r\n\r\n", .badStatusLine),
            ("HTTP/1.1 +20 OK\r\n\r\n", .badStatusLine), ("HTTP/1.1 200OK\r\n\r\n", .badStatusLine),
            ("HTTP/1.1\t200 OK\r\n\r\n", .badStatusLine), ("http/1.1 200 OK\r\n\r\n", .badStatusLine),
            ("HTTP/1.1 200 OK\n\n", .bareLineFeed), ("HTTP/1.1 200 O\u{0}K\r\n\r\n", .controlByte),
            ("HTTP/1.1 200 " + String(repeating: "a", count: 48) + "\r\n", .statusLineTooLong),
            ("HTTP/1.1 200 OK\r\na : b\r\n\r\n", .blankBeforeColon),
            ("HTTP/1.1 200 OK\r\n a: b\r\n\r\n", .foldedLine),
            ("HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n", .foldedLine),
            ("HTTP/1.1 200 OK\r\na\r\n\r\n", .missingColon),
            ("HTTP/1.1 200 OK\r\n" + String(repeating: "a:\r\n", count: 7), .tooManyFields),
            ("HTTP/1.1 200 OK\r\na: " + String(repeating: "b", count: 200), .fieldsTooLarge),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", .repeatedContentLength),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na", .badContentLength),
            ("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\na", .contentTooLarge),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na",
                .contentLengthWithCoding
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\na", .chunkedNotLast),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\na", .codingNotSupported),
            ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .codingInOldVersion),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", .badChunkSize),
            ("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "a", count: 101), .contentTooLarge),
            (String(repeating: "HTTP/1.1 100 \r\n\r\n", count: 3), .tooManyInterimResponses),
        ] as [(String, HTTPFault)])
    func bad(text: String, fault: HTTPFault) {
        #expect(everySplit(text).fault == fault)
    }

    @Test("whether an answer has begun tells whether a request can be sent again") func begun() {
        var reader = HTTPResponseReader(to: .get)
        let before = reader.hasBegun
        _ = latin("H").withBytes { reader.next($0) }
        let after = reader.hasBegun
        #expect(!before && after)
        #expect(reader.endOfConnection() == .refused(.truncated))
        #expect(reader.endOfConnection() == .refused(.truncated))
    }
}
