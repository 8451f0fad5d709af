package import HubConnection
import Synchronization

/// The TLS context that new connections get. It can be replaced at any time, from any thread; connections that exist
/// keep the one that they began with.
package final class TLSContextSlot: Sendable {
    private let context: Mutex<TLSContext>

    /// New connections get this one.
    package init(_ context: TLSContext) { self.context = Mutex(context) }

    /// The context for a new connection.
    package var current: TLSContext { context.withLock { $0 } }

    /// From now on new connections get another one.
    package func replace(with newer: TLSContext) { context.withLock { $0 = newer } }
}
