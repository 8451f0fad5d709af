import HubBytes
import HubModel
import HubRouter
import HubStorage

/// What can happen in a step.
extension World {
    /// One step of the story.
    mutating func takeStep() throws {
        switch random.below(100) {
        case 0..<25: try publish()
        case 25..<40: try commit()
        case 40..<55: try apply()
        case 55..<65: try read()
        case 65..<80: try settle()
        case 80..<88: try advance(milliseconds: Int64(random.below(happens(5) ? 5000 : 20)))
        case 88..<92: try fill()
        default: try connectOrNot()
        }
        try finishTurn()
        if happens(plan.crashChance) { try crash() }
    }

    private mutating func anyAgent() -> Int { Int(random.below(UInt64(agents.count))) }

    mutating func publish() throws {
        let agent = anyAgent()
        guard let connection = agents[agent].connection else { return }
        nextMessage += 1
        let topic = Plan.topics[Int(random.below(UInt64(Plan.topics.count)))]
        let payload = "{\"n\":\(nextMessage)}"
        let id = "m-\(nextMessage)"
        let direct = happens(10) ? agents[anyAgent()].name : nil
        try payload.withBytes { payload in
            try id.withBytes { id in
                try (direct ?? topic).withBytes { target in
                    var parts = RecordParts(payload: payload)
                    parts.id = id
                    let proposal = Proposal(.message, to: direct == nil ? .topic : .agent, target, parts)
                    try router.publish(proposal, from: connection, now: now, &open)
                }
            }
        }
    }

    mutating func settle() throws {
        let agent = anyAgent()
        guard let connection = agents[agent].connection, let consumer = agents[agent].consumer,
            !agents[agent].received.isEmpty
        else { return }
        let place = Int(random.below(UInt64(agents[agent].received.count)))
        let delivery = agents[agent].received.remove(at: place)
        let verdict: Router.Verdict
        switch random.below(10) {
        case 0: verdict = .refused(delayMilliseconds: nil)
        case 1: verdict = .refused(delayMilliseconds: Int64(random.below(50)))
        case 2: verdict = .working
        case 3 where happens(30): verdict = .given
        case 4: return
        default: verdict = .acknowledged
        }
        trace.note { "\(step): agent \(agent) says \(verdict) of \(delivery.offset)" }
        try router.settle(
            consumer, verdict, from: delivery.offset, through: delivery.offset, by: connection, now: now,
            &effects)
        if verdict == .acknowledged {
            ledger.settled[agents[agent].consumerName, default: []].insert(delivery.offset)
        }
        try handle(.page)
    }

    private mutating func fill() throws {
        let agent = anyAgent()
        guard let connection = agents[agent].connection else { return }
        agents[agent].isFull.toggle()
        router.setFull(connection, agents[agent].isFull, now: now, &effects)
        try handle(.page)
    }

    private mutating func connectOrNot() throws {
        let agent = anyAgent()
        if agents[agent].connection == nil {
            try connect(agent)
        } else if happens(plan.disconnectChance) {
            disconnect(agent)
        }
    }

    mutating func connect(_ agent: Int) throws {
        nextGeneration += 1
        let connection = ConnectionID(index: UInt32(agent), generation: nextGeneration)
        agents[agent].connection = connection
        agents[agent].isFull = false
        trace.note { "\(step): agent \(agent) connects" }
        let name = agents[agent].name
        let consumerName = agents[agent].consumerName
        let pattern = agents[agent].pattern
        try name.withBytes { agent in
            try "default".withBytes { tenant in
                try router.connect(connection, agent: agent, tenant: tenant, now: now, &open, &effects)
            }
        }
        try consumerName.withBytes { name in
            var subscription = Subscription(name: name, .topics([pattern]))
            subscription.settings = plan.consumer
            subscription.start = .zero
            subscription.tag = Self.subscriptionTag
            try router.subscribe(subscription, connection, now: now, &open, &effects)
        }
        try handle(.page)
    }

    mutating func disconnect(_ agent: Int) {
        guard let connection = agents[agent].connection else { return }
        trace.note { "\(step): agent \(agent) goes" }
        router.disconnect(connection, now: now, &open)
        agents[agent].connection = nil
        agents[agent].consumer = nil
        agents[agent].received = []
    }

    // MARK: Restarts

    /// The hub dies: what is not on disk is gone, and a new one begins from the log.
    mutating func crash() throws {
        trace.note { "\(step): crash at \(log.reader.bounds.head)" }
        ledger.mark("crash")
        if !committed.isEmpty { ledger.mark("crash between commit and apply") }
        if log.reader.bounds.stateAppliedTo > .zero { ledger.mark("recovered from a checkpoint") }
        // The old router, had it lived, would know what is on disk; that is what the new one must know.
        var old = Router(plan.settings, now: now)
        swap(&old, &router)
        try Self.replay(from: old.appliedTo, log, &old)
        try restart()
        let differences = router.differences(from: old)
        guard differences.isEmpty else { throw Violation(.recovery, "parts that differ: \(differences)") }
    }

    private mutating func restart() throws {
        log = log.reopened()
        let reader = log.reader
        var names = NameTable()
        for number in 0..<reader.bounds.names {
            guard let name = try reader.name(NameID(UInt32(number + 1))) else {
                throw Violation(.recovery, "a name is gone")
            }
            _ = name.text.withBytes { names.intern(name.key, $0) }
        }
        router = Router(plan.settings, names: names, now: now)
        var isLoaded = true
        let state = try loadedState(reader)
        for (key, value) in state {
            let fits = key.withBytes { key in value.withBytes { router.load(key, $0) } }
            isLoaded = isLoaded && fits
        }
        guard isLoaded else { throw Violation(.recovery, "the checkpoint cannot be read") }
        router.resume(from: reader.bounds.stateAppliedTo, time: reader.bounds.lastTime)
        try Self.replay(from: reader.bounds.stateAppliedTo, log, &router)
        router.finishRecovery()
        open = Block(firstOffset: reader.bounds.head)
        sealed = []
        committed = []
        reads = []
        for agent in agents.indices {
            agents[agent].connection = nil
            agents[agent].consumer = nil
            agents[agent].received = []
        }
        ledger.hubRestarted()
    }

    private func loadedState(_ reader: any LogReader) throws -> [([UInt8], [UInt8])] {
        var state: [([UInt8], [UInt8])] = []
        try reader.forEachState { key, value in state.append((key.array, value.array)) }
        return state
    }

    private static func replay(from offset: Offset, _ log: MemoryLog, _ router: inout Router) throws {
        var next: LogQuery? = .log(from: offset)
        while let query = next {
            let page = try log.reader.page(query, PageLimit())
            var index = 0
            while index < page.count {
                router.replay(page[index])
                index += 1
            }
            next = page.next
        }
    }
}
