import Glibc

/// What is said of a violation: the seed, how to see it again, and the shortest story that shows it.
enum Report {
    static func tell(_ violation: Violation, in story: Story, shrinkSeconds: Int64) {
        print("violation in seed \(story.seed): \(violation)")
        print("repeat it with: \(story.command) --trace")
        guard shrinkSeconds > 0 else { return }
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: .seconds(shrinkSeconds))
        var shrinking = Shrinking(violation.invariant) { clock.now >= end }
        let shortest = shrinking.shortest(of: story)
        print(
            "\nthe shortest of \(shrinking.runs) stories that violate the same takes \(shortest.kept.count) steps:"
        )
        let outcome = shortest.run(isTraced: true)
        if let violation = outcome.violation { print("violation: \(violation)") }
        print("repeat it with: \(shortest.command) --trace")
    }
}

/// A bug may be found by one of the router's own preconditions, which end the program. The seed is said even then.
enum Trap {
    /// Written before each story and read by the signal's handler alone, which may not allocate.
    nonisolated(unsafe) private static var message: [UInt8] = []
    nonisolated(unsafe) private static var isSet = false

    static func watch(_ seed: UInt64, steps: Int) {
        message = Array(
            ("violation in seed \(seed): trap: a precondition of the router does not hold\n"
                + "repeat it with: HubSimulation --seed \(seed) --seeds 1 --steps \(steps) --trace\n").utf8)
        guard !isSet else { return }
        isSet = true
        for number in [SIGILL, SIGTRAP] {
            signal(number) { number in
                Trap.message.withUnsafeBytes { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }
}
