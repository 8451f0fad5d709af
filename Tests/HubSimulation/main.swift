import Glibc
import HubModel

// Runs the router against simulated agents, network, disk and clock. A seed that fails is printed, and gives the same
// story again with --trace.

let usage = """
    usage: HubSimulation [--seed N] [--seeds COUNT] [--steps N] [--trace]

      --seed N       the first seed (1)
      --seeds COUNT  how many to run, one after the other (100)
      --steps N      steps of each (2000)
      --trace        say what happens
    """

var first: UInt64 = 1
var count: UInt64 = 100
var steps = 2000
var isTraced = false
var arguments = CommandLine.arguments.dropFirst()
while let option = arguments.popFirst() {
    switch option {
    case "--seed": first = arguments.popFirst().flatMap { UInt64($0) } ?? first
    case "--seeds": count = arguments.popFirst().flatMap { UInt64($0) } ?? count
    case "--steps": steps = arguments.popFirst().flatMap { Int($0) } ?? steps
    case "--trace": isTraced = true
    default:
        print(usage)
        exit(2)
    }
}

func run(_ seed: UInt64, steps: Int, isTraced: Bool) throws -> Ledger {
    var plan = Plan(seed: seed, steps: steps)
    plan.isTraced = isTraced
    var world = World(plan)
    for _ in 0..<steps { try world.step() }
    try world.quiesce()
    return world.ledger
}

var deliveries = 0
var marks: [String: Int] = [:]
for seed in first..<first + count {
    do {
        let ledger = try run(seed, steps: steps, isTraced: isTraced)
        deliveries += ledger.deliveries
        marks.merge(ledger.marks) { $0 + $1 }
    } catch {
        print(
            "violation: \(error)\nrepeat it with: HubSimulation --seed \(seed) --seeds 1 --steps \(steps) --trace"
        )
        exit(1)
    }
}
for (mark, times) in marks.sorted(by: { $0.key < $1.key }) { print("  \(mark): \(times)") }
print("simulation: \(count) seeds of \(steps) steps from \(first), \(deliveries) deliveries, 0 violations")
