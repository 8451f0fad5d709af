import HubBytes
import HubConnection
import HubProtocols

/// The one connection of a client, from the first packet to the last.
final class SocketState {
    /// What it speaks at the moment.
    enum Stage {
        /// TCP and TLS, then the answer to the request for a WebSocket.
        case opening
        case open
    }

    let id: ConnectionID
    var stage = Stage.opening
    var opening: ClientOpening
    /// What is sent first.
    var head: ByteBuffer
    var session: WebSocketSession
    var transform: TLSTransform?
    /// More waits to be sent than should.
    var isFull = false

    init(_ id: ConnectionID, _ url: HTTPURL, _ settings: WebSocketSettings, now: UInt64)
        throws(HTTPFieldFault)
    {
        self.id = id
        var head = ByteBuffer(capacity: 512)
        opening = try ClientOpening(
            url, nonce: (RandomBytes.number(), RandomBytes.number()), subprotocols: [Self.subprotocol],
            to: &head)
        self.head = head
        session = WebSocketSession(
            role: .client, settings: settings,
            keys: MaskKeys(seed: (RandomBytes.number(), RandomBytes.number())),
            now: now)
    }

    /// The name of the native protocol.
    static let subprotocol = "agenthub.v1"
}
