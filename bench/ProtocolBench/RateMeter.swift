import Glibc

/// The rate of something that is done again and again: the median of the rounds is told, and their range. Time is the
/// processor time of this process, so that what else runs on the machine counts less.
struct RateMeter {
    private let name: String
    private let unit: String
    private var rates: [Double] = []

    init(_ name: String, unit: String) {
        self.name = name
        self.unit = unit
    }

    /// One round: `body` does some of it and returns how much, in units.
    mutating func measure(_ body: () -> Double) {
        let start = clock()
        let amount = body()
        let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
        rates.append(amount / seconds)
    }

    func report() {
        let sorted = rates.sorted()
        func text(_ rate: Double) -> String { "\((rate * 100).rounded() / 100)" }
        let range = "\(text(sorted[0])) to \(text(sorted[sorted.count - 1]))"
        print("  \(name): \(text(sorted[sorted.count / 2])) \(unit) (\(range))")
    }
}
