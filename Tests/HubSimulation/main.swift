import Glibc

// Runs the router against simulated agents, network, disk and clock. A seed that fails is printed with a shorter
// story that fails alike, and gives the same story again.

guard let options = Options(CommandLine.arguments.dropFirst()) else {
    print(Options.usage)
    exit(2)
}

var total = Total()
for seed in options.first..<options.first + options.count {
    let story = options.story(seed)
    Trap.watch(story)
    let outcome = story.run(isTraced: options.isTraced)
    Trap.rest()
    if let violation = outcome.violation {
        Report.tell(violation, in: story, shrinkSeconds: options.shrinkSeconds)
        exit(1)
    }
    total.add(outcome.ledger)
}
print(total.marks.table)
print(
    "simulation: \(options.count) seeds of \(options.steps) steps from \(options.first), "
        + "\(total.receipts) receipts, \(total.deliveries) deliveries, "
        + "\(total.comparisons) recoveries compared, 0 violations")
let missing = total.marks.missing
if options.count >= Total.seedsForAllMarks, !missing.isEmpty {
    print("never reached: \(missing.map(\.rawValue).joined(separator: ", "))")
    exit(1)
}
