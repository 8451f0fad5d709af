/// What must hold at any time. The table in `docs/reliability.md` says what each of them means.
enum Invariant: String, CaseIterable {
    /// Every receipt is for a record that is in the log, once.
    case receipt = "receipt"
    /// Nothing is delivered that is not on disk.
    case commit = "commit"
    /// Consumers get messages for the first time in the order of the log.
    case order = "order"
    /// Attempts count up one by one, over restarts, to what the consumer allows.
    case attempts = "attempts"
    /// No consumer has more unsettled than it allows.
    case inFlight = "in-flight"
    /// Every message of a durable consumer is acknowledged, waiting, in flight, expired or dead.
    case fate = "fate"
    /// A message is buried once.
    case burial = "burial"
    /// What is recovered from log and checkpoint is what was there.
    case recovery = "recovery"
    /// When nothing new comes, everything is done sometime.
    case rest = "rest"
    /// What agents do by the rules is not refused.
    case refusedForNothing = "refused"
    /// What somebody chose to believe.
    case belief = "belief"
}

/// Something that must never be.
struct Violation: Error, CustomStringConvertible {
    let invariant: Invariant
    let detail: String

    init(_ invariant: Invariant, _ detail: String) {
        self.invariant = invariant
        self.detail = detail
    }

    var description: String { "\(invariant.rawValue): \(detail)" }
}

/// Sentences that do not hold. They show that a violation is found, told and shrunk.
enum Belief: String, CaseIterable {
    /// No message is delivered three times.
    case neverThrice = "never-thrice"
    /// No message becomes a dead letter behind a crash.
    case noDeathAfterCrash = "no-death-after-crash"
}
