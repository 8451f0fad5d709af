package import HubRouter

/// What the core is told.
package struct CoreSettings: Sendable {
    /// The router's.
    package var router = RouterSettings()
    /// How often what changed in the router goes to its checkpoint, in milliseconds.
    package var checkpointMilliseconds: Int64 = 2000
    /// After how many records it goes there at the latest.
    package var checkpointRecords = 200_000
    /// Bytes in an outbox that a loop has not taken, before the core waits for it.
    package var outboxBytesMax = 16 << 20
    /// Bytes of a page that is read for a consumer.
    package var pageBytesMax = 1 << 20
    /// How long a page that could not be read is left alone, in milliseconds.
    package var readAgainMilliseconds: Int64 = 200

    /// Where the core writes what happens; nil for nowhere.
    package var journal: HubLog?

    /// The defaults.
    package init() {}
}
