package import HubModel
package import HubSystem
import Synchronization

/// How many failed attempts an address has: so many at once, and then one each so often. For all threads.
///
/// Tokens cannot be guessed at any rate. The limit is for what attempts cost: a signature takes 50 to 100 µs to check, and
/// each refusal is a line in a log. An address is a network, of which one owner has 2⁶⁴ addresses in IPv6.
package final class AttemptLimiter: Sendable {
    /// How the limit is set.
    package struct Settings: Sendable {
        /// Failures that are free.
        package var burst: Int64 = 10
        /// Milliseconds for each one after that.
        package var intervalMilliseconds: Int64 = 6000
        /// Addresses that are remembered. When there are more, the newest go unlimited: locking everyone out would be the
        /// greater harm.
        package var addressesMax = 65_536

        /// The usual ones.
        package init() {}
    }

    private struct State {
        /// For each address, when its failures will be forgotten, in microseconds.
        var debts: [IPAddress: Int64] = [:]
        var overflows: UInt64 = 0
    }

    private let settings: Settings
    private let state = Mutex(State())

    /// Nobody has failed yet.
    package init(_ settings: Settings = Settings()) { self.settings = settings }

    private var interval: Int64 { settings.intervalMilliseconds * 1000 }

    /// Addresses that failed lately.
    package var count: Int { state.withLock { $0.debts.count } }

    /// Failures that could not be remembered.
    package var overflows: UInt64 { state.withLock { $0.overflows } }

    /// Throws if the address has failed too often. A machine's own addresses, and sockets without one, are not limited:
    /// one agent in a loop would shut out all others beside it.
    package func check(_ address: IPAddress?, now: Timestamp) throws(Refusal) {
        guard let address, !address.isLoopback else { return }
        let wait = state.withLock { state -> Int64 in
            guard let debt = state.debts[address.network] else { return 0 }
            // A clock that was set back must not lock anybody out for longer than the limit itself.
            let owed = min(debt - now.microseconds, settings.burst * interval)
            return owed - (settings.burst - 1) * interval
        }
        guard wait > 0 else { return }
        throw Refusal(
            .rateLimited, "too many failed attempts from this address; try again later",
            retryAfterMilliseconds: Int((wait + 999) / 1000))
    }

    /// Notes a failure.
    package func failed(_ address: IPAddress?, now: Timestamp) {
        guard let address, !address.isLoopback else { return }
        state.withLock { state in
            let network = address.network
            if state.debts[network] == nil, state.debts.count >= settings.addressesMax {
                state.debts = state.debts.filter { $0.value > now.microseconds }
                guard state.debts.count < settings.addressesMax else {
                    state.overflows += 1
                    return
                }
            }
            let owed = max(0, (state.debts[network] ?? 0) - now.microseconds)
            // Never more than the burst: refused attempts are not checked and so do not add up.
            state.debts[network] = now.microseconds + min(owed + interval, settings.burst * interval)
        }
    }
}
