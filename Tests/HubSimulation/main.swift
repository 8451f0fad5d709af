import Glibc

// Runs the router against simulated agents, network, disk and clock. A seed that fails is printed with a shorter
// story that fails alike, and gives the same story again.

guard let options = Options(CommandLine.arguments.dropFirst()) else {
    print(Options.usage)
    exit(2)
}

var deliveries = 0
var marks: [String: Int] = [:]
for seed in options.first..<options.first + options.count {
    Trap.watch(seed, steps: options.steps)
    let story = options.story(seed)
    let outcome = story.run(isTraced: options.isTraced)
    if let violation = outcome.violation {
        Report.tell(violation, in: story, shrinkSeconds: options.shrinkSeconds)
        exit(1)
    }
    deliveries += outcome.ledger.deliveries
    marks.merge(outcome.ledger.marks) { $0 + $1 }
}
for (mark, times) in marks.sorted(by: { $0.key < $1.key }) { print("  \(mark): \(times)") }
print(
    "simulation: \(options.count) seeds of \(options.steps) steps from \(options.first), "
        + "\(deliveries) deliveries, 0 violations")
