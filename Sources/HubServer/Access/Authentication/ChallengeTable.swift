import HubConnection
package import HubModel
import Synchronization

/// Challenges that are not bound to a connection, for protocols that ask and answer by separate requests: each is
/// redeemed once, in time, for the agent that it was made for. For all threads.
package final class ChallengeTable: Sendable {
    private struct Entry {
        let name: TenantAgent
        let deadline: Timestamp
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// In the order in which they were made, so also in that of their deadlines.
        var order: [String] = []
        var first = 0
    }

    private static let nonceBytes = 32
    private let waitingMax: Int
    private let lifeMilliseconds: Int64
    private let state = Mutex(State())

    /// An empty table.
    package init(waitingMax: Int = 10_000, lifeSeconds: Int64 = 300) {
        self.waitingMax = waitingMax
        lifeMilliseconds = lifeSeconds * 1000
    }

    /// How many wait for their answer.
    package var waiting: Int { state.withLock { $0.entries.count } }

    /// A challenge of 64 hexadecimal digits. Made for whoever is asked for: whether there is such an agent does not show.
    package func issue(_ name: TenantAgent, now: Timestamp) throws(Refusal) -> (
        text: String, deadline: Timestamp
    ) {
        let text = Hexadecimal.text(RandomBytes.make(Self.nonceBytes))
        let deadline = now.adding(milliseconds: lifeMilliseconds)
        let isIn = state.withLock { state in
            Self.forgetOld(&state, now)
            guard state.entries.count < waitingMax else { return false }
            state.entries[text] = Entry(name: name, deadline: deadline)
            state.order.append(text)
            return true
        }
        guard isIn else {
            throw Refusal(
                .rateLimited, "too many challenges wait for their answer; try again soon",
                retryAfterMilliseconds: 1000)
        }
        return (text, deadline)
    }

    /// Takes a challenge out: whom it was made for, or nil if there is none, any more.
    package func redeem(_ text: String, now: Timestamp) -> TenantAgent? {
        state.withLock { state in
            Self.forgetOld(&state, now)
            return state.entries.removeValue(forKey: text)?.name
        }
    }

    private static func forgetOld(_ state: inout State, _ now: Timestamp) {
        while state.first < state.order.count {
            let text = state.order[state.first]
            if let entry = state.entries[text], now < entry.deadline { break }
            state.entries[text] = nil
            state.first += 1
        }
        // Moving the rest costs as much as what was taken out before it.
        guard state.first * 2 > state.order.count else { return }
        state.order.removeFirst(state.first)
        state.first = 0
    }
}
