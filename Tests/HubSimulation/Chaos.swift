import HubBytes
import HubModel
import HubRouter

/// What can happen in a step.
extension World {
    /// One step of the story.
    mutating func takeStep() throws {
        switch random.below(100) {
        case 0..<23: try publish()
        case 23..<38: try commit()
        case 38..<53: try apply()
        case 53..<64: try read()
        case 64..<80: try settle()
        case 80..<86: try advance(milliseconds: Int64(random.below(happens(5) ? 5000 : 20)))
        case 86..<87: try leap()
        case 87..<88: try fill()
        case 88..<89: try beat()
        case 89..<91: try converse()
        case 91..<97: try connectOrNot()
        case 97..<98: try meddle()
        case 98..<99: try doubt()
        default: try audit()
        }
        try finishTurn()
        if happens(plan.crashChance) { try crash() }
    }

    /// The clock is set: forward, or back.
    private mutating func leap() throws {
        guard happens(plan.jumpChance) else { return }
        let milliseconds = Int64(random.below(60_000))
        let isBack = happens(50)
        ledger.marks.note(isBack ? .clockBack : .clockForward)
        note { "the clock goes \(isBack ? "back" : "forward") \(milliseconds) ms" }
        try advance(milliseconds: isBack ? -milliseconds : milliseconds)
    }

    /// Something came from an agent.
    mutating func heard(_ agent: Int) {
        if let connection = agents[agent].connection { router.heard(connection, now: now, &open) }
    }

    /// Agents beat and say what they work on; one of them tries for a consumer that is another's.
    private mutating func beat() throws {
        if happens(30) { return try tryForAnothers() }
        for agent in agents.indices where happens(50) {
            guard let connection = agents[agent].connection else { continue }
            let offsets = agents[agent].received.map(\.delivery.offset).filter { $0.rawValue % 2 == 0 }
            if !offsets.isEmpty { ledger.marks.note(.beat) }
            try router.beat(connection, workingOn: offsets, now: now, &open)
        }
        try handle(.nothing)
    }

    private mutating func tryForAnothers() throws {
        let consumer = Int(random.below(UInt64(max(1, plan.consumers.count))))
        guard consumer < plan.consumers.count, case .own(let owner) = plan.consumers[consumer].members,
            owner < agents.count, agents[owner].consumers[consumer] != nil,
            let stranger = agents.indices.first(where: { $0 != owner && agents[$0].connection != nil }),
            let connection = agents[stranger].connection
        else { return }
        do {
            try subscribe(consumer, connection)
        } catch let refusal as Refusal {
            guard [.conflict, .forbidden].contains(refusal.code) else { throw refusal }
            return ledger.marks.note(.exclusive)
        }
        throw Violation(.refusal, "agent \(stranger) becomes a member of \(plan.consumers[consumer].label)")
    }

    private mutating func fill() throws {
        let agent = anyAgent()
        guard let connection = agents[agent].connection else { return }
        agents[agent].isFull.toggle()
        if agents[agent].isFull { ledger.marks.note(.full) }
        router.setFull(connection, agents[agent].isFull, now: now, &effects)
        try handle(.nothing)
    }

    private mutating func connectOrNot() throws {
        let agent = anyAgent()
        if agents[agent].connection == nil {
            try connect(agent)
        } else if happens(plan.disconnectChance) {
            // An agent whose network broke may come again before the hub has noticed.
            if happens(30) { try connect(agent) } else { disconnect(agent) }
        }
    }

    mutating func connect(_ agent: Int) throws {
        nextGeneration += 1
        // Its old connection may still have its place.
        let connection = ConnectionID(index: agents[agent].nextPlace(), generation: nextGeneration)
        note { "agent \(agent) connects as \(connection)" }
        let name = agents[agent].name
        try name.withBytes { agent in
            try "default".withBytes { tenant in
                try router.connect(
                    connection, agent: agent, tenant: tenant,
                    .agent(Liveness.beats(everyMilliseconds: plan.beatMilliseconds)), now: now, &open,
                    &effects)
            }
        }
        try handle(.nothing)
        guard agents[agent].connection == nil else {
            throw Violation(.room, "agent \(agent) has two connections")
        }
        agents[agent].connection = connection
        for consumer in plan.consumers.indices where plan.consumers[consumer].serves(agent) {
            try subscribe(consumer, connection)
        }
        try handle(.nothing)
    }

    private mutating func subscribe(_ consumer: Int, _ connection: ConnectionID) throws {
        let plan = plan.consumers[consumer]
        try (plan.isDurable ? plan.label : "").withBytes { name in
            var subscription = Subscription(name: name, plan.filter)
            subscription.settings = plan.settings
            switch plan.start {
            case .all: subscription.start = .all
            case .new: subscription.start = .new
            case .last: subscription.start = .last
            }
            subscription.tag = UInt64(consumer)
            try router.subscribe(subscription, connection, now: now, &open, &effects)
        }
    }

    mutating func disconnect(_ agent: Int) {
        guard let connection = agents[agent].connection else { return }
        note { "agent \(agent) goes" }
        router.disconnect(connection, now: now, &open)
        forget(connection)
    }
}
