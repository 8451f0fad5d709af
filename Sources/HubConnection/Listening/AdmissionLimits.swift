import HubSystem
import Synchronization

/// How many connections there may be, in all and from one address. Shared by all loops and listeners of a hub.
///
/// One lock for each connection's beginning and end; nothing that a connection does in between comes here.
package final class AdmissionLimits: Sendable {
    private struct State {
        var total = 0
        var byNetwork: [IPAddress: Int] = [:]
    }

    /// Connections that there may be.
    package let totalMax: Int
    /// Connections that there may be from one IPv4 address, or from one IPv6 network of 64 bits. Unix sockets are
    /// not limited by this.
    package let perAddressMax: Int
    private let state = Mutex(State())

    /// Nobody is connected yet.
    package init(totalMax: Int, perAddressMax: Int) {
        self.totalMax = totalMax
        self.perAddressMax = perAddressMax
    }

    /// Connections that there are.
    package var total: Int { state.withLock { $0.total } }

    /// Counts a connection in and returns nil, or leaves it out and says what counts that.
    func admit(_ peer: SocketAddress) -> LoopCounter? {
        state.withLock { state in
            guard state.total < totalMax else { return .refusedTotal }
            if case .ip(let address, _) = peer {
                let count = state.byNetwork[address.network, default: 0]
                guard count < perAddressMax else { return .refusedAddress }
                state.byNetwork[address.network] = count + 1
            }
            state.total += 1
            return nil
        }
    }

    /// Counts a connection out.
    func release(_ peer: SocketAddress) {
        state.withLock { state in
            state.total -= 1
            guard case .ip(let address, _) = peer else { return }
            let count = state.byNetwork[address.network, default: 1] - 1
            state.byNetwork[address.network] = count == 0 ? nil : count
        }
    }
}
