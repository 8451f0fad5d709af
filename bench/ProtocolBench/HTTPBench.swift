import HubBytes
import HubProtocols

/// How many requests one thread reads, and how many it reads and answers.
struct HTTPBench {
    let rounds: Int

    private static let small = "GET /health HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nAccept: */*\r\n\r\n"
    private static let browser =
        "GET /api/hub/v1/sessions?from=17&limit=100 HTTP/1.1\r\nHost: hub.example:8000\r\n"
        + "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0\r\n"
        + "Accept: application/json\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n"
        + "Referer: https://hub.example:8000/dashboard\r\nAuthorization: Bearer 0123456789abcdef0123456789abcdef\r\n"
        + "Connection: keep-alive\r\nSec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nPriority: u=4\r\n\r\n"
    private static let post =
        "POST /api/hub/v1/messages HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nContent-Type: application/json\r\n"
        + "Content-Length: 256\r\n\r\n" + String(repeating: "x", count: 256)
    private static let chunked =
        "POST /api/hub/v1/messages HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "80\r\n" + String(repeating: "x", count: 128) + "\r\n80\r\n" + String(repeating: "x", count: 128)
        + "\r\n0\r\n\r\n"

    func run() {
        print("http:")
        for (name, text) in [
            ("GET with two fields", Self.small), ("GET as of a browser, twelve fields", Self.browser),
            ("POST of 256 B", Self.post), ("the same in two chunks", Self.chunked),
        ] {
            measure("\(name), read", text, answers: false)
            measure("\(name), read and answered", text, answers: true)
        }
    }

    /// Reads requests that lie one behind the other in 64 KiB, as a client that pipelines sends them.
    private func measure(_ name: String, _ text: String, answers: Bool) {
        let count = 65_536 / text.utf8.count
        var received = ByteBuffer(capacity: 65_536)
        for _ in 0..<count { received.append(utf8: text) }
        var written = ByteBuffer(capacity: 1 << 20)
        let date = HTTPDate(secondsSince1970: 784_111_777)
        var meter = RateMeter("\(name), \(text.utf8.count) B", unit: "M/s")
        for _ in 0..<rounds {
            meter.measure {
                var requests = 0
                while requests < 300_000 {
                    written.removeAll()
                    requests += read(received.bytes, answers ? date : nil, &written)
                }
                return Double(requests) / 1e6
            }
        }
        meter.report()
    }

    private func read(_ bytes: RawSpan, _ date: HTTPDate?, _ written: inout ByteBuffer) -> Int {
        var reader = HTTPRequestReader()
        var start = 0
        var requests = 0
        var content = 0
        while true {
            let rest = bytes.extracting(start..<bytes.byteCount)
            let step = reader.next(rest)
            start += step.consumed
            switch step {
            case .head:
                guard let date else { continue }
                let terms = HTTPReplyTerms(reader.request(in: rest).head)
                var writer = HTTPResponseWriter(.ok, terms, date: date, to: &written)
                writer.field("Content-Type", "application/json", to: &written)
                writer.end(rest.extracting(0..<32), to: &written)
            case .content(let range): content += range.count
            case .end: requests += 1
            case .needsMore: return requests
            case .finished, .refused:
                preconditionFailure("these requests are fine, and \(content) bytes were read")
            }
        }
    }
}
