/// Rare things that must happen now and then: a path that no seed reaches is a path that nothing tests.
enum Mark: String, CaseIterable {
    case crash = "crash"
    case crashBeforeApply = "crash between commit and apply"
    case checkpointLoaded = "recovered from a checkpoint"
    case refused = "disk refused blocks"
    case agentUnknown = "agent unknown after a refusal"
    case subscriptionRefused = "subscription refused"
    case proposalRefused = "proposal refused"
    case replaced = "connection replaced"
    case presence = "presence changed"
    case beat = "heartbeat that names work"
    case silent = "agent silent for too long"
    case exclusive = "second member of an exclusive consumer refused"
    case addresseeAway = "receipt says that the addressee is away"
    case fellBehind = "page asked for"
    case pageCut = "page cut, no more room"
    case readAlone = "record read alone"
    case stalled = "stalled"
    case full = "connection full"
    case again = "delivered again"
    case lastTime = "delivered for the last time"
    case againElsewhere = "delivered again to another member"
    case attemptsSurvived = "attempts counted on after a restart"
    case againThoughDone = "delivered again though acknowledged meanwhile"
    case namelessAgain = "nameless consumer: delivered again"
    case namelessBuried = "nameless consumer: dead letter"
    case automatic = "delivered without acknowledgement"
    case inbox = "delivered to an inbox"
    case buriedForAttempts = "dead letter: attempts"
    case buriedAsGiven = "dead letter: given up"
    case buriedAsExpired = "dead letter: expired"
    case buriedThoughDone = "dead letter though acknowledged meanwhile"
    case held = "kept back for later"
    case connectionPaused = "connection paused"
    case sessionPaused = "session paused"
    case sessionAccepted = "session accepted"
    case sessionStepRefused = "step in a session refused"
    case owedGiven = "what was owed is given"
    case moved = "consumer moved"
    case paused = "consumer paused"
    case deleted = "consumer deleted"
    case broughtBack = "dead letter brought back"
    case otherLife = "said of another life of its consumer"
    case duplicate = "sent twice, one receipt"
    case hasty = "receipt before the disk had it"
    case passedOver = "expired before its delivery"
    case acknowledgedAlone = "acknowledged one"
    case acknowledgedRange = "acknowledged a range"
    case acknowledgedAll = "acknowledged all up to one"
    case saidTwice = "the same said twice"
    case refusedDelivery = "refused a delivery"
    case working = "said to be working"
    case strangerRefused = "settlement by a stranger refused"
    case commandAnswered = "command answered"
    case commandTimedOut = "command timed out"
    case commandDied = "command died"
    case answeredLate = "command answered too late"
    case clockForward = "clock leapt forward"
    case clockBack = "clock went back"
    case doubted = "recovery compared without a crash"
}

/// How often each thing happened.
struct Marks {
    private var counts = Array(repeating: 0, count: Mark.allCases.count)
    private static let places = Dictionary(
        uniqueKeysWithValues: Mark.allCases.enumerated().map { ($1, $0) })

    mutating func note(_ mark: Mark) { counts[Self.places[mark] ?? 0] += 1 }

    mutating func add(_ other: Marks) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    subscript(mark: Mark) -> Int { counts[Self.places[mark] ?? 0] }

    /// What never happened.
    var missing: [Mark] { Mark.allCases.filter { self[$0] == 0 } }

    /// One line for each.
    var table: String {
        Mark.allCases.map { mark in
            let count = String(self[mark])
            return String(repeating: " ", count: max(0, 10 - count.count)) + count + "  " + mark.rawValue
        }.joined(separator: "\n")
    }
}
