import HubModel
import HubRouter

/// What a run is like: how many agents, what they want, how rough the network, how often the hub dies. Drawn from the
/// seed, so that different seeds try different worlds.
struct Plan {
    let seed: UInt64
    var isTraced = false
    /// Whether the chaos is over.
    var isCalm = false
    var belief: Belief?
    var agents: Int
    var consumers: [ConsumerPlan] = []
    var settings = RouterSettings()
    var checkpointChance: UInt64
    var crashChance: UInt64
    var failureChance: UInt64
    var disconnectChance: UInt64
    var commandChance: UInt64
    var expiryChance: UInt64
    var jumpChance: UInt64
    var operatorChance: UInt64
    var repeatChance: UInt64
    var pauseChance: UInt64
    /// How often agents beat; 0 for never.
    var beatMilliseconds: Int64

    static let agentsMax = 7

    init(seed: UInt64) {
        self.seed = seed
        var random = DeterministicRandom(seed: seed ^ 0x5eed)
        agents = 2 + Int(random.below(UInt64(Self.agentsMax) - 1))
        checkpointChance = random.pick([0, 5, 50])
        crashChance = random.pick([0, 1, 3])
        failureChance = random.pick([0, 1, 5])
        disconnectChance = random.pick([0, 2, 10])
        commandChance = random.pick([0, 5, 30])
        expiryChance = random.pick([0, 5, 30])
        jumpChance = random.pick([0, 0, 10, 50])
        operatorChance = random.pick([0, 0, 10, 60])
        pauseChance = random.pick([0, 0, 20, 100])
        beatMilliseconds = random.pick([0, 0, 500, 5000])
        repeatChance = random.pick([0, 5, 20])
        settings.dedupMilliseconds = random.pick([100, 5000, 120_000])
        settings.lazyMilliseconds = Int64(random.below(20))
        drawConsumers(&random)
    }

    private mutating func drawConsumers(_ random: inout DeterministicRandom) {
        for group in 0..<1 + Int(random.below(3)) {
            // Everyone is asked, whoever is there in the end: a plan with fewer agents is otherwise the same.
            let members = (0..<Self.agentsMax).filter { $0 % 3 == group || random.below(4) == 0 }
            consumers.append(
                ConsumerPlan(
                    "group-\(group)", .shared(Set(members)), Self.drawFilter(&random),
                    Self.drawSettings(&random), start: random.pick([.all, .all, .new, .last])))
        }
        for agent in 0..<Self.agentsMax {
            if random.below(2) == 0 {
                consumers.append(
                    ConsumerPlan(
                        "inbox-\(agent)", .own(agent), .inbox, Self.drawSettings(&random),
                        start: random.pick([.all, .new])))
            }
            switch random.below(6) {
            case 0:
                consumers.append(
                    ConsumerPlan(
                        "own-\(agent)", .own(agent), Self.drawFilter(&random), Self.drawSettings(&random),
                        start: random.pick([.all, .new])))
            case 1, 2:
                consumers.append(
                    ConsumerPlan(
                        "nameless of \(agent)", .nameless(agent), Self.drawFilter(&random),
                        Self.drawSettings(&random), start: random.pick([.all, .new, .last])))
            default: break
            }
        }
    }

    private static func drawFilter(_ random: inout DeterministicRandom) -> Subscription.Filter {
        let count = random.pick([1, 1, 2, 3])
        let patterns = (0..<count).map { _ in TopicPattern(unchecked: random.pick(Self.patterns)) }
        return .topics(patterns)
    }

    private static func drawSettings(_ random: inout DeterministicRandom) -> ConsumerSettings {
        var settings = ConsumerSettings()
        settings.acknowledgement = random.below(5) == 0 ? .automatic : .explicit
        settings.inFlightMax = random.pick([1, 2, 8, 64])
        settings.ackWaitMilliseconds = random.pick([10, 100, 1000])
        settings.deliveriesMax = 1 + Int(random.below(5))
        settings.backoffInitialMilliseconds = Int64(random.below(50))
        settings.backoffMaxMilliseconds = 500
        settings.isSticky = random.below(4) == 0
        return settings
    }

