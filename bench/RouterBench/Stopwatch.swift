import Glibc
import Workbench

/// Figures of the same thing measured again and again, of which the median is told and the range. It is the processor's
/// time that is measured: what is measured here waits for nothing, and others on the machine should not count.
struct Stopwatch {
    private let name: String
    private let operations: Int
    private var nanoseconds: [Double] = []

    /// Measures something that does `operations` of what is counted in each round.
    init(_ name: String, operations: Int) {
        self.name = name
        self.operations = operations
    }

    mutating func measure(_ body: () -> Void) {
        let start = Self.processorNanoseconds()
        body()
        nanoseconds.append(Double(Self.processorNanoseconds() - start) / Double(operations))
    }

    private static func processorNanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    func report(_ remark: String = "") {
        let sorted = nanoseconds.sorted()
        let median = sorted[sorted.count / 2]
        let range = "\(rounded(sorted[0])) to \(rounded(sorted[sorted.count - 1]))"
        print("  \(name): \(rounded(median)) ns (\(range)), \(rounded(1000 / median)) M/s\(remark)")
    }
}
