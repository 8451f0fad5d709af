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

/// What came of all stories together.
struct Total {
    private(set) var marks = Marks()
    private(set) var receipts = 0
    private(set) var deliveries = 0
    private(set) var comparisons = 0

    /// So many seeds must reach every mark.
    static let seedsForAllMarks: UInt64 = 500

    mutating func add(_ ledger: Ledger) {
        marks.add(ledger.marks)
        receipts += ledger.receipts
        deliveries += ledger.deliveries
        comparisons += ledger.comparisons
    }
}

/// A bug may be found by one of the router's own preconditions, which end the program, or by a loop that has no end.
/// The seed is said even then.
enum Trap {
    /// Written before each story and read by the signals' handlers alone, which may not allocate.
    nonisolated(unsafe) private static var trap: [UInt8] = []
    nonisolated(unsafe) private static var hang: [UInt8] = []
    nonisolated(unsafe) private static var isSet = false

    /// No story takes as long as this, in seconds.
    private static let secondsMax: UInt32 = 3

    /// A story begins.
    static func watch(_ story: Story) {
        let repetition = "repeat it with: \(story.command) --trace\n"
        trap = Array(
            "violation in seed \(story.seed): trap: a precondition does not hold\n\(repetition)".utf8)
        hang = Array("violation in seed \(story.seed): hang: a step does not end\n\(repetition)".utf8)
        alarm(secondsMax)
        guard !isSet else { return }
        isSet = true
        for number in [SIGILL, SIGTRAP] {
            signal(number) { number in
                Trap.trap.withUnsafeBytes { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        signal(SIGALRM) { _ in
            Trap.hang.withUnsafeBytes { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            _exit(1)
        }
    }

    /// No story is being told.
    static func rest() { alarm(0) }
}