    static let topics = ["jobs.new", "jobs.old", "alerts.eu.disk"]
    static let patterns = ["jobs.*", "jobs.new", ">", "alerts.>", "*.old", "alerts.*.disk"]

    /// Takes something out of the world.
    mutating func ease(_ easing: Easing) {
        switch easing {
        case .noCrashes: crashChance = 0
        case .noRefusals: failureChance = 0
        case .noCheckpoints: checkpointChance = 0
        case .noDepartures: disconnectChance = 0
        case .noCommands: commandChance = 0
        case .noExpiry: expiryChance = 0
        case .noJumps: jumpChance = 0
        case .noOperators: operatorChance = 0
        case .noRepeats: repeatChance = 0
        case .noPauses: pauseChance = 0
        case .noBeats: beatMilliseconds = 0
        case .noGroups: consumers.removeAll { $0.members.isShared }
        case .noInboxes: consumers.removeAll { $0.filter == .inbox }
        case .noNameless: consumers.removeAll { !$0.isDurable }
        case .noOwn: consumers.removeAll { $0.members.isOwn && $0.filter != .inbox }
        case .twoAgents: agents = min(agents, 2)
        case .oneAgent: agents = 1
        case .notSticky: for index in consumers.indices { consumers[index].settings.isSticky = false }
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
    case noCommands = "no-commands"
    case noExpiry = "no-expiry"
    case noJumps = "no-jumps"
    case noOperators = "no-operators"
    case noRepeats = "no-repeats"
    case noPauses = "no-pauses"
    case noBeats = "no-beats"
    case noGroups = "no-groups"
    case noInboxes = "no-inboxes"
    case noNameless = "no-nameless"
    case noOwn = "no-own"
    case twoAgents = "two-agents"
    case oneAgent = "one-agent"
    case notSticky = "not-sticky"
    case notLazy = "not-lazy"
}

/// A consumer that agents subscribe to.
struct ConsumerPlan {
    /// Who is served.
    enum Members: Equatable {
        /// Everyone of these, the messages being dealt out among them.
        case shared(Set<Int>)
        /// One agent.
        case own(Int)
        /// One agent, as long as it is connected.
        case nameless(Int)

        var isShared: Bool { if case .shared = self { true } else { false } }
        var isOwn: Bool { if case .own = self { true } else { false } }
    }

    /// Where it begins.
    enum Start {
        /// With all that is there.
        case all
        /// With what comes, and the retained values of its topics.
        case new
        /// With the last message of each topic.
        case last
    }

    /// Its name, if it has one.
    let label: String
    let members: Members
    let filter: Subscription.Filter
    var settings: ConsumerSettings
    let start: Start

    init(
        _ label: String, _ members: Members, _ filter: Subscription.Filter, _ settings: ConsumerSettings,
        start: Start
    ) {
        self.label = label
        self.members = members
        self.filter = filter
        self.settings = settings
        self.settings.isShared = members.isShared
        self.start = start
    }

    var isDurable: Bool { if case .nameless = members { false } else { true } }

    func serves(_ agent: Int) -> Bool {
        switch members {
        case .shared(let agents): agents.contains(agent)
        case .own(let owner), .nameless(let owner): agent == owner
        }
    }

    /// Whether a message is for it: by the definition, not by what the router has for speed.
    func wants(_ message: Reference.Message) -> Bool {
        switch filter {
        case .inbox:
            guard case .own(let owner) = members else { return false }
            return message.isToAgent && message.destination == SimulatedAgent.name(owner)
        case .topics(let patterns):
            let topic = TopicName(unchecked: message.destination)
            return !message.isToAgent && patterns.contains { $0.matches(topic) }
        }
    }
}

extension DeterministicRandom {
    /// One of some values.
    mutating func pick<Value>(_ values: [Value]) -> Value { values[Int(below(UInt64(values.count)))] }
}
