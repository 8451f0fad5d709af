import Glibc
import HubModel
import HubStorage
import Testing

/// Random operations against a model that is an array.
@Suite struct LogPropertyTests {
    private static let stepsPerSeed = 60

    /// Seeds to run: `AGENTHUB_PROPERTY_SEEDS` may ask for more.
    private static var seeds: ClosedRange<UInt64> {
        let wanted = getenv("AGENTHUB_PROPERTY_SEEDS").flatMap { UInt64(String(cString: $0)) }
        return 1...max(wanted ?? 300, 1)
    }

    @Test(arguments: LogKind.allCases)
    func `Whatever is done to a log, it holds what it must and explains what it does not`(_ kind: LogKind) {
        var failures = 0
        for seed in Self.seeds where failures < 12 {
            var step = 0
            do {
                var run = try PropertyRun(kind, seed: seed)
                while step < Self.stepsPerSeed {
                    try run.step()
                    step += 1
                }
            } catch {
                failures += 1
                Issue.record("seed \(seed), step \(step): \(error)")
            }
        }
    }
}
