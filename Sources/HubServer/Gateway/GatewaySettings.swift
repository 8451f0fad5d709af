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
    /// Agents in whose names requests of HTTP act, of one loop at a time.
    package var visitorsMax = 4096
    /// Requests that ask the core something, of all loops at a time.
    package var questionsToCoreMax = 256
    /// How long a request may take that goes through the log, waiting included, in milliseconds.
    package var walkMilliseconds: Int64 = 10_000
    /// Requests that wait to go through the log. One does at a time.
    package var walksWaitingMax = 16
    /// Bytes of a page of a list, beyond which nothing more is added.
    package var pageBytesMax = 4 << 20
    /// Bytes of a document that is no list.
    package var documentBytesMax = 16 << 20
    /// Bytes of a message's payload, as agents are told.
    package var payloadBytesMax = 1 << 20

    /// The defaults.
    package init() {}
}
