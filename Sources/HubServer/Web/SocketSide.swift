import HubProtocols

/// A connection that speaks WebSocket.
final class SocketSide {
    var session: WebSocketSession
    /// Whether the application was told that it is over.
    var isOver = false
    /// The application wants no messages for now.
    var isPaused = false
    /// What is counted for the message that comes in pieces.
    var countedBytes = 0
    /// Whether memory of a message in pieces may be given back.
    var wantsTrim = false

    /// Whether the other side connected to this one.
    let isServer: Bool

    init(_ session: consuming WebSocketSession, isServer: Bool) {
        self.session = session
        self.isServer = isServer
    }
}
