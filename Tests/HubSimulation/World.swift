import HubBytes
import HubModel
import HubRouter
import HubStorage

/// A hub, its log, its agents, the network between them and the clock, all from one seed: the same seed gives the
/// same story to the last byte.
struct World: ~Copyable {
    var plan: Plan
    var random: DeterministicRandom
    var now = Timestamp(microseconds: 1_700_000_000_000_000)
    var log: MemoryLog
    var router: Router
    var open: Block
    /// Numbered and on their way to the disk, oldest first.
    var sealed: [SealedBlock] = []
    /// On disk and not yet applied.
    var committed: [SealedBlock] = []
    /// Reads that were asked for and not yet done.
    var reads: [Effects.Read] = []
    var effects = Effects()
    var agents: [SimulatedAgent] = []
    var ledger = Ledger()
    var nextGeneration: UInt32 = 0
    var nextMessage: UInt64 = 0
    let trace: Trace
    /// The step that is being taken.
    var step = 0
    /// Agents whose subscription was refused and who will connect again.
    var lost: [Int] = []
    /// What marks a subscription.
    static let subscriptionTag: UInt64 = 7

    init(_ plan: Plan) {
        self.plan = plan
        trace = Trace(isOn: plan.isTraced)
        random = DeterministicRandom(seed: plan.seed)
        log = MemoryLog(epoch: Epoch.random(using: &random))
        router = Router(plan.settings, now: now)
        open = Block(firstOffset: .zero)
        for index in 0..<plan.agents { agents.append(SimulatedAgent(index: index, plan)) }
    }

    /// A step begins, with chance of its own.
    mutating func begin(_ step: Int, _ chance: DeterministicRandom) {
        random = chance
        self.step = step
    }

    /// True `chance` times in a hundred.
    mutating func happens(_ chance: UInt64) -> Bool { random.below(100) < chance }

    // MARK: The hub's turns

    /// Ends a turn: bookkeeping is packed, and the open block goes on its way if there is anything in it.
    mutating func finishTurn() throws {
        while let agent = lost.popLast() { disconnect(agent) }
        router.finishTurn(now: now, &open)
        guard open.count > 0, sealed.count < 2 else { return }
        var block = Block(firstOffset: open.nextOffset)
        swap(&block, &open)
        router.stamp(&block)
        block.seal()
        sealed.append(SealedBlock(block, state: happens(plan.checkpointChance) ? router.takeChanges() : nil))
    }

    /// The disk confirms the oldest block on its way.
    mutating func commit() throws {
        guard !sealed.isEmpty else { return }
        if !plan.isCalm, happens(plan.failureChance) { return try fail() }
        let block = sealed.removeFirst()
        let state = block.box.state.take()
        trace.note { "\(step): commit \(block.box.block.firstOffset)..<\(block.box.block.nextOffset)" }
        try log.commit(&block.box.block, state: state, now: now)
        committed.append(block)
    }

    private mutating func take(_ event: Effects.Event) throws {
        switch event {
        case .unknown(let connection):
            ledger.mark("agent unknown")
            agents.forget(connection)
        case .subscribed(let connection, _, let handle, _):
            guard let agent = agents.firstIndex(where: { $0.connection == connection }) else { return }
            agents[agent].consumer = handle
        case .stalled: ledger.mark("stalled")
        case .gap: ledger.mark("gap")
        case .deadLetter(_, let offset):
            ledger.mark("dead letter")
            try disbelieve(
                .noDeathAfterCrash, if: ledger.marks["crash"] != nil, "\(offset) died behind a crash")
            ledger.buried.insert(offset)
        case .commandTimedOut: ledger.mark("command timed out")
        case .replaced: ledger.mark("connection replaced")
        case .presence: ledger.mark("presence")
        }
    }

    /// What is believed turns out to be wrong.
    private func disbelieve(_ belief: Belief, if isWrong: Bool, _ detail: String) throws {
        if isWrong, plan.belief == belief { throw Violation(.belief, detail) }
    }

    /// A consumer never holds more than it said it would: what its members have is part of that.
    private func checkInFlight(_ consumer: String) throws {
        var held: Set<Offset> = []
        for agent in agents where agent.consumerName == consumer {
            held.formUnion(agent.received.map(\.offset))
        }
        // What one member has settled, or the hub has buried, another may still have from an earlier attempt.
        held.subtract(ledger.settled[consumer] ?? [])
        held.subtract(ledger.buried)
        guard held.count <= plan.consumer.inFlightMax else {
            throw Violation(
                .inFlight, "\(consumer) has \(held.count) in flight, \(plan.consumer.inFlightMax) are allowed"
            )
        }
    }

    /// The disk is full: what was on its way is gone, and with it the open block.
    private mutating func fail() throws {
        while !committed.isEmpty { try apply() }
        trace.note { "\(step): the disk refuses from \(log.reader.bounds.head) on" }
        ledger.mark("disk refused")
        for agent in agents.indices { agents[agent].received = [] }
        sealed = []
        let reason = Refusal(.storageUnavailable, "no room")
        router.refuse(reason, names: log.reader.bounds.names, now: now, &effects)
        open = Block(firstOffset: log.reader.bounds.head)
        reads = []
        ledger.hubRestarted()
        try handle(.page)
    }

