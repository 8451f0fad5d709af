/// How a client comes back after it has lost its hub.
///
/// The n-th attempt in a row waits for a random time between `leastMilliseconds` and the smaller of `maxMilliseconds` and
/// `firstMilliseconds · 2ⁿ`: full jitter, so that a thousand agents that lost the same hub do not come back in step.
public struct ReconnectPolicy: Sendable, Equatable {
    /// The longest that the first attempt waits.
    public var firstMilliseconds: Int64 = 1000
    /// The longest that any attempt waits.
    public var maxMilliseconds: Int64 = 120_000
    /// The shortest that any attempt waits.
    public var leastMilliseconds: Int64 = 50
    /// A connection that lasted so long was a good one: the next loss begins to count anew.
    public var stableMilliseconds: Int64 = 10_000
    /// Attempts in a row after which the client gives up; nil for never.
    public var attemptsMax: Int?

    /// One second, doubled up to two minutes, without end.
    public init() {}
}

/// The pauses between attempts to connect: which one is next follows from the seed.
struct Backoff {
    private let policy: ReconnectPolicy
    private var random: UInt64
    /// Attempts since a connection was good.
    private(set) var attempts = 0

    init(_ policy: ReconnectPolicy, seed: UInt64) {
        self.policy = policy
        random = seed
    }

    /// Whether there is to be another attempt.
    var mayTry: Bool { policy.attemptsMax.map { attempts < $0 } ?? true }

    /// The pause before the next attempt. The hub may have asked for one, which is kept, and spread as well.
    mutating func next(askedFor asked: Int64? = nil) -> Int64 {
        let doublings = min(attempts, 40)
        attempts += 1
        let (raised, isTooLarge) = policy.firstMilliseconds.multipliedReportingOverflow(by: 1 << doublings)
        let longest = max(min(isTooLarge ? .max : raised, policy.maxMilliseconds), 1)
        if let asked, asked > 0 {
            let kept = min(asked, 3_600_000)
            return kept + draw(below: max(policy.firstMilliseconds, 1))
        }
        let least = min(policy.leastMilliseconds, longest)
        return least + draw(below: longest - least + 1)
    }

    /// A connection ended that had lasted for so long.
    mutating func worked(forMilliseconds span: Int64) {
        if span >= policy.stableMilliseconds { attempts = 0 }
    }

    /// SplitMix64, by Steele, Lea and Flood.
    private mutating func draw(below bound: Int64) -> Int64 {
        random &+= 0x9e37_79b9_7f4a_7c15
        var mixed = random
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int64(((mixed ^ (mixed >> 31)) >> 1) % UInt64(bound))
    }
}
