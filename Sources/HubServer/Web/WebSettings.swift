import HubConnection
package import HubProtocols

/// Bounds, times and manners of a loop's web connections. Times are in milliseconds.
package struct WebSettings: Sendable {
    /// Bounds of requests, and of responses of others.
    package var http = HTTPLimits()
    /// From the beginning of a connection, or the end of its TLS handshake, to the first byte of a request.
    package var firstRequestMilliseconds: Int64 = 10_000
    /// From the last answer to the first byte of another request.
    package var keepAliveMilliseconds: Int64 = 60_000
    /// From the first byte of a head to its end.
    package var headMilliseconds: Int64 = 10_000
    /// In each span of this length content must bring `contentBytesPerSecondMin`.
    package var contentMilliseconds: Int64 = 10_000
    /// How fast content has to come at least.
    package var contentBytesPerSecondMin = 1024
    /// Content that may be collected for all connections of a loop together; a request beyond it is answered with 503.
    package var contentBytesMax = 256 << 20
    /// Messages in pieces that may be put together on all WebSockets of a loop; who sends more than that is closed with
    /// code 1013.
    package var assembledBytesMax = 256 << 20
    /// Requests of one connection that may be unanswered; more are not read.
    package var outstandingMax = 16
    /// Bytes of answers that wait for the answer to an earlier request; beyond it no more requests are read.
    package var heldBytesMax = 1 << 20
    /// Silence after which a stream of events gets a comment, so that nobody on the way takes it for dead.
    package var eventCommentMilliseconds: Int64 = 15_000

    /// Which pages of other sites may call, and open WebSockets; nil if browsers are nobody's concern here.
    package var crossOrigin: HTTPCrossOrigin?
    /// What is agreed to when a WebSocket begins. Its subprotocols are replaced by those that the application names.
    package var handshake = ServerHandshake.Settings()
    /// Bounds and times of WebSockets.
    package var webSocket = WebSocketSettings()
    /// Whether messages are compressed where that was agreed on; the other side may compress in any case.
    package var compresses = true
    /// The TLS of listeners, by their tags; those without speak plain.
    package var tls: [UInt32: TLSContextSlot] = [:]
    /// Where connections of our own may go.
    package var outbound = OutboundPolicy()
    /// Connections of our own that a loop may have at a time, to all hosts together; requests beyond it wait, and
    /// connections that nothing is asked on make room.
    package var outboundConnectionsMax = 1024
    /// Requests of ours that a loop may have under way or waiting.
    package var outboundCallsMax = 16_384
    /// How exactly the times of WebSockets and streams are kept.
    package var sweepMilliseconds: Int64 = 250

    /// The usual ones.
    package init() {}
}
