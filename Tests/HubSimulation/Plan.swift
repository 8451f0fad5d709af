import HubModel
import HubRouter

/// What a run is like: how many agents, how rough the network, how often the hub dies. Drawn from the seed, so that
/// different seeds try different worlds.
struct Plan {
    let seed: UInt64
    var isTraced = false
    /// Whether the chaos is over.
    var isCalm = false
    var belief: Belief?
    var agents: Int
    var groups: Int
    var consumer: ConsumerSettings
    var settings: RouterSettings
    var checkpointChance: UInt64
    var crashChance: UInt64
    var failureChance: UInt64
    var disconnectChance: UInt64

    init(seed: UInt64) {
        self.seed = seed
        var random = DeterministicRandom(seed: seed ^ 0x5eed)
        agents = 2 + Int(random.below(6))
        groups = 1 + Int(random.below(3))
        var consumer = ConsumerSettings()
        consumer.inFlightMax = [1, 2, 8, 64][Int(random.below(4))]
        consumer.ackWaitMilliseconds = [10, 100, 1000][Int(random.below(3))]
        consumer.deliveriesMax = 1 + Int(random.below(5))
        consumer.backoffInitialMilliseconds = Int64(random.below(50))
        consumer.backoffMaxMilliseconds = 500
        consumer.isSticky = random.below(4) == 0
        self.consumer = consumer
        var settings = RouterSettings()
        settings.lazyMilliseconds = Int64(random.below(20))
        self.settings = settings
        checkpointChance = [0, 5, 50][Int(random.below(3))]
        crashChance = [0, 1, 3][Int(random.below(3))]
        failureChance = [0, 1, 5][Int(random.below(3))]
        disconnectChance = [0, 2, 10][Int(random.below(3))]
    }

    static let topics = ["jobs.new", "jobs.old", "alerts.eu.disk"]
    static let patterns = ["jobs.*", "jobs.new", ">", "alerts.>"]

    /// Takes something out of the world.
    mutating func ease(_ easing: Easing) {
        switch easing {
        case .noCrashes: crashChance = 0
        case .noRefusals: failureChance = 0
        case .noCheckpoints: checkpointChance = 0
        case .noDepartures: disconnectChance = 0
        case .oneGroup: groups = 1
        case .twoAgents: agents = min(agents, 2)
        case .oneAgent: agents = 1
        case .notSticky: consumer.isSticky = false
        case .notLazy: settings.lazyMilliseconds = 0
        }
    }
}

/// One thing less that can happen in a world: what a story can do without says as much as what it needs.
enum Easing: String, CaseIterable {
    case noCrashes = "no-crashes"
    case noRefusals = "no-refusals"
    case noCheckpoints = "no-checkpoints"
    case noDepartures = "no-departures"
    case oneGroup = "one-group"
    case twoAgents = "two-agents"
    case oneAgent = "one-agent"
    case notSticky = "not-sticky"
    case notLazy = "not-lazy"
}
