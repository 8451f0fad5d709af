import HubModel
import HubSystem
import Synchronization

/// How many requests wait for the core at a time. It does nothing else while it looks something up, so that they are
/// told to come again before they are many.
final class QuestionCount: Sendable {
    private let count = Atomic(0)
    private let max: Int

    init(_ max: Int) { self.max = max }

    /// Counts one more, unless there are too many.
    func enter() -> Bool {
        guard count.wrappingAdd(1, ordering: .relaxed).newValue > max else { return true }
        leave()
        return false
    }

    /// One is answered.
    func leave() { count.wrappingSubtract(1, ordering: .relaxed) }
}

/// How long somebody may have the log gone through.
struct WalkBound: Sendable {
    private let end: UInt64
    private let milliseconds: Int64
    private let walks: Library

    /// From now on, as long as the hub allows.
    init(_ hub: HubContext) {
        milliseconds = hub.settings.walkMilliseconds
        end = SystemClock.monotonicNanoseconds() &+ UInt64(max(0, milliseconds)) * 1_000_000
        walks = hub.walks
    }

    /// Throws once it has taken too long.
    func check() throws(Refusal) {
        guard !walks.isClosing else { throw Refusal(.draining, "the hub restarts; ask again then") }
        guard SystemClock.monotonicNanoseconds() < end else {
            throw Refusal(
                .timeout,
                "the log is too long to be gone through in \(milliseconds) ms; `agenthub log dump` reads a copy of it"
            )
        }
    }
}
