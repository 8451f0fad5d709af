import HubBytes
package import HubConnection
package import HubProtocols
package import HubSystem

/// Names a request of ours until it is answered.
package struct WebCallID: Hashable, Sendable {
    let number: UInt64
}

/// A request of ours to somebody's server.
package struct WebCall: Sendable {
    /// What is asked for.
    package var method: HTTPMethod
    /// Where, of the scheme `http` or `https`.
    package var url: HTTPURL
    /// The address of the URL's host: looking it up may take long, and is not done on a loop.
    package var address: SocketAddress
    /// Fields beside those that frame the content.
    package var fields: [(name: String, value: String)] = []
    /// What is sent with it.
    package var content: [UInt8] = []
    /// From now to the last byte of the answer, waiting for a connection included.
    package var timeoutMilliseconds: Int64 = 30_000
    /// The largest answer that is taken.
    package var answerBytesMax = 1 << 20
    /// Whom to trust; needed for `https`.
    package var tls: TLSContext?

    /// A request to a URL, whose host has this address.
    package init(_ method: HTTPMethod, _ url: HTTPURL, at address: SocketAddress) {
        self.method = method
        self.url = url
        self.address = address
    }

    /// Whether doing it twice is as good as once (RFC 9110, section 9.2.2).
    var isRepeatable: Bool { [.get, .head, .put, .delete, .options].contains(method) }
}

/// What came of a request of ours.
package enum WebCallOutcome: Equatable, Sendable {
    /// An answer, whose content is with it.
    case answer(HTTPStatus)
    /// No connection.
    case notConnected(CloseReason)
    /// No TLS, or not with whom it should be.
    case notSecured(String)
    /// The connection ended before the answer did. Whether the request was seen is not known.
    case lost(CloseReason)
    /// What came is no answer, or more than was wanted.
    case broken(HTTPFault)
    /// It took too long.
    case timedOut
}

/// A request of ours on its way.
final class ActiveCall {
    let id: WebCallID
    private let request: SharedBytes
    let method: HTTPMethod
    let isRepeatable: Bool
    let answerBytesMax: Int
    let key: WebCallKey
    let context: TLSContext?
    let deadline: Int64
    /// The connection that it was sent on.
    var connection: ConnectionID?
    var wasRepeated = false

    init(_ id: WebCallID, _ call: WebCall, deadline: Int64) throws(HTTPFieldFault) {
        var buffer = ByteBuffer(capacity: 512 + call.content.count)
        var writer = HTTPRequestWriter(call.method, call.url, to: &buffer)
        for field in call.fields {
            try field.name.withBytes { (name) throws(HTTPFieldFault) in
                try Self.append(name, field.value, &writer, to: &buffer)
            }
        }
        if call.content.isEmpty {
            writer.end(in: &buffer)
        } else {
            call.content.withBytes { writer.end($0, to: &buffer) }
        }
        request = SharedBytes(buffer)
        self.id = id
        self.deadline = deadline
        method = call.method
        isRepeatable = call.isRepeatable
        answerBytesMax = call.answerBytesMax
        context = call.tls
        key = WebCallKey(call)
    }

    /// Sends the request. The bytes stay: it may be sent twice.
    func send(on connection: ConnectionID, _ loop: inout EventLoop) -> SendOutcome {
        loop.send(RawSpan(), request, on: connection)
    }

    private static func append(
        _ name: RawSpan, _ value: String, _ writer: inout HTTPRequestWriter, to buffer: inout ByteBuffer
    ) throws(HTTPFieldFault) {
        try value.withBytes { (value) throws(HTTPFieldFault) in
            try writer.field(name, value, to: &buffer)
        }
    }
}

/// Which connections serve a request as well: same address, same name, same trust.
struct WebCallKey: Hashable {
    let url: HTTPURL
    let address: SocketAddress
    private let trust: ObjectIdentifier?

    init(_ call: WebCall) {
        url = call.url.withoutTarget
        address = call.address
        trust = call.tls.map { ObjectIdentifier($0) }
    }
}

/// A connection of ours for requests, one after the other.
final class CallSide {
    let key: WebCallKey
    let context: TLSContext?
    var transform: TLSTransform?
    var call: ActiveCall?
    var reader: HTTPResponseReader?
    var head: HTTPResponseHead?
    var content = ByteBuffer(capacity: 0)
    /// Whether an answer has come on it.
    var wasUsed = false

    init(_ call: ActiveCall) {
        key = call.key
        context = call.context
        self.call = call
    }
}
