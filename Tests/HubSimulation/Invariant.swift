/// What must hold at any time. The table in `docs/reliability.md` has the same names.
enum Invariant: String, CaseIterable {
    /// Every proposal is answered once, and every receipt is for a record that is in the log as it was proposed.
    case receipt = "receipt"
    /// Sequence numbers of a session follow each other from 1 in the order of the log.
    case sequence = "sequence"
    /// Nothing is delivered that is not on disk.
    case commit = "commit"
    /// Consumers get what they want, and nothing else.
    case wanted = "wanted"
    /// Deliveries go to members that are there and have room.
    case room = "room"
    /// Who wants to hear no more of something for now does not.
    case pause = "pause"
    /// Consumers get messages for the first time in the order of the log.
    case order = "order"
    /// Attempts count up one by one, over restarts, to what the consumer allows.
    case attempts = "attempts"
    /// No consumer has more unsettled than it allows.
    case inFlight = "in-flight"
    /// Nothing is delivered that has expired.
    case expiry = "expiry"
    /// Every message of a durable consumer is acknowledged, waiting, in flight, expired or dead.
    case fate = "fate"
    /// A message is buried once, and only by who had it.
    case burial = "burial"
    /// A consumer's cursor never goes back, unless an operator moves it.
    case cursor = "cursor"
    /// Every command ends once.
    case command = "command"
    /// What an agent sends twice within the window of ids is in the log once.
    case duplicate = "duplicate"
    /// What is recovered from log and checkpoint is what was there.
    case recovery = "recovery"
    /// When nothing new comes, everything is done sometime, and then nothing happens any more.
    case rest = "rest"
    /// The log takes what the router gives it, and can be read.
    case log = "log"
    /// What agents do by the rules is not refused, and what they do against them is.
    case refusal = "refusal"
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
