import HubBytes
import HubProtocols
import HubSystem

/// One GET, for which the caller waits: over plain HTTP, with a limit on bytes and one on time for all of it.
struct HTTPFetch {
    /// What came back.
    struct Answer {
        let status: UInt16
        let content: [UInt8]
    }

    let url: HTTPURL
    /// What is sent to say who asks; nil to ask as anybody.
    var token: String?
    var timeoutMilliseconds = 5000
    var contentBytesMax = 16 << 20

    private static let pieceBytes = 64 << 10

    /// Asks, and waits for the whole answer.
    func get() throws(CommandFailure) -> Answer {
        let deadline = SystemClock.monotonicNanoseconds() + UInt64(timeoutMilliseconds) * 1_000_000
        do throws(SystemError) {
            let request = try request()
            var failure: SystemError?
            for address in Self.addresses(url) {
                do throws(SystemError) {
                    return try exchange(request, address, deadline)
                } catch {
                    failure = error
                }
            }
            throw failure ?? SystemError(code: SystemError.noEntry, operation: "find the host \(url.host)")
        } catch {
            throw .absent("cannot read \(url): \(error)")
        }
    }

    private static func addresses(_ url: HTTPURL) -> [SocketAddress] {
        if let address = IPAddress(url.host) { return [.ip(address, port: url.port)] }
        return SocketAddress.resolve(host: url.host, port: url.port)
    }

    private func request() throws(SystemError) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 1024)
        var writer = HTTPRequestWriter(.get, url, closes: true, to: &buffer)
        if let token {
            do throws(HTTPFieldFault) {
                try "Bearer \(token)".withBytes { (bytes) throws(HTTPFieldFault) in
                    try writer.field("Authorization", bytes, to: &buffer)
                }
            } catch {
                throw SystemError(code: SystemError.invalid, operation: "send the token")
            }
        }
        writer.end(in: &buffer)
        return buffer.bytes.array
    }

    private func exchange(
        _ request: [UInt8], _ address: SocketAddress, _ deadline: UInt64
    ) throws(SystemError) -> Answer {
        let socket = try StreamSocket.connect(to: address)
        var set = try EpollSet(eventsMax: 1)
        try set.add(socket.descriptor, .output, token: 0)
        try Self.wait(&set, deadline, "connect to \(address)")
        // Asked once: the system forgets the error when it has told it.
        let code = socket.connectError
        guard code == 0 else { throw SystemError(code: code, operation: "connect to \(address)") }
        var sent = 0
        while sent < request.count {
            let rest = Array(request[sent...])
            switch rest.withBytes({ socket.send($0) }) {
            case .bytes(let count): sent += count
            case .later: try Self.wait(&set, deadline, "send to \(address)")
            case .end: throw SystemError(code: SystemError.connectionReset, operation: "send to \(address)")
            case .failed(let code): throw SystemError(code: code, operation: "send to \(address)")
            }
        }
        set.change(socket.descriptor, .input, token: 0)
        return try receive(socket, &set, deadline)
    }

    private static func wait(
        _ set: inout EpollSet, _ deadline: UInt64, _ operation: String
    ) throws(SystemError) {
        while true {
            let now = SystemClock.monotonicNanoseconds()
            guard now < deadline else { throw SystemError(code: SystemError.timedOut, operation: operation) }
            if set.wait(milliseconds: Int((deadline - now) / 1_000_000) + 1) > 0 { return }
        }
    }

    private func receive(
        _ socket: borrowing StreamSocket, _ set: inout EpollSet, _ deadline: UInt64
    ) throws(SystemError) -> Answer {
        var limits = HTTPLimits()
        limits.contentBytesMax = UInt64(contentBytesMax)
        var reader = HTTPResponseReader(to: .get, limits: limits)
        var buffer = ByteBuffer(capacity: Self.pieceBytes)
        var answer = Incoming()
        while true {
            switch socket.receive(into: &buffer, upTo: Self.pieceBytes) {
            case .bytes: try answer.take(&buffer, &reader)
            case .later:
                try Self.wait(&set, deadline, "wait for the answer")
                continue
            case .end: try answer.finish(&reader)
            case .failed(let code): throw SystemError(code: code, operation: "read the answer")
            }
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
