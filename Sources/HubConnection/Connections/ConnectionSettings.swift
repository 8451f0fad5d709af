/// Bounds and deadlines of a loop's connections. Times are in milliseconds and kept to within `timerGrain`.
package struct ConnectionSettings: Sendable {
    /// From the beginning of a connection until the handler says that it is established.
    package var handshakeMilliseconds: Int64 = 10_000
    /// For connecting to somebody else.
    package var connectMilliseconds: Int64 = 10_000
    /// Without a byte in either direction.
    package var idleMilliseconds: Int64 = 120_000
    /// From the first byte of something that the handler cannot yet make use of until it looks at
    /// `partialBytesPerSecondMin`.
    package var partialMilliseconds: Int64 = 10_000
    /// What has begun must come at least as fast as this.
    package var partialBytesPerSecondMin = 1024
    /// For a peer that takes no byte although some wait to be sent.
    package var writeMilliseconds: Int64 = 20_000
    /// For sending the rest and seeing the other side's end when a connection is closed.
    package var lingerMilliseconds: Int64 = 5_000
    /// How long a connection keeps buffers that it does not use.
    package var keepBuffersMilliseconds: Int64 = 1_000

    /// Bytes that a connection may hold because the handler cannot yet make use of them.
    package var inputMax = 1 << 20
    /// Bytes that are read from a connection in one turn.
    package var readSize = 64 * 1024
    /// Bytes that a connection may have waiting to be sent; sending more is refused.
    package var outboundMax = 4 << 20
    /// From so many waiting bytes on a connection is full.
    package var outboundHighWater = 1 << 20
    /// A connection that was full has room again when no more than this is waiting.
    package var outboundLowWater = 256 * 1024

    /// Connections taken in one turn.
    package var acceptsPerTurnMax = 64
    /// Connections taken in a second, for each listener.
    package var acceptsPerSecondMax: Int64 = 20_000
    /// How long a listener rests when the system ran out of descriptors.
    package var acceptPauseMilliseconds: Int64 = 100
    /// What comes from other threads and is not taken yet.
    package var mailboxMax = 1024

    /// The usual bounds.
    package init() {}

    /// Deadlines of connections are rounded up to a multiple of this, so that those of many connections are met in
    /// one turn; a power of two.
    static let timerGrain: Int64 = 64
    /// The same notice is not given more often than this.
    static let noticeGap: Int64 = 10_000
    /// Bytes that are thrown away after closing; who sends more is cut off.
    static let lingerBytesMax = 1 << 20
}
