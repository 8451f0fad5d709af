import HTTPTranscript
import HubBytes
import HubProtocols
import Testing

/// What is refused, why, and with which words.
@Suite struct HTTPMalformedTests {
    @Test(
        "each malformed request is refused for its fault, however its bytes arrive",
        arguments: MalformedRequests.all)
    func requests(sample: MalformedSample) {
        let bytes = latin(sample.text)
        let whole = HTTPTranscript.ofRequests(bytes, limits: .small)
        #expect(whole.fault == sample.fault)
        for cut in 1..<max(bytes.count, 2) {
            #expect(HTTPTranscript.ofRequests(bytes, cutAt: [cut], limits: .small) == whole)
        }
        let single = HTTPTranscript.ofRequests(bytes, cutAt: Array(1..<max(bytes.count, 2)), limits: .small)
        #expect(single == whole)
    }

    @Test("a malformed request behind a good one is refused the same way", arguments: MalformedRequests.all)
    func pipelined(sample: MalformedSample) {
        let first = latin("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
        let whole = HTTPTranscript.ofRequests(first + latin(sample.text), limits: .small)
        #expect(whole.fault == sample.fault)
        #expect(whole.lines.first == "GET origin /first ?  @ a length(0) keeps")
    }

    @Test("the table has every fault that a request can have") func coverage() {
        let responses: Set<HTTPFault> = [
            .badStatusLine, .statusLineTooLong, .tooManyInterimResponses, .unexpectedUpgrade,
        ]
        let found = Set(MalformedRequests.all.map(\.fault)).union(responses)
        #expect(HTTPFault.allCases.filter { !found.contains($0) } == [])
        #expect(MalformedRequests.all.count >= 200)
    }

    @Test("a fault is answered with its status and its sentence, and the connection ends") func answers() {
        let date = HTTPDate(secondsSince1970: 784_111_777)
        for fault in HTTPFault.allCases {
            var buffer = ByteBuffer()
            HTTPResponseWriter.appendRefusal(fault, date: date, to: &buffer)
            let status = fault.status
            let expected = """
                HTTP/1.1 \(status.code) \(status.reason)\r
                Date: Sun, 06 Nov 1994 08:49:37 GMT\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Length: \(fault.rawValue.utf8.count + 1)\r
                Connection: close\r
                \r
                \(fault.rawValue)

                """
            #expect(buffer.bytes.text == expected)
            let read = HTTPTranscript.ofResponse(buffer.bytes.array)
            #expect(read.fault == nil && read.lines.last == "finished")
        }
    }

    @Test(
        "faults that have a status of their own are answered with it",
        arguments: [
            (.requestLineTooLong, 414), (.methodTooLong, 501), (.connectNotOffered, 501),
            (.versionNotSupported, 505), (.fieldsTooLarge, 431), (.tooManyFields, 431),
            (.contentTooLarge, 413),
            (.chunkExtensionsTooLarge, 413), (.codingNotSupported, 501), (.unknownExpectation, 417),
            (.trailersTooLarge, 431), (.tooManyTrailers, 431), (.chunkedNotLast, 400), (.missingHost, 400),
            (.badStatusLine, 502),
        ] as [(HTTPFault, UInt16)])
    func statuses(fault: HTTPFault, code: UInt16) {
        #expect(fault.status.code == code)
        #expect(!"\(fault.status.reason)".isEmpty)
    }

    @Test(
        "what is at a limit passes and what is beyond is refused",
        arguments: [
            ("GET /" + String(repeating: "a", count: 46) + " HTTP/1.1\r\nHost: a\r\n\r\n", nil),
            ("GET / HTTP/1.1\r\nHost: a\r\na: " + String(repeating: "b", count: 184) + "\r\n\r\n", nil),
            (
                "GET / HTTP/1.1\r\nHost: a\r\na: " + String(repeating: "b", count: 185) + "\r\n\r\n",
                .fieldsTooLarge
            ),
            ("GET / HTTP/1.1\r\nHost: a\r\na:\r\na:\r\na:\r\na:\r\na:\r\n\r\n", nil),
            ("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", nil),
            ("ABCDEFGHIJKLMNOPQRSTUVWX / HTTP/1.1\r\nHost: a\r\n\r\n", nil),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 00000000000000000000000100\r\n\r\n"
                    + String(repeating: "a", count: 100), nil
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;aaaaaaaaaaaaaaaaaaa\r\na\r\n0\r\n\r\n",
                nil
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0000000000000064\r\n"
                    + String(repeating: "a", count: 100) + "\r\n0\r\n\r\n", nil
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na: "
                    + String(repeating: "b", count: 53) + "\r\n\r\n", nil
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na: "
                    + String(repeating: "b", count: 54) + "\r\n\r\n", .trailersTooLarge
            ),
        ] as [(String, HTTPFault?)])
    func limits(text: String, fault: HTTPFault?) {
        let bytes = latin(text)
        let whole = HTTPTranscript.ofRequests(bytes, limits: .small)
        #expect(whole.fault == fault)
        if fault == nil { #expect(whole.lines.suffix(2) == ["end", "finished"]) }
        for cut in 1..<bytes.count {
            #expect(HTTPTranscript.ofRequests(bytes, cutAt: [cut], limits: .small) == whole)
        }
    }
}
