import HubBytes
import HubModel
import HubRouter
import HubStorage

/// The hub dies and comes again; and somebody asks what it would be if it did.
extension World {
    /// What is not on disk is gone, and a new router begins from the log.
    mutating func crash() throws {
        note { "crash at \(log.reader.bounds.head)" }
        ledger.marks.note(.crash)
        if !committed.isEmpty { ledger.marks.note(.crashBeforeApply) }
        if log.reader.bounds.stateAppliedTo > .zero { ledger.marks.note(.checkpointLoaded) }
        // The old router, had it lived, would know what is on disk; that is what the new one must know.
        var old = Router(plan.settings, now: now)
        swap(&old, &router)
        try Self.replay(from: old.appliedTo, to: log.reader.bounds.head, log, &old)
        log = log.reopened()
        var block = Block(firstOffset: log.reader.bounds.head)
        router = try recovered(to: log.reader.bounds.head, &block)
        swap(&block, &open)
        let differences = router.differences(from: old)
        guard differences.isEmpty else {
            throw Violation(.recovery, "behind a crash other than before: \(differences)")
        }
        ledger.lose(from: log.reader.bounds.head)
        sealed = []
        committed = []
        reads = []
        lost = []
        ledger.forgetAll()
        watchOfConsumer = [:]
        deleted = []
        watches = watches.filter { $0.value.plan.isDurable }
        for agent in agents.indices { agents[agent].leave() }
        watches = watches.filter { reference.consumers[$0.key] != nil }
        forgetUnlogged()
    }

    /// A second router is made from checkpoint and log, up to where the running one is, and compared with it.
    mutating func doubt() throws {
        var block = Block(firstOffset: router.appliedTo)
        let other = try recovered(to: router.appliedTo, &block)
        let differences = other.differences(from: router)
        ledger.comparisons += 1
        ledger.marks.note(.doubted)
        guard differences.isEmpty else {
            throw Violation(.recovery, "recovered other than live: \(differences)")
        }
    }

    /// A router that knows the log up to an offset, which the checkpoint does not lie behind.
    private func recovered(to offset: Offset, _ block: inout Block) throws -> Router {
        let reader = log.reader
        var names = NameTable()
        for number in 0..<reader.bounds.names {
            guard let name = try reader.name(NameID(UInt32(number + 1))) else {
                throw Violation(.log, "a name is gone")
            }
            _ = name.text.withBytes { names.intern(name.key, $0) }
        }
        var router = Router(plan.settings, names: names, now: now)
        var state: [(key: [UInt8], value: [UInt8])] = []
        try reader.forEachState { key, value in state.append((key.array, value.array)) }
        for (key, value) in state {
            let fits = key.withBytes { key in value.withBytes { router.load(key, $0) } }
            guard fits else { throw Violation(.recovery, "the checkpoint cannot be read at \(key)") }
        }
        let from = reader.bounds.stateAppliedTo
        guard from <= offset else {
            throw Violation(.recovery, "the checkpoint is ahead of what was applied")
        }
        let start = router.resume(from: from, time: reference.time(before: from))
        try Self.replay(from: start, to: offset, log, &router)
        router.finishRecovery(now: now, &block)
        return router
    }

    private static func replay(
        from: Offset, to: Offset, _ log: MemoryLog, _ router: inout Router
    ) throws {
        var next: LogQuery? = from < to ? .log(from: from, to: to) : nil
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

    // MARK: Accounts

    /// Every message of a durable consumer is somewhere: by the log's own index, not by what was noted on the way.
    mutating func audit() throws {
        for (name, consumer) in reference.consumers.sorted(by: { $0.key < $1.key }) {
            for offset in reference.order where offset >= consumer.start {
                guard let message = reference.messages[offset], consumer.plan.wants(message) else { continue }
                guard consumer.place(of: offset) != nil else {
                    throw Violation(.fate, "nobody knows where \(offset) is on its way to \(name)")
                }
            }
            // What is on disk and not applied is not known to members.
            if committed.isEmpty { try watches[name]?.check(against: consumer) }
        }
    }
}
