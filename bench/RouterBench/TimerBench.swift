import HubRouter
import HubTiming

/// Timers like those of deliveries that wait for an acknowledgement: most are cancelled, some moved, some fire.
struct TimerBench {
    let timers: Int
    let rounds: Int

    /// Deadlines lie within a minute.
    private static let span: UInt64 = 60_000

    func run() {
        var random = DeterministicRandom(seed: 2)
        let pauses = (0..<timers).map { _ in Int64(random.below(Self.span)) }
        let order = (0..<timers).shuffled(using: &random)
        var wheel = TimerWheel(capacity: timers)
        var handles = Array(repeating: TimerHandle.none, count: timers)
        var arm = Stopwatch("arm", operations: timers)
        var fire = Stopwatch("fire, a millisecond at a time", operations: timers)
        var both = Stopwatch("arm and fire", operations: timers)
        var move = Stopwatch("arm again, in random order", operations: timers)
        var cancel = Stopwatch("cancel, in random order", operations: timers)
        var fired = 0
        for _ in 0..<rounds {
            both.measure {
                arm.measure { Self.arm(pauses, &handles, &wheel) }
                fire.measure { fired += Self.fire(&wheel) }
            }
            Self.arm(pauses, &handles, &wheel)
            move.measure {
                for index in order {
                    wheel.rearm(handles[index], deadline: wheel.current + pauses[index] / 2)
                }
            }
            cancel.measure { for index in order { wheel.cancel(handles[index]) } }
            precondition(wheel.count == 0)
        }
        precondition(fired == timers * rounds)
        print("timers: \(timers), deadlines within a minute")
        for stopwatch in [arm, fire, move, cancel] { stopwatch.report() }
        both.report(", \(wheel.byteCount / timers) bytes a timer")
        leap()
    }

    private static func arm(_ pauses: [Int64], _ handles: inout [TimerHandle], _ wheel: inout TimerWheel) {
        let now = wheel.current
        for index in pauses.indices {
            handles[index] = wheel.arm(UInt64(index), deadline: now + pauses[index])
        }
    }

    private static func fire(_ wheel: inout TimerWheel) -> Int {
        var fired = 0
        for now in wheel.current...wheel.current + Int64(span) {
            wheel.advance(to: now) { _ in fired += 1 }
        }
        return fired
    }

    /// A clock that jumps: hours at a time, with a timer that is always far away.
    private func leap() {
        let leaps = 1_000_000
        var stopwatch = Stopwatch("leap of an hour", operations: leaps)
        for _ in 0..<rounds {
            var wheel = TimerWheel()
            _ = wheel.arm(0, deadline: .max)
            stopwatch.measure {
                for leap in 1...leaps { wheel.advance(to: Int64(leap) * 3_600_000) { _ in } }
            }
        }
        stopwatch.report()
    }
}
