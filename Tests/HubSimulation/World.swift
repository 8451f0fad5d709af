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
    /// The latest time that the clock has ever shown.
    var latest = Timestamp(microseconds: 1_700_000_000_000_000)
    var log: MemoryLog
    var router: Router
    /// Which block comes next.
    var order = OwnOrder()
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
    /// What the log says, by somebody else than the router.
    var reference: Reference
    /// What is seen of consumers: durable ones by their name, nameless ones by their connection as well.
    var watches: [String: Watch] = [:]
    /// Whose watch a consumer is under while the hub runs.
    var watchOfConsumer: [ConsumerHandle: String] = [:]
    /// Consumers that operators deleted while the hub ran.
    var deleted: Set<ConsumerHandle> = []
    /// In the block that is being applied: where consumers were moved.
    var moves: [String: Offset] = [:]
    var nextGeneration: UInt32 = 0
    var nextMessage: UInt64 = 0
    var nextTag: UInt64 = 0
    /// Which agents have held back which sessions.
    var pausedSessions: Set<String> = []
    /// What each agent sent last.
    var sent: [Int: Outgoing] = [:]
    let trace: Trace
    /// The step that is being taken.
    var step = 0
    /// Agents whose subscription was refused and who will connect again.
    var lost: [Int] = []

    init(_ plan: Plan) {
        self.plan = plan
        trace = Trace(isOn: plan.isTraced)
        random = DeterministicRandom(seed: plan.seed)
        log = MemoryLog(epoch: Epoch.random(using: &random))
        router = Router(plan.settings, now: now)
        open = Block(firstOffset: .zero)
        reference = Reference(plan)
        agents = (0..<plan.agents).map { SimulatedAgent($0) }
    }

    /// A step begins, with chance of its own.
    mutating func begin(_ step: Int, _ chance: DeterministicRandom) {
        random = chance
        self.step = step
    }

    /// True `chance` times in a hundred.
    mutating func happens(_ chance: UInt64) -> Bool { random.below(100) < chance }

    mutating func anyAgent() -> Int { Int(random.below(UInt64(agents.count))) }

    func note(_ line: () -> String) { trace.note { "\(step): \(line())" } }

    /// What is for a connection that is gone goes nowhere.
    func isThere(_ connection: ConnectionID) -> Bool { agents.contains { $0.connection == connection } }

    // MARK: The hub's turns

    /// Ends a turn: bookkeeping is packed, and the open block goes on its way if there is anything in it.
    mutating func finishTurn() throws {
        while let agent = lost.popLast() { disconnect(agent) }
        router.finishTurn(now: now, &open)
        guard open.count > 0, sealed.count < 2 else { return }
        var block = Block(firstOffset: open.nextOffset)
        swap(&block, &open)
        order.propose(block)
        while let next = order.next() { try number(next) }
    }

    /// A block has its place in the order of blocks: its records get their numbers, and it goes on its way.
    private mutating func number(_ next: consuming Block) throws {
        var block = next
        router.stamp(&block, &effects)
        for receipt in effects.receipts where isThere(receipt.connection) {
            try ledger.answer(hasty: receipt)
        }
        effects.receipts.removeAll()
        block.seal()
        sealed.append(SealedBlock(block, state: happens(plan.checkpointChance) ? router.takeChanges() : nil))
        try handle(.nothing)
    }

    /// The disk confirms the oldest block on its way.
    mutating func commit() throws {
        guard !sealed.isEmpty else { return }
        if !plan.isCalm, happens(plan.failureChance) { return try fail() }
        let block = sealed.removeFirst()
        let state = block.box.state.take()
        note { "commit \(block.box.block.firstOffset)..<\(block.box.block.nextOffset)" }
        do {
            try log.commit(&block.box.block, state: state, now: now)
        } catch {
            throw Violation(.log, "the block at \(block.box.block.firstOffset) is not taken: \(error)")
        }
        try reference.apply(block.box.block, latest: latest, &ledger.marks)
        committed.append(block)
    }

    /// The disk is full: what was on its way is gone, and with it the open block.
    private mutating func fail() throws {
        while !committed.isEmpty { try apply() }
        note { "the disk refuses from \(log.reader.bounds.head) on" }
        ledger.marks.note(.refused)
        sealed = []
        let reason = Refusal(.storageUnavailable, "no room")
        open = Block(firstOffset: log.reader.bounds.head)
        router.refuse(reason, names: log.reader.bounds.names, now: now, &open, &effects)
        ledger.lose(from: log.reader.bounds.head)
        forgetUnlogged()
        // Dead letters of nameless consumers may have been among it, and nobody writes them again.
        for name in watches.keys { watches[name]?.loseLetters(latest: latest) }
        try handle(.nothing)
    }

    /// Durable consumers stand again where the log says, and what members still have of them may come once more.
    mutating func forgetUnlogged() {
        for (name, watch) in watches where watch.plan.isDurable {
            watches[name]?.restart(reference.consumers[name])
        }
        for agent in agents.indices {
            agents[agent].received.removeAll { watches[$0.watch]?.plan.isDurable ?? true }
        }
    }

    /// The router applies the oldest block that is on disk.
    mutating func apply() throws {
        guard !committed.isEmpty else { return }
        let block = committed.removeFirst()
        note { "apply \(block.box.block.firstOffset)..<\(block.box.block.nextOffset)" }
        router.apply(block.box.block, now: now, &effects)
        let first = block.box.block.firstOffset
        for receipt in effects.receipts where !receipt.isDuplicate && isThere(receipt.connection) {
            guard first <= receipt.offset, receipt.offset < block.box.block.nextOffset else {
                throw Violation(.receipt, "a receipt for \(receipt.offset) with the block at \(first)")
            }
            let proposal = try ledger.answer(receipt)
            try compare(proposal, receipt, block.box.block)
        }
        effects.receipts.removeAll { !$0.isDuplicate }
        for index in 0..<block.box.block.count {
            let offset = first.advanced(by: index)
            if let proposal = ledger.takeHasty(offset) { try compare(proposal, nil, block.box.block, offset) }
        }
        moves = reference.moves(in: first..<block.box.block.nextOffset)
        try handle(.block(first: first, count: block.box.block.count))
        moves = [:]
    }

    /// What a receipt is for is what was proposed.
    private func compare(
        _ proposal: Ledger.Proposed, _ receipt: Effects.Receipt?, _ block: borrowing Block,
        _ offset: Offset? = nil
    ) throws {
        let view = block.view
        let record = view.record(at: view.firstOffset.distance(to: receipt?.offset ?? offset ?? .zero))
        try compare(proposal, record)
        guard let receipt else { return }
        guard record.session == receipt.session, record.sequence == receipt.sequence else {
            throw Violation(.receipt, "the receipt for \(receipt.offset) has another place in the session")
        }
    }

    private func compare(_ proposal: Ledger.Proposed, _ record: RecordView) throws {
        let isEqual =
            record.kind == proposal.kind && record.id.text == proposal.id
            && record.payload.text == proposal.payload
            && reference.name(record.sender) == proposal.sender
            && proposal.destination.map { $0 == reference.name(record.destination) } ?? true
        guard isEqual else { throw Violation(.receipt, "\(record.offset) is not what was proposed") }
    }

    /// What was sent before has the place of the first.
    mutating func take(duplicate receipt: Effects.Receipt) throws {
        let proposal = try ledger.answer(receipt)
        guard receipt.offset < log.reader.bounds.head else {
            throw Violation(.receipt, "a receipt for \(receipt.offset), which is not in the log")
        }
        let page = try log.reader.page(
            .log(from: receipt.offset, to: receipt.offset.next), PageLimit(records: 1))
        guard page.count == 1 else { throw Violation(.log, "\(receipt.offset) is not there") }
        let record = page[0]
        try compare(proposal, record)
        guard record.session == receipt.session, record.sequence == receipt.sequence else {
            throw Violation(.receipt, "the receipt for \(receipt.offset) has another place in the session")
        }
    }

    // MARK: Reads

    /// The reader does one of the reads that were asked for.
    mutating func read() throws {
        guard !reads.isEmpty else { return }
        let read = reads.remove(at: Int(random.below(UInt64(reads.count))))
        switch read.purpose {
        case .record(let offset): try readRecord(offset, for: read)
        case .page(let from): try readPage(from, for: read)
        }
    }

    private mutating func readRecord(_ offset: Offset, for read: Effects.Read) throws {
        let page = try log.reader.page(.log(from: offset, to: offset.next), PageLimit(records: 1))
        guard page.count == 1 else { throw Violation(.log, "\(offset) is asked for, and is not there") }
        router.take(again: page[0], at: 0, for: read, now: now, &open, &effects)
        try handle(.record(offset))
    }

    private mutating func readPage(_ from: Offset, for read: Effects.Read) throws {
        guard let (filter, tenant) = router.filter(of: read.consumer) else { return }
        let page = try page(filter, tenant, from: from, limit: read.limit)
        var index = 0
        var isCut = false
        while index < page.count, !isCut {
            let record = page[index]
            let before = effects.deliveries.count
            isCut = !router.take(record, at: index, for: read, now: now, &effects)
            for delivery in effects.deliveries[before...]
            where delivery.offset != record.offset || delivery.index != index {
                throw Violation(.wanted, "\(delivery.offset) is delivered in place of \(record.offset)")
            }
            index += 1
        }
        if isCut { ledger.marks.note(.pageCut) }
        note {
            "page of \(index) from \(from) for \(watchOfConsumer[read.consumer] ?? "nobody")\(isCut ? ", cut" : "")"
        }
        let reached = isCut ? nil : page.next.map { Offset($0.from) } ?? page.head
        router.endPage(
            for: read, reached: reached, gaps: page.gaps, now: now, &effects
        )
        try handle(.page)
    }

    private func page(
        _ filter: ConsumerFilter, _ tenant: NameID, from: Offset, limit: Int
    ) throws -> LogPage {
        switch filter {
        case .inbox(let agent):
            return try log.reader.page(.destination(agent, from: from), PageLimit(records: limit))
        case .topics(let patterns):
            let query = LogQuery.topics(patterns, tenant: tenant, from: from)
            return try log.reader.page(query, PageLimit(records: limit))
        }
    }

    /// Time passes, or leaps.
    mutating func advance(milliseconds: Int64) throws {
        now = now.adding(milliseconds: milliseconds)
        latest = max(latest, now)
        if plan.isCalm { for agent in agents.indices { heard(agent) } }
        router.tick(now: now, &open, &effects)
        try handle(.nothing)
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
