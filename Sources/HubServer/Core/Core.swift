import HubBytes
package import HubModel
package import HubRouter
package import HubStorage
import HubSystem

/// The one thread that decides: it feeds the router with what comes from the loops and from the log, and carries out
/// what the router wants done.
///
/// It works in turns. In each it takes all that has come in, and hands on what came of it at once: cost falls with
/// load. It does no I/O of its own and waits only while there is nothing to do.
package struct Core: ~Copyable {
    /// What it was told.
    package let settings: CoreSettings
    /// What joins it with the other threads.
    package let links: CoreLinks
    /// The log's side for reading, for what is rare.
    package let reader: any LogReader
    /// Who gets what.
    package var router: Router
    /// The block that is being filled, and those on their way.
    package var pipeline: BlockPipeline
    /// What the router wants done.
    package var effects = Effects()
    var outboxes: OutboxSet
    /// The time of this turn.
    package var now: Timestamp
    let metrics: RouterMetrics
    private let health: HealthBoard
    private let journal: HubLog?
    private var figuresAt = Timestamp.none
    var reads = ReadQueue()
    var checkpoint = CheckpointPace()
    /// What went wrong with the last block; nil if nothing did.
    package var failure: StorageError?

    /// A core for a log from which its router was recovered.
    init(
        _ settings: CoreSettings, _ links: CoreLinks, _ storage: StorageThread, _ metrics: HubMetrics,
        _ recovered: consuming Recovered
    ) {
        self.settings = settings
        self.links = links
        reader = storage.reader
        self.metrics = metrics.router
        health = metrics.health
        journal = settings.journal
        router = recovered.router
        pipeline = recovered.pipeline
        outboxes = OutboxSet(bytesMax: settings.outboxBytesMax)
        now = Self.clock()
    }

    /// What the time is. Records' times are made of it, so it is the wall's.
    static func clock() -> Timestamp { Timestamp(microseconds: SystemClock.wallMicroseconds()) }

    /// One turn; says whether anything came in.
    mutating func turn() -> Bool {
        now = Self.clock()
        showFigures()
        outboxes.join(links)
        var isBusy = takeBlocks()
        isBusy = takePages() || isBusy
        for task in links.takeTasks() {
            isBusy = true
            task(&self)
            drain()
        }
        isBusy = takeIntakes() || isBusy
        router.tick(now: now, &pipeline.open, &effects)
        drain()
        router.finishTurn(now: now, &pipeline.open)
        isBusy = seal() || isBusy
        reads.send(links, now: now)
        outboxes.send(links)
        return isBusy
    }

    /// Tells the metrics, every second, what the router has.
    private mutating func showFigures() {
        guard now >= figuresAt || figuresAt > now.adding(milliseconds: 1000) else { return }
        figuresAt = now.adding(milliseconds: 1000)
        metrics.set(router.figures()) { router.text(of: $0) }
    }

    // MARK: Blocks

    /// Applies what is on disk.
    private mutating func takeBlocks() -> Bool {
        var isBusy = false
        while let completion = pipeline.take() {
            isBusy = true
            if completion.failure == nil {
                if failure != nil { recovered() }
                // One without records brought the checkpoint alone.
                if completion.block.count > 0 { apply(completion.block) }
            } else {
                failed(completion.failure)
            }
            if pipeline.giveBack(completion) { refuse() }
        }
        return isBusy
    }

    private mutating func apply(_ block: borrowing Block) {
        router.apply(block, now: now, &effects)
        drain(block)
    }

    private mutating func failed(_ failure: StorageError?) {
        self.failure = failure
        guard let failure else { return }
        journal?.error("the log takes no writes", ["reason": LogValue(failure.description)])
        let needsRestart = failure.kind == .syncFailed
        health.update {
            $0.storageFault = HealthState.StorageFault(failure.description, needsRestart: needsRestart)
        }
    }

    private mutating func recovered() {
        failure = nil
        journal?.notice("the log takes writes again")
        health.update { $0.storageFault = nil }
    }

    /// What was on its way is gone.
    private mutating func refuse() {
        let sentence = failure.map { "the log takes no writes: \($0)" } ?? "the log takes no writes"
        router.refuse(
            Refusal(.storageUnavailable, sentence, retryAfterMilliseconds: 1000),
            names: reader.bounds.names, now: now, &pipeline.open, &effects)
        drain()
    }

    /// Hands the open block to storage, if that can take it and there is something in it.
    private mutating func seal() -> Bool {
        guard pipeline.canFlush else { return false }
        let isDue = checkpoint.isDue(
            now: now, appliedTo: router.appliedTo, settings, isFailing: failure != nil)
        guard pipeline.openRecords > 0 || isDue else { return false }
        if pipeline.openRecords > 0 {
            router.stamp(&pipeline.open, &effects)
            drain()
        }
        guard isDue else { return pipeline.flush() }
        var changes = router.takeChanges()
        checkpoint.wasMade(now: now, appliedTo: router.appliedTo)
        guard pipeline.openRecords > 0 || changes != nil else { return false }
        return pipeline.flush(with: &changes)
    }

    // MARK: What comes in

    private mutating func takeIntakes() -> Bool {
        var isBusy = false
        while pipeline.hasRoom, !outboxes.isFull, var intake = links.intakes.take() {
            isBusy = true
            carryOut(intake)
            intake.reset()
            outboxes.giveBack(intake)
        }
        return isBusy
    }

    // MARK: What goes out

    /// Effects that have no records with them.
    mutating func drain() {
        guard !effects.isEmpty else { return }
        tellAll()
        precondition(effects.deliveries.isEmpty, "messages are given where their records are at hand")
        effects.removeAll()
    }

    private mutating func drain(_ block: borrowing Block) {
        guard !effects.isEmpty else { return }
        tellAll()
        observeReceipts(block)
        if !effects.deliveries.isEmpty {
            let view = block.view
            for delivery in effects.deliveries {
                let record = view.record(at: delivery.index)
                outboxes.give(delivery, record, router)
                metrics.delivered(payloadBytes: record.payload.byteCount)
                metrics.delivered(nanoseconds: Self.nanoseconds(from: record.time, to: now))
            }
        }
        effects.removeAll()
    }

    mutating func drain(_ page: borrowing LogPage) {
        guard !effects.isEmpty else { return }
        tellAll()
        for delivery in effects.deliveries {
            outboxes.give(delivery, page[delivery.index], router)
            metrics.delivered(payloadBytes: page[delivery.index].payload.byteCount)
        }
        effects.removeAll()
    }

    /// How long the senders of a block's messages waited for their receipts.
    private func observeReceipts(_ block: borrowing Block) {
        let view = block.view
        for receipt in effects.receipts {
            guard receipt.offset >= block.firstOffset, receipt.offset < block.nextOffset else { continue }
            let taken = view.record(at: block.firstOffset.distance(to: receipt.offset)).time
            metrics.published(nanoseconds: Self.nanoseconds(from: taken, to: now))
        }
    }

    private static func nanoseconds(from: Timestamp, to: Timestamp) -> UInt64 {
        UInt64(max(0, to.microseconds - from.microseconds)) * 1000
    }

    private mutating func tellAll() {
        metrics.count(effects)
        for receipt in effects.receipts { outboxes.tell(receipt, router) }
        for rejection in effects.rejections {
            outboxes.add(rejection.connection) { _ in
                .rejection(rejection.connection, tag: rejection.tag, rejection.reason)
            }
        }
        for answer in effects.answers { outboxes.tell(answer, router) }
        for notice in effects.notices { outboxes.tell(notice, router) }
        for read in effects.reads { reads.add(read, router, settings) }
    }
}
