/// What both ends agreed on for compressed messages (RFC 7692, section 7.1).
package struct DeflateAgreement: Equatable, Sendable {
    /// How the server compresses.
    package let server: DeflateWindow
    /// How the client compresses.
    package let client: DeflateWindow

    /// An agreement.
    package init(server: DeflateWindow, client: DeflateWindow) {
        self.server = server
        self.client = client
    }

    /// How one end compresses.
    package func outgoing(_ role: WebSocketRole) -> DeflateWindow { role == .server ? server : client }

    /// How the peer of one end compresses.
    package func incoming(_ role: WebSocketRole) -> DeflateWindow { role == .server ? client : server }
}
