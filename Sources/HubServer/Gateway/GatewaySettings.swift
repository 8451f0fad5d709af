/// Bounds and manners of the gateway.
package struct GatewaySettings: Sendable {
    /// How long a connection may take to say whose it is, in milliseconds.
    package var helloMilliseconds: Int64 = 10_000
    /// How often agents are asked to beat, in milliseconds.
    package var beatMilliseconds: Int64 = 30_000
    /// Questions of one connection that may wait for their answers.
    package var questionsMax = 65_536
    /// Bytes that wait to be handed to the core, beyond which connections are not heard.
    package var intakeBytesMax = 4 << 20
    /// Replays of one connection at a time.
    package var replaysMax = 8
    /// Lists of agents of one connection that are being made at a time.
    package var listsMax = 8
    /// Where pages in browsers may come from that open WebSockets; those of the hub's own address always may.
    package var origins: [String] = []
    /// Bytes of a message's payload, as agents are told.
    package var payloadBytesMax = 1 << 20

    /// The defaults.
    package init() {}
}
