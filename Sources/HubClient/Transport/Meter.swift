import Synchronization

/// Counts the bytes that came and that nobody has looked at. Beyond a bound the connection is not read, so that the hub
/// waits, until half of them are gone.
final class Meter: Sendable {
    private struct State {
        var bytes = 0
        var isPausing = false
        var drained: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let high: Int

    init(high: Int) { self.high = high }

    /// Says who is told that there is room again.
    func connect(_ drained: @escaping @Sendable () -> Void) { state.withLock { $0.drained = drained } }

    func add(_ bytes: Int) { state.withLock { $0.bytes += bytes } }

    func remove(_ bytes: Int) {
        guard bytes > 0 else { return }
        let drained = state.withLock { state -> (@Sendable () -> Void)? in
            state.bytes -= bytes
            guard state.isPausing, state.bytes <= high / 2 else { return nil }
            state.isPausing = false
            return state.drained
        }
        drained?()
    }

    /// Whether the connection is not to be read from now on.
    func isOver() -> Bool {
        state.withLock { state in
            state.isPausing = state.bytes > high
            return state.isPausing
        }
    }

    /// Whether the connection is not read.
    var isPausing: Bool { state.withLock { $0.isPausing } }
}
