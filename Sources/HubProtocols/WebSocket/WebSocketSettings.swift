/// The limits and times of a WebSocket connection. Times are in nanoseconds.
package struct WebSocketSettings: Sendable {
    /// The largest message, all fragments together and decompressed.
    package var messageBytesMax = 16 * 1024 * 1024
    /// Silence of the peer after which it is asked whether it is there; 0 for never.
    package var pingAfter: UInt64 = 30_000_000_000
    /// How long it may take from there to a sign of life.
    package var pongWithin: UInt64 = 20_000_000_000
    /// How long the peer may take to answer a close frame, and a server to close the connection after it.
    package var closeWithin: UInt64 = 5_000_000_000
    /// Bytes waiting to be sent beyond which only the latest ping is answered, as RFC 6455 allows in section 5.5.3: who
    /// sends pings and never reads gets no more memory than this for it.
    package var pongBacklogBytesMax = 64 * 1024
    /// Smaller messages are not compressed: there is little to be gained.
    package var compressAboveBytes = 256

    /// The defaults.
    package init() {}
}
