import HubRouter

/// What happens in a run: a world drawn from the seed, and steps, each with chance of its own. A step that is left out
/// changes nothing in what the others draw, so a story can be cut down to what it takes.
struct Story {
    let seed: UInt64
    /// How many steps it was drawn with.
    let steps: Int
    /// The steps that are taken, by number.
    var kept: [Int]
    /// What is taken out of the world besides.
    var easings: [Easing] = []
    /// Something that is demanded and does not hold: how shrinking is tried.
    var belief: Belief?

    init(seed: UInt64, steps: Int) {
        self.seed = seed
        self.steps = steps
        kept = Array(0..<steps)
    }

    /// What a step draws its chance from.
    func chance(at step: Int) -> DeterministicRandom {
        DeterministicRandom(seed: DeterministicRandom.mix(seed) &+ DeterministicRandom.mix(UInt64(step) &+ 1))
    }

    /// Runs it to its end, or to its first violation.
    func run(isTraced: Bool = false) -> Outcome {
        var plan = Plan(seed: seed)
        for easing in easings { plan.ease(easing) }
        plan.isTraced = isTraced
        plan.belief = belief
        var world = World(plan)
        var taken = 0
        do {
            for step in kept {
                taken += 1
                world.begin(step, chance(at: step))
                try world.takeStep()
            }
            taken = kept.count
            world.begin(steps, chance(at: steps))
            try world.quiesce()
            return Outcome(ledger: world.ledger, violation: nil, taken: taken)
        } catch let violation as Violation {
            return Outcome(ledger: world.ledger, violation: violation, taken: taken)
        } catch {
            return Outcome(
                ledger: world.ledger, violation: Violation(.refusal, "\(error)"), taken: taken)
        }
    }

    /// What a run came to.
    struct Outcome {
        let ledger: Ledger
        let violation: Violation?
        /// Steps taken before that.
        let taken: Int
    }

    // MARK: As options

    /// How it is told again.
    var command: String {
        var words = "HubSimulation --seed \(seed) --seeds 1 --steps \(steps)"
        if kept.count < steps { words += " --only \(StepList(kept))" }
        if !easings.isEmpty { words += " --ease \(easings.map(\.rawValue).joined(separator: ","))" }
        if let belief { words += " --believe \(belief.rawValue)" }
        return words
    }
}

/// Numbers of steps as people write them: `3,8-12,40`; `none` for none.
struct StepList: CustomStringConvertible, Equatable {
    let steps: [Int]

    init(_ steps: [Int]) { self.steps = steps }

    /// Reads a list; nil if it is none, or not in order.
    init?(_ text: String) {
        var steps: [Int] = []
        if text == "none" {
            self.steps = []
            return
        }
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
                first > steps.last ?? -1, last >= first, last < 10_000_000
            else { return nil }
            steps += first...last
        }
        self.steps = steps
    }

    var description: String {
        guard !steps.isEmpty else { return "none" }
        var parts: [String] = []
        var index = 0
        while index < steps.count {
            var end = index
            while end + 1 < steps.count, steps[end + 1] == steps[end] + 1 { end += 1 }
            parts.append(end == index ? "\(steps[index])" : "\(steps[index])-\(steps[end])")
            index = end + 1
        }
        return parts.joined(separator: ",")
    }
}
