import HubBytes
import HubModel
import HubRouter
import HubStorage
import Testing

/// A router with a log in memory and a clock that stands still until it is told otherwise: what a specification needs
/// of a hub. Agents are known by their names.
///
/// `run` does all that can be done without time passing. Whoever is after what lies in between says `seal`, `commit`,
/// `apply`, `read` and `refuse` himself.
final class Hub {
    var settings: RouterSettings
    var now = Timestamp(microseconds: 1_700_000_000_000_000)
    var log = MemoryLog(epoch: Epoch(1) ?? .random())
    var router: Router
    var open = Block()
    /// Numbered and on their way to the disk, oldest first; on disk and not yet applied.
    var sealed: [BlockBox] = []
    var committed: [BlockBox] = []
    /// Reads that were asked for and not yet done.
    var reads: [Effects.Read] = []
    var effects = Effects()
    /// By an agent's name: the connection that it acts through.
    var connections: [String: ConnectionID] = [:]
    var agentOfConnection: [ConnectionID: String] = [:]
    /// By a connection: its consumers, by their names.
    var consumers: [ConnectionID: [String: ConsumerHandle]] = [:]
    var subscriptions: [UInt64: String] = [:]
    /// What came out, in order.
    var receipts: [Effects.Receipt] = []
    var rejections: [Effects.Rejection] = []
    var answers: [Effects.Answer] = []
    var events: [Effects.Event] = []
    var notices: [ConnectionID: [Effects.Event]] = [:]
    var given: [ConnectionID: [Given]] = [:]
    var lastTag: UInt64 = 0
    var nextPlace: UInt32 = 0

    /// A hub on an empty log. Bookkeeping does not wait for company, so that `run` brings all to rest.
    init(_ change: (inout RouterSettings) -> Void = { _ in }) {
        var settings = RouterSettings()
        settings.lazyMilliseconds = 0
        change(&settings)
        self.settings = settings
        router = Router(settings, now: now)
    }

    /// A hub with agents that are connected.
    convenience init(_ agents: String..., change: (inout RouterSettings) -> Void = { _ in }) throws {
        self.init(change)
        for agent in agents { try connect(agent) }
        run()
    }

    // MARK: The way of a block

    /// All that can be done without time passing.
    func run() {
        var rounds = 0
        repeat {
            while !sealed.isEmpty || !committed.isEmpty {
                if committed.isEmpty { commit() }
                apply()
            }
            while !reads.isEmpty { read() }
            rounds += 1
            guard rounds < 10_000 else {
                Issue.record("the hub does not come to rest")
                return
            }
            if let due = router.nextDeadline, due <= now { pass(0) }
        } while seal() || !reads.isEmpty
    }

    /// Time passes, and what is due is done.
    func advance(_ milliseconds: Int64) {
        pass(milliseconds)
        run()
    }

    /// Time passes, and nothing is done about it but by the router itself.
    func pass(_ milliseconds: Int64) {
        now = now.adding(milliseconds: milliseconds)
        router.tick(now: now, &open, &effects)
        collect(.nothing)
    }

    /// The open block goes on its way; false if it is empty.
    @discardableResult
    func seal() -> Bool {
        router.finishTurn(now: now, &open)
        guard open.count > 0 else { return false }
        var block = Block(firstOffset: open.nextOffset)
        swap(&block, &open)
        router.stamp(&block, &effects)
        block.seal()
        sealed.append(BlockBox(block))
        collect(.nothing)
        return true
    }

    /// The disk has the oldest block on its way.
    func commit() {
        guard !sealed.isEmpty else { return }
        let box = sealed.removeFirst()
        do {
            try log.commit(&box.block, state: nil, now: now)
            committed.append(box)
        } catch {
            Issue.record("the log does not take the block: \(error)")
        }
    }

    /// The router hears of the oldest block on disk.
    func apply() {
        guard !committed.isEmpty else { return }
        let box = committed.removeFirst()
        router.apply(box.block, now: now, &effects)
        collect(.block(box))
    }

    /// The disk refuses all that is on its way.
    func refuse(_ sentence: String = "the disk is full") {
        while !committed.isEmpty { apply() }
        sealed = []
        open = Block(firstOffset: log.reader.bounds.head)
        router.refuse(
            Refusal(.storageUnavailable, sentence), names: log.reader.bounds.names, now: now, &open, &effects)
        collect(.nothing)
    }

    /// Proposals until now are refused; what was on its way from before is not.
    func refuseAll() {
        seal()
        refuse()
    }

    // MARK: What comes out

    enum Source {
        case block(BlockBox)
        case page([Offset])
        case nothing
    }

    func collect(_ source: Source) {
        receipts += effects.receipts
        rejections += effects.rejections
        answers += effects.answers
        events += effects.events
        reads += effects.reads
        for notice in effects.notices { notices[notice.connection, default: []].append(notice.event) }
        for answer in effects.answers {
            if case .subscribed(let connection, let tag, let handle, _) = answer,
                let name = subscriptions[tag]
            {
                consumers[connection, default: [:]][name] = handle
            }
        }
        for delivery in effects.deliveries { give(delivery, source) }
        effects.removeAll()
    }

    private func give(_ delivery: Effects.Delivery, _ source: Source) {
        switch source {
        case .block(let box):
            let offset = BlockBox.offset(box.block, at: delivery.index)
            #expect(offset == delivery.offset)
        case .page(let offsets): #expect(offsets[delivery.index] == delivery.offset)
        case .nothing: Issue.record("\(delivery.offset) was delivered out of nowhere")
        }
        guard let record = record(delivery.offset) else {
            Issue.record("\(delivery.offset) was delivered before it was on disk")
            return
        }
        given[delivery.connection, default: []].append(Given(record, delivery))
    }
}

/// A block that more than one list may hold.
final class BlockBox {
    var block: Block

    init(_ block: consuming Block) { self.block = block }

    /// Apart, since a view cannot come out of a class.
    static func offset(_ block: borrowing Block, at index: Int) -> Offset { block.view.offset(at: index) }
}
