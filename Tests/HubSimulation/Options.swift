/// What the program was told to do.
struct Options {
    var first: UInt64 = 1
    var count: UInt64 = 100
    var steps = 2000
    var isTraced = false
    /// How long a violation may be shrunk, in seconds.
    var shrinkSeconds: Int64 = 20
    var only: StepList?
    var easings: [Easing] = []
    var belief: Belief?

    static var usage: String {
        """
        usage: HubSimulation [--seed N] [--seeds COUNT] [--steps N] [--trace] [--shrink SECONDS]
                             [--only LIST] [--ease LIST] [--believe NAME]

          --seed N          the first seed (1)
          --seeds COUNT     how many to run, one after the other (100)
          --steps N         steps of each (2000)
          --trace           say what happens
          --shrink SECONDS  how long to look for a shorter story that violates the same (20); 0: not at all
          --only LIST       take only these steps, as in 3,8-12
          --ease LIST       take things out of the world: \(Easing.allCases.map(\.rawValue).joined(separator: ", "))
          --believe NAME    demand what does not hold: \(Belief.allCases.map(\.rawValue).joined(separator: ", "))
        """
    }

    /// Reads the arguments; nil if they make no sense.
    init?(_ arguments: some Sequence<String>) {
        var rest = Array(arguments)[...]
        while let option = rest.popFirst() {
            if option == "--trace" {
                isTraced = true
                continue
            }
            guard let value = rest.popFirst(), take(option, value) else { return nil }
        }
    }

    private mutating func take(_ option: String, _ value: String) -> Bool {
        switch option {
        case "--seed": set(&first, UInt64(value))
        case "--seeds": set(&count, UInt64(value))
        case "--steps": set(&steps, Int(value).flatMap { (0..<10_000_000).contains($0) ? $0 : nil })
        case "--shrink": set(&shrinkSeconds, Int64(value))
        case "--only": set(&only, StepList(value).map { .some($0) })
        case "--believe": set(&belief, Belief(rawValue: value).map { .some($0) })
        case "--ease":
            set(&easings, Self.all(value.split(separator: ",").map { Easing(rawValue: String($0)) }))
        default: false
        }
    }

    private func set<Value>(_ field: inout Value, _ value: Value?) -> Bool {
        guard let value else { return false }
        field = value
        return true
    }

    private static func all(_ easings: [Easing?]) -> [Easing]? {
        easings.contains { $0 == nil } ? nil : easings.compactMap { $0 }
    }

    /// The story of a seed, as the options want it.
    func story(_ seed: UInt64) -> Story {
        var story = Story(seed: seed, steps: steps)
        if let only { story.kept = only.steps.filter { $0 < steps } }
        story.easings = easings
        story.belief = belief
        return story
    }
}