    /// The router applies the oldest block that is on disk.
    mutating func apply() throws {
        guard !committed.isEmpty else { return }
        let block = committed.removeFirst()
        trace.note { "\(step): apply \(block.box.block.firstOffset)..<\(block.box.block.nextOffset)" }
        router.apply(block.box.block, now: now, &effects)
        try handle(.block(block))
    }

    /// The reader does one of the reads that were asked for.
    mutating func read() throws {
        guard !reads.isEmpty else { return }
        let read = reads.remove(at: Int(random.below(UInt64(reads.count))))
        switch read.purpose {
        case .record(let offset): try readRecord(offset, for: read.consumer)
        case .page(let from): try readPage(from, limit: read.limit, for: read.consumer)
        }
    }

    private mutating func readRecord(_ offset: Offset, for consumer: ConsumerHandle) throws {
        let page = try log.reader.page(.log(from: offset, to: offset.next), PageLimit(records: 1))
        if page.count == 1 {
            let record = page[0]
            router.take(again: record, at: 0, for: consumer, now: now, &open, &effects)
            try handle(.record(record.offset))
        } else {
            router.take(lost: offset, for: consumer, now: now, &effects)
            try handle(.record(offset))
        }
    }

    private mutating func readPage(_ from: Offset, limit: Int, for consumer: ConsumerHandle) throws {
        guard let (filter, tenant) = router.filter(of: consumer) else { return }
        let query: LogQuery
        switch filter {
        case .inbox(let agent): query = .destination(agent, from: from)
        case .topics(let patterns): query = .topics(patterns[0], tenant: tenant, from: from)
        }
        let page = try log.reader.page(query, PageLimit(records: limit))
        var index = 0
        var isCut = false
        while index < page.count {
            let record = page[index]
            if !router.take(record, at: index, for: consumer, now: now, &effects) {
                isCut = true
                break
            }
            index += 1
        }
        let reached = isCut ? nil : page.next.map { Offset($0.from) } ?? page.head
        router.endPage(
            for: consumer, reached: reached, gaps: page.gaps.map { ($0.from, $0.through) }, now: now, &effects
        )
        try handle(.page)
    }

    /// Time passes.
    mutating func advance(milliseconds: Int64) throws {
        now = now.adding(milliseconds: milliseconds)
        router.tick(now: now, &open, &effects)
        try handle(.page)
    }

    // MARK: What the router wants done

    enum Source {
        case block(SealedBlock)
        case record(Offset)
        case page
    }

    mutating func handle(_ source: Source) throws {
        let head = log.reader.bounds.head
        for event in effects.events { try take(event) }
        // A subscription that came to nothing is tried again by connecting anew.
        for rejection in effects.rejections where rejection.tag == Self.subscriptionTag {
            guard let agent = agents.firstIndex(where: { $0.connection == rejection.connection }) else {
                continue
            }
            ledger.mark("subscription refused")
            if agents[agent].consumer == nil { lost.append(agent) }
        }
        for receipt in effects.receipts { try ledger.take(receipt, head: head) }
        for delivery in effects.deliveries {
            guard delivery.offset < head else {
                throw Violation(.commit, "\(delivery.offset) was delivered before it was on disk")
            }
            guard let agent = agents.firstIndex(where: { $0.connection == delivery.connection }) else {
                continue
            }
            trace.note { "\(step): deliver \(delivery.offset) attempt \(delivery.attempt) to agent \(agent)" }
            try disbelieve(
                .neverThrice, if: delivery.attempt == 3, "\(delivery.offset) was delivered three times")
            try ledger.take(delivery, consumer: agents[agent].consumerName, settings: plan.consumer)
            agents[agent].received.append(delivery)
            try checkInFlight(agents[agent].consumerName)
        }
        reads += effects.reads
        for read in effects.reads {
            if case .page = read.purpose { ledger.mark("fell behind") } else { ledger.mark("read alone") }
        }
        effects.removeAll()
    }
}

extension [SimulatedAgent] {
    /// The hub does not know a connection any more.
    mutating func forget(_ connection: ConnectionID) {
        guard let index = firstIndex(where: { $0.connection == connection }) else { return }
        self[index].connection = nil
        self[index].consumer = nil
        self[index].received = []
    }
}

/// A block that more than one list may hold.
struct SealedBlock {
    let box: Box

    final class Box {
        var block: Block
        /// Changes to the checkpoint that travel with it.
        var state: StateChanges?

        init(_ block: consuming Block, _ state: consuming StateChanges?) {
            self.block = block
            self.state = state
        }
    }

    init(_ block: consuming Block, state: consuming StateChanges?) { box = Box(block, state) }
}

/// What happened, for people.
struct Trace {
    let isOn: Bool

    func note(_ line: () -> String) {
        if isOn { print(line()) }
    }
}
