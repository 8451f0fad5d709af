package import HubConnection
package import HubProtocols
import HubRouter
package import HubStorage
package import HubSystem

/// All that a hub is told when it starts.
package struct HubSettings: Sendable {
    /// Where it listens.
    package struct Endpoint: Sendable {
        /// The address; port 0 lets the system choose.
        package var address: SocketAddress
        /// How connections are secured; nil for plain ones.
        package var tls: TLSContextSlot?

        /// As a place to listen.
        package var place: ListeningPolicy.Place {
            ListeningPolicy.Place(address, isEncrypted: tls != nil)
        }

        /// A plain endpoint, or one that is secured.
        package init(_ address: SocketAddress, tls: TLSContextSlot? = nil) {
            self.address = address
            self.tls = tls
        }
    }

    /// The directory of the log.
    package var directory: String
    /// Where it listens.
    package var endpoints: [Endpoint]
    /// How the log is kept.
    package var log = LogOptions()
    /// The core's.
    package var core = CoreSettings()
    /// The gateway's.
    package var gateway = GatewaySettings()
    /// What frames may be like.
    package var frames = NativeLimits()
    /// Those of requests and WebSockets.
    package var web = WebSettings()
    /// Those of connections.
    package var connection = ConnectionSettings()
    /// Connections at a time.
    package var connectionsMax = 100_000
    /// Connections at a time from one address.
    package var connectionsPerAddressMax = 100_000
    /// Threads that move bytes.
    package var loops = 1
    /// Who finds out who somebody is.
    package var authenticator = Authenticator(slot: AccessSlot(), hub: "agenthub")
    /// Nobody is asked for credentials, wherever the hub listens.
    package var isInsecure = false
    /// How long connections may take to go when the hub does, in milliseconds.
    package var drainMilliseconds: Int64 = 10_000
    /// What the hub says that it is.
    package var version = ""
    /// Where it writes what happens; nil for nowhere.
    package var journal: HubLog?
    /// Whether figures are shown to everyone, and not only to those who have the right to them.
    package var showsMetricsToAnyone = false
    /// Bytes of free disk below which the hub warns.
    package var diskLowBytes = 1 << 30
    /// Bytes of free disk below which it says that it is not ready.
    package var diskRefuseBytes = 128 << 20
    /// Whether the hub measures at the start what syncing costs.
    package var probesSync = true

    /// A hub on a directory.
    package init(directory: String, endpoints: [Endpoint]) {
        self.directory = directory
        self.endpoints = endpoints
        // Pages of other sites may not call unless they are named.
        web.crossOrigin = HTTPCrossOrigin(origins: [])
        // A batch of frames is one message of the WebSocket.
        web.webSocket.messageBytesMax = 8 << 20
        // Deliveries on their way when a connection turns out to be full are kept, not lost.
        connection.outboundMax = 32 << 20
    }
}
