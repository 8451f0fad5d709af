import HubModel
import HubRouter

/// What a run is like: how many agents, how rough the network, how often the hub dies. Drawn from the seed, so that
/// different seeds try different worlds.
struct Plan {
    let seed: UInt64
    let steps: Int
    var isTraced = false
    /// Whether the chaos is over.
    var isCalm = false
    let agents: Int
    let groups: Int
    let consumer: ConsumerSettings
    let settings: RouterSettings
    let checkpointChance: UInt64
    let crashChance: UInt64
    let failureChance: UInt64
    let disconnectChance: UInt64

    init(seed: UInt64, steps: Int) {
        self.seed = seed
        self.steps = steps
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
        consumer.isShared = true
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
}
