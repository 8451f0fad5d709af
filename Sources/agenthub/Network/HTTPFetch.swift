import HubBytes
import HubConnection
import HubProtocols
import HubSystem

/// One request, for which the caller waits: over HTTP, with a limit on bytes and one on time for all of it.
struct HTTPFetch {
    /// What came back.
    struct Answer {
        let status: UInt16
        let content: [UInt8]
    }

    let url: HTTPURL
    /// What is sent to say who asks; nil to ask as anybody.
    var token: String?
    /// Who asks, where nobody has to show it.
    var agent: String?
    /// Where to connect; nil for the host of the URL.
    var address: SocketAddress?
    var method = HTTPMethod.get
    /// Whom to trust, and so TLS; nil for a plain connection.
    var tls: TLSContext?
    /// JSON that is sent with it.
    var body: [UInt8]?
    var timeoutMilliseconds = 5000
    var contentBytesMax = 16 << 20

    private static let pieceBytes = 64 << 10

    /// Asks, and waits for the whole answer.
    func send() throws(CommandFailure) -> Answer {
        let deadline = SystemClock.monotonicNanoseconds() + UInt64(timeoutMilliseconds) * 1_000_000
        do throws(SystemError) {
            let request = try request()
            var failure: SystemError?
            for address in address.map({ [$0] }) ?? Self.addresses(url) {
                do throws(SystemError) {
                    return try exchange(request, address, deadline)
                } catch {
                    failure = error
                }
            }
            throw failure ?? SystemError(code: SystemError.noEntry, operation: "find the host \(url.host)")
        } catch {
            throw .absent("\(method == .get ? "cannot read" : "cannot ask for") \(url): \(error)")
        }
    }

    private static func addresses(_ url: HTTPURL) -> [SocketAddress] {
        if let address = IPAddress(url.host) { return [.ip(address, port: url.port)] }
        return SocketAddress.resolve(host: url.host, port: url.port)
    }

    private func request() throws(SystemError) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 1024)
        var writer = HTTPRequestWriter(method, url, closes: true, to: &buffer)
        do throws(HTTPFieldFault) {
            if let token { try Self.field("Authorization", "Bearer \(token)", &writer, &buffer) }
            if let agent { try Self.field("X-Agent", agent, &writer, &buffer) }
        } catch {
            throw SystemError(code: SystemError.invalid, operation: "send the token or the agent's name")
        }
        guard let body else {
            writer.end(in: &buffer)
            return buffer.bytes.array
        }
        writer.field("Content-Type", "application/json", to: &buffer)
        body.withBytes { writer.end($0, to: &buffer) }
        return buffer.bytes.array
    }

    private static func field(
        _ name: StaticString, _ value: String, _ writer: inout HTTPRequestWriter, _ buffer: inout ByteBuffer
    ) throws(HTTPFieldFault) {
        let bytes = Array(value.utf8)
        try bytes.withBytes { (bytes) throws(HTTPFieldFault) in
            try writer.field(name, bytes, to: &buffer)
        }
    }

    private func exchange(
        _ request: [UInt8], _ address: SocketAddress, _ deadline: UInt64
    ) throws(SystemError) -> Answer {
        var stream = try FetchStream.connect(to: address, host: url.host, tls, deadline: deadline)
        try request.withBytes { (bytes) throws(SystemError) in try stream.send(bytes) }
        return try receive(&stream)
    }

    private func receive(_ stream: inout FetchStream) throws(SystemError) -> Answer {
        var limits = HTTPLimits()
        limits.contentBytesMax = UInt64(contentBytesMax)
        var reader = HTTPResponseReader(to: method, limits: limits)
        var buffer = ByteBuffer(capacity: Self.pieceBytes)
        var answer = Incoming()
        while true {
            let goesOn = try stream.receive(into: &buffer)
            try answer.take(&buffer, &reader)
            if !goesOn, !answer.isComplete { try answer.finish(&reader) }
            if answer.isComplete { return Answer(status: answer.status, content: answer.content) }
        }
    }

    /// An answer while it comes in.
    private struct Incoming {
        var status: UInt16 = 0
        var content: [UInt8] = []
        var isComplete = false

        mutating func take(_ buffer: inout ByteBuffer, _ reader: inout HTTPResponseReader) throws(SystemError)
        {
            var position = 0
            reading: while !isComplete {
                let bytes = buffer.bytes.extracting(position..<buffer.count)
                let step = reader.next(bytes)
                switch step {
                case .head: status = reader.response(in: bytes).head.status.code
                case .content(let range): content += bytes.extracting(range).array
                case .end, .finished: isComplete = true
                case .refused(let fault): throw Self.refusal(fault)
                case .needsMore: break
                }
                position += step.consumed
                if case .needsMore = step { break reading }
            }
            buffer.removeFirst(position)
        }

        mutating func finish(_ reader: inout HTTPResponseReader) throws(SystemError) {
            if case .refused(let fault) = reader.endOfConnection() { throw Self.refusal(fault) }
            isComplete = true
        }

        private static func refusal(_ fault: HTTPFault) -> SystemError {
            SystemError(code: SystemError.protocolError, operation: "understand the answer (\(fault))")
        }
    }
}
