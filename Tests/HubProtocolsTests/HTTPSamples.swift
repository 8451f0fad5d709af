import HubBytes
import HubProtocols
import Testing

/// A byte for each character, so that samples can have any.
func latin(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }

/// Bytes and what is wrong with them.
struct MalformedSample: CustomTestStringConvertible, Sendable {
    let text: String
    let fault: HTTPFault

    init(_ text: String, _ fault: HTTPFault) {
        self.text = text
        self.fault = fault
    }

    /// A request that is fine but for these lines.
    init(fields: String, _ fault: HTTPFault) {
        self.init("POST /a HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n", fault)
    }

    /// A request that is fine but for its content in chunks.
    init(chunks: String, _ fault: HTTPFault) {
        self.init("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)", fault)
    }

    /// A request that is fine but for its target.
    init(target: String, _ fault: HTTPFault) { self.init("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n", fault) }

    var testDescription: String { "\(fault): \(text.debugDescription)" }
}

enum MalformedRequests {
    static let firstLines: [MalformedSample] = [
        MalformedSample("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", .looksLikeTLS),
        MalformedSample("\u{16}", .looksLikeTLS),
        MalformedSample("\u{0}", .notHTTP),
        MalformedSample(" GET / HTTP/1.1\r\n", .notHTTP),
        MalformedSample("\tGET / HTTP/1.1\r\n", .notHTTP),
        MalformedSample("{\"type\":\"hello\"}\n", .notHTTP),
        MalformedSample("<a>", .notHTTP),
        MalformedSample("\u{ff}GET / HTTP/1.1\r\n", .notHTTP),
        MalformedSample("\u{ef}\u{bb}\u{bf}GET / HTTP/1.1\r\n", .notHTTP),
        MalformedSample("\r\n\r\n\r\nGET / HTTP/1.1\r\n", .tooManyEmptyLines),
        MalformedSample("\nGET / HTTP/1.1\r\n", .bareLineFeed),
        MalformedSample("\r\rGET / HTTP/1.1\r\n", .bareCarriageReturn),
        MalformedSample("GET / HTTP/1.1\n\n", .bareLineFeed),
        MalformedSample("GET / HTTP/1.1\rHost: a\r\n\r\n", .bareCarriageReturn),
        MalformedSample("GET / HTTP/1.1\r\r\n", .bareCarriageReturn),
        MalformedSample("GET /\u{0} HTTP/1.1\r\n", .controlByte),
        MalformedSample("GET /\u{1b}[2J HTTP/1.1\r\n", .controlByte),
        MalformedSample("GET /\u{7f} HTTP/1.1\r\n", .controlByte),
        MalformedSample("GET /\u{b}HTTP/1.1\r\n", .controlByte),
        MalformedSample("GET /" + String(repeating: "a", count: 47) + " HTTP/1.1\r\n", .requestLineTooLong),
        MalformedSample(String(repeating: "a", count: 61), .requestLineTooLong),
        MalformedSample("GET\r\n\r\n", .badRequestLine),
        MalformedSample("GET /\r\n\r\n", .badRequestLine),
        MalformedSample("GET  / HTTP/1.1\r\n\r\n", .badRequestLine),
        MalformedSample("GET HTTP/1.1\r\n\r\n", .badRequestLine),
        MalformedSample("G@T / HTTP/1.1\r\n\r\n", .badRequestLine),
        MalformedSample("GET\t/ HTTP/1.1\r\n\r\n", .badRequestLine),
        MalformedSample("G\u{e4}T / HTTP/1.1\r\n\r\n", .badRequestLine),
        MalformedSample("ABCDEFGHIJKLMNOPQRSTUVWXY / HTTP/1.1\r\n\r\n", .methodTooLong),
        MalformedSample("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", .connectNotOffered),
        MalformedSample("GET /  HTTP/1.1\r\n\r\n", .badVersion),
        MalformedSample("GET / HTTP/1.1 \r\n\r\n", .badVersion),
        MalformedSample("GET /a b HTTP/1.1\r\n\r\n", .badVersion),
        MalformedSample("GET / HTTP/1\r\n\r\n", .badVersion),
        MalformedSample("GET / HTTP/1.10\r\n\r\n", .badVersion),
        MalformedSample("GET / HTTP/01.1\r\n\r\n", .badVersion),
        MalformedSample("GET / HTTP/1,1\r\n\r\n", .badVersion),
        MalformedSample("GET / HTTP/+1.1\r\n\r\n", .badVersion),
        MalformedSample("GET / http/1.1\r\n\r\n", .badVersion),
        MalformedSample("GET / HTTPS/1.1\r\n\r\n", .badVersion),
        MalformedSample("GET / ICY/1.01\r\n\r\n", .badVersion),
        MalformedSample("GET / HTTP/1.x\r\n\r\n", .badVersion),
        MalformedSample("GET / HTTP/\u{b2}.1\r\n\r\n", .badVersion),
        MalformedSample("GET / HTTP/0.9\r\n\r\n", .versionNotSupported),
        MalformedSample("GET / HTTP/2.0\r\n\r\n", .versionNotSupported),
        MalformedSample("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .versionNotSupported),
    ]

    static let targets: [MalformedSample] = [
        MalformedSample(target: "*", .badTarget),
        MalformedSample(target: "a", .badTarget),
        MalformedSample(target: "a:80", .badTarget),
        MalformedSample(target: "**", .badTarget),
        MalformedSample(target: "\\a", .badTarget),
        MalformedSample(target: "ftp://a/", .badTarget),
        MalformedSample(target: "ws://a/", .badTarget),
        MalformedSample(target: "http:/a", .badTarget),
        MalformedSample(target: "http://", .badTarget),
        MalformedSample(target: "http:///a", .badHost),
        MalformedSample(target: "http://u@a/", .badHost),
        MalformedSample(target: "http://a:b/", .badHost),
        MalformedSample(target: "http://a:0/", .badHost),
        MalformedSample(target: "http://a:65536/", .badHost),
        MalformedSample(target: "http://[::1/", .badHost),
        MalformedSample(target: "http://a\\b/", .badHost),
        MalformedSample(target: "/#a", .badTargetByte),
        MalformedSample(target: "/\u{e4}", .badTargetByte),
        MalformedSample(target: "/\u{c3}\u{a4}", .badTargetByte),
        MalformedSample(target: "/a\tb", .badTargetByte),
        MalformedSample(target: "/%", .badPercentEncoding),
        MalformedSample(target: "/%4", .badPercentEncoding),
        MalformedSample(target: "/%4g", .badPercentEncoding),
        MalformedSample(target: "/?a=%%41", .badPercentEncoding),
        MalformedSample(target: "/%u0041", .badPercentEncoding),
        MalformedSample(target: "/a%00", .encodedNUL),
        MalformedSample("OPTIONS *a HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ]

    static let fields: [MalformedSample] = [
        MalformedSample("GET / HTTP/1.1\r\n\r\n", .missingHost),
        MalformedSample("GET / HTTP/1.1\r\nHosts: a\r\n\r\n", .missingHost),
        MalformedSample("GET http://a/ HTTP/1.1\r\n\r\n", .missingHost),
        MalformedSample("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .foldedLine),
        MalformedSample(fields: "Host: a", .repeatedHost),
        MalformedSample(fields: "host: b", .repeatedHost),
        MalformedSample("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .badHost),
        MalformedSample("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", .badHost),
        MalformedSample("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .badHost),
        MalformedSample("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .badHost),
        MalformedSample("GET / HTTP/1.1\r\nHost: :80\r\n\r\n", .badHost),
        MalformedSample("GET / HTTP/1.1\r\nHost: a:+80\r\n\r\n", .badHost),
        MalformedSample("GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n", .badHost),
        MalformedSample("GET / HTTP/1.1\r\nHost: a:000080\r\n\r\n", .badHost),
        MalformedSample("GET / HTTP/1.1\r\nHost: ::1\r\n\r\n", .badHost),
        MalformedSample("GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n", .badHost),
        MalformedSample("GET / HTTP/1.1\r\nHost: [fe80::1%25eth0]\r\n\r\n", .badHost),
        MalformedSample("GET / HTTP/1.1\r\nHost: \u{e4}\r\n\r\n", .badHost),
        MalformedSample("GET / HTTP/1.0\r\nHost: a b\r\n\r\n", .badHost),
        MalformedSample(fields: " b: c", .foldedLine),
        MalformedSample(fields: "\tb: c", .foldedLine),
        MalformedSample(fields: " ", .foldedLine),
        MalformedSample(fields: "a: b\r\n c", .foldedLine),
        MalformedSample(fields: "a : b", .blankBeforeColon),
        MalformedSample(fields: "a\t: b", .blankBeforeColon),
        MalformedSample(fields: "Content-Length : 3", .blankBeforeColon),
        MalformedSample(fields: "Transfer-Encoding : chunked", .blankBeforeColon),
        MalformedSample(fields: ": b", .badFieldName),
        MalformedSample(fields: "a b: c", .badFieldName),
        MalformedSample(fields: "a\u{e4}: b", .badFieldName),
        MalformedSample(fields: "(a): b", .badFieldName),
        MalformedSample(fields: "\"a\": b", .badFieldName),
        MalformedSample(fields: "a@: b", .badFieldName),
        MalformedSample(fields: "a", .missingColon),
        MalformedSample(fields: "Transfer-Encoding", .missingColon),
        MalformedSample(fields: "a\u{0}: b", .controlByte),
        MalformedSample(fields: "a: b\u{0}c", .controlByte),
        MalformedSample(fields: "a: \u{1}", .controlByte),
        MalformedSample(fields: "a: \u{7f}", .controlByte),
        MalformedSample(fields: "a: b\u{c}", .controlByte),
        MalformedSample(fields: "a: b\rc: d", .bareCarriageReturn),
        MalformedSample(fields: "a: b\nc: d", .bareLineFeed),
        MalformedSample(fields: "a: b\r\r", .bareCarriageReturn),
        MalformedSample(fields: "a: b\r\n\n", .bareLineFeed),
        MalformedSample(fields: "a: " + String(repeating: "b", count: 190), .fieldsTooLarge),
        MalformedSample(fields: String(repeating: "a", count: 200), .fieldsTooLarge),
        MalformedSample(
            fields: String(repeating: "a: 0123456789012345678901234567890123\r\n", count: 4)
                + "a: 0123456789012345678901234567890123", .fieldsTooLarge
        ),
        MalformedSample(fields: "a:\r\na:\r\na:\r\na:\r\na:\r\na:", .tooManyFields),
    ]

    static let framing: [MalformedSample] = [
        MalformedSample(fields: "Content-Length:", .badContentLength),
        MalformedSample(fields: "Content-Length: +3", .badContentLength),
        MalformedSample(fields: "Content-Length: -3", .badContentLength),
        MalformedSample(fields: "Content-Length: 3 3", .badContentLength),
        MalformedSample(fields: "Content-Length: 0x3", .badContentLength),
        MalformedSample(fields: "Content-Length: 3.0", .badContentLength),
        MalformedSample(fields: "Content-Length: 1e1", .badContentLength),
        MalformedSample(fields: "Content-Length: 1_0", .badContentLength),
        MalformedSample(fields: "Content-Length: 3, 3", .badContentLength),
        MalformedSample(fields: "Content-Length: 3,", .badContentLength),
        MalformedSample(fields: "Content-Length: \"3\"", .badContentLength),
        MalformedSample(fields: "Content-Length: \u{b2}", .badContentLength),
        MalformedSample(fields: "Content-Length: 3;a", .badContentLength),
        MalformedSample(fields: "Content-Length: 3\r\nContent-Length: 3", .repeatedContentLength),
        MalformedSample(fields: "Content-Length: 3\r\ncontent-length: 4", .repeatedContentLength),
        MalformedSample(fields: "Content-Length: 0\r\nContent-Length: 44", .repeatedContentLength),
        MalformedSample(fields: "Content-Length: 101", .contentTooLarge),
        MalformedSample(fields: "Content-Length: 18446744073709551615", .contentTooLarge),
        MalformedSample(fields: "Content-Length: 18446744073709551619", .contentTooLarge),
        MalformedSample(fields: "Content-Length: 99999999999999999999999999999999", .contentTooLarge),
        MalformedSample(fields: "Content-Length: 3\r\nTransfer-Encoding: chunked", .contentLengthWithCoding),
        MalformedSample(fields: "Transfer-Encoding: chunked\r\nContent-Length: 3", .contentLengthWithCoding),
        MalformedSample(fields: "Transfer-Encoding: x\r\nContent-Length: 0", .contentLengthWithCoding),
        MalformedSample("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .codingInOldVersion),
        MalformedSample(fields: "Transfer-Encoding:", .chunkedNotLast),
        MalformedSample(fields: "Transfer-Encoding: gzip", .chunkedNotLast),
        MalformedSample(fields: "Transfer-Encoding: identity", .chunkedNotLast),
        MalformedSample(fields: "Transfer-Encoding: xchunked", .chunkedNotLast),
        MalformedSample(fields: "Transfer-Encoding: chunkedx", .chunkedNotLast),
        MalformedSample(fields: "Transfer-Encoding: \"chunked\"", .chunkedNotLast),
        MalformedSample(fields: "Transfer-Encoding: chunked;q=1", .chunkedNotLast),
        MalformedSample(fields: "Transfer-Encoding: chunked chunked", .chunkedNotLast),
        MalformedSample(fields: "Transfer-Encoding: chunked, chunked", .chunkedNotLast),
        MalformedSample(fields: "Transfer-Encoding: chunked, identity", .chunkedNotLast),
        MalformedSample(fields: "Transfer-Encoding: chunked, gzip", .chunkedNotLast),
        MalformedSample(fields: "Transfer-Encoding: chunked\r\ntransfer-encoding: x", .chunkedNotLast),
        MalformedSample(fields: "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .chunkedNotLast),
        MalformedSample(fields: "Transfer-Encoding: \u{b}chunked", .controlByte),
        MalformedSample(fields: "Transfer-Encoding: ch\u{f5}nked", .chunkedNotLast),
        MalformedSample(fields: "Transfer-Encoding: gzip, chunked", .codingNotSupported),
        MalformedSample(
            fields: "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", .codingNotSupported),
        MalformedSample(fields: "Expect: 200-ok", .unknownExpectation),
        MalformedSample(fields: "Expect: 100-continue, more", .unknownExpectation),
    ]

    static let content: [MalformedSample] = [
        MalformedSample(chunks: "\r\n", .badChunkSize),
        MalformedSample(chunks: "g\r\n", .badChunkSize),
        MalformedSample(chunks: "+1\r\na\r\n", .badChunkSize),
        MalformedSample(chunks: "-1\r\na\r\n", .badChunkSize),
        MalformedSample(chunks: "0x1\r\na\r\n", .badChunkSize),
        MalformedSample(chunks: " 1\r\na\r\n", .badChunkSize),
        MalformedSample(chunks: "1 \r\na\r\n", .badChunkSize),
        MalformedSample(chunks: "1 1\r\na\r\n", .badChunkSize),
        MalformedSample(chunks: "1_0\r\na\r\n", .badChunkSize),
        MalformedSample(chunks: ";a\r\n", .badChunkSize),
        MalformedSample(chunks: "1,2\r\na\r\n", .badChunkSize),
        MalformedSample(chunks: "00000000000000001\r\na\r\n", .badChunkSize),
        MalformedSample(chunks: "10000000000000001\r\na\r\n", .badChunkSize),
        MalformedSample(chunks: String(repeating: "0", count: 90), .badChunkSize),
        MalformedSample(chunks: "1\na\r\n", .bareLineFeed),
        MalformedSample(chunks: "1\ra\r\n", .bareCarriageReturn),
        MalformedSample(chunks: "1;a\nb\r\na\r\n", .bareLineFeed),
        MalformedSample(chunks: "1;a=\"\r\"\r\na\r\n", .bareCarriageReturn),
        MalformedSample(chunks: "1;\u{0}\r\na\r\n", .controlByte),
        MalformedSample(chunks: "1;aaaaaaaaaaaaaaaaaaaa\r\na\r\n", .chunkExtensionsTooLarge),
        MalformedSample(chunks: "1;" + String(repeating: "a", count: 80), .chunkExtensionsTooLarge),
        MalformedSample(chunks: "1;aaaaaaaaa\r\na\r\n1;aaaaaaaaa\r\na\r\n1;a\r\na", .chunkExtensionsTooLarge),
        MalformedSample(chunks: "65\r\n", .contentTooLarge),
        MalformedSample(chunks: "ffffffffffffffff\r\n", .contentTooLarge),
        MalformedSample(
            chunks: "64\r\n" + String(repeating: "a", count: 100) + "\r\n1\r\n", .contentTooLarge),
        MalformedSample(chunks: "1\r\nab\r\n", .chunkEndMissing),
        MalformedSample(chunks: "1\r\na\n", .chunkEndMissing),
        MalformedSample(chunks: "1\r\na\rb", .chunkEndMissing),
        MalformedSample(chunks: "2\r\na\r\n0\r\n\r\n", .chunkEndMissing),
        MalformedSample(chunks: "0\r\na\r\n", .missingColon),
        MalformedSample(chunks: "0\r\n a: b\r\n", .foldedLine),
        MalformedSample(chunks: "0\r\na : b\r\n", .blankBeforeColon),
        MalformedSample(chunks: "0\r\na: b\n\r\n", .bareLineFeed),
        MalformedSample(chunks: "0\r\nContent-Length: 3\r\n\r\n", .forbiddenTrailer),
        MalformedSample(chunks: "0\r\ntransfer-encoding: x\r\n\r\n", .forbiddenTrailer),
        MalformedSample(chunks: "0\r\nHost: b\r\n\r\n", .forbiddenTrailer),
        MalformedSample(chunks: "0\r\na:\r\na:\r\na:\r\n\r\n", .tooManyTrailers),
        MalformedSample(chunks: "0\r\na: " + String(repeating: "b", count: 60), .trailersTooLarge),
        MalformedSample(
            chunks: "0\r\na: 0123456789012345678901234\r\nb: 0123456789012345678901234\r\n", .trailersTooLarge
        ),
        // Cut off anywhere
        MalformedSample("G", .truncated),
        MalformedSample("GET / HTTP/1.1\r\n", .truncated),
        MalformedSample("GET / HTTP/1.1\r\nHost: a\r\n\r", .truncated),
        MalformedSample(fields: "Content-Length: 3", .truncated),
        MalformedSample(chunks: "", .truncated),
        MalformedSample(chunks: "1\r\na", .truncated),
        MalformedSample(chunks: "1\r\na\r\n0\r\n", .truncated),
    ]

    static let all = firstLines + targets + fields + framing + content
}
