import HubBytes
import HubModel
import HubRouter
import HubStorage
import Testing

extension Hub {
    // MARK: Reads that the router asks for

    /// Does the oldest of the reads that were asked for.
    func read() {
        guard !reads.isEmpty else { return }
        let read = reads.removeFirst()
        do {
            switch read.purpose {
            case .record(let offset): try readRecord(offset, for: read)
            case .page(let from): try readPage(from, for: read)
            }
        } catch {
            Issue.record("the log cannot be read: \(error)")
        }
    }

    private func readRecord(_ offset: Offset, for read: Effects.Read) throws {
        let page = try log.reader.page(.log(from: offset, to: offset.next), PageLimit(records: 1))
        if page.count == 1 {
            let record = page[0]
            router.take(again: record, at: 0, for: read, now: now, &open, &effects)
        } else {
            router.take(lost: offset, for: read, page.gaps.first?.reason ?? .retention, now: now, &effects)
        }
        collect(.page([offset]))
    }

    private func readPage(_ from: Offset, for read: Effects.Read) throws {
        guard let (filter, tenant) = router.filter(of: read.consumer) else { return }
        let query: LogQuery =
            switch filter {
            case .inbox(let agent): .destination(agent, from: from)
            case .topics(let wanted): .topics(wanted, tenant: tenant, from: from)
            }
        let page = try log.reader.page(query, PageLimit(records: read.limit))
        var offsets: [Offset] = []
        var isCut = false
        for index in 0..<page.count where !isCut {
            let record = page[index]
            offsets.append(record.offset)
            isCut = !router.take(record, at: index, for: read, now: now, &effects)
        }
        let reached = isCut ? nil : page.next.map { Offset($0.from) } ?? page.head
        router.endPage(
            for: read, reached: reached, gaps: page.gaps, now: now, &effects)
        collect(.page(offsets))
    }

    // MARK: Looking at the log

    /// Where the next record on disk will be.
    var head: Offset { log.reader.bounds.head }

    /// What the log has at an offset.
    func record(_ offset: Offset) -> LoggedMessage? { messages(.log(from: offset, to: offset.next)).first }

    /// All that the log has of some kinds, in order.
    func records(_ kinds: MessageKind...) -> [LoggedMessage] {
        messages(.log()).filter { kinds.contains($0.kind) }
    }

    private func messages(_ query: LogQuery) -> [LoggedMessage] {
        var found: [LoggedMessage] = []
        do {
            let page = try log.reader.page(query, PageLimit(records: 100_000))
            for index in 0..<page.count {
                let record = page[index]
                found.append(LoggedMessage(record, session: router.text(of: record.session)))
            }
        } catch {
            Issue.record("the log cannot be read: \(error)")
        }
        return found
    }

    /// Shows the record at an offset.
    func withRecord(_ offset: Offset, _ body: (RecordView) throws -> Void) throws {
        let page = try log.reader.page(.log(from: offset, to: offset.next), PageLimit(records: 1))
        let count = page.count
        try #require(count == 1, "the log has nothing at \(offset)")
        let record = page[0]
        try body(record)
    }

    // MARK: Restarts

    /// The hub dies, and a new one begins from what is on disk: from the log alone, or from a checkpoint too. It must
    /// know what the old one would, had it heard of all that is on disk.
    func crash(checkpoint: Bool = false) throws {
        if checkpoint, committed.isEmpty, let changes = router.takeChanges() {
            try log.checkpoint(state: changes, now: now)
        }
        var old = Router(settings, now: now)
        swap(&old, &router)
        try replay(&old, from: old.appliedTo)
        log = log.reopened()
        router = Router(settings, names: try names(), now: now)
        try load()
        let from = router.resume(from: log.reader.bounds.stateAppliedTo, time: log.reader.bounds.lastTime)
        try replay(&router, from: from)
        #expect(router.differences(from: old) == [])
        open = Block(firstOffset: log.reader.bounds.head)
        router.finishRecovery(now: now, &open)
        sealed = []
        committed = []
        reads = []
        connections = [:]
        given = [:]
        notices = [:]
    }

    private func names() throws -> NameTable {
        var names = NameTable()
        for number in 0..<log.reader.bounds.names {
            let name = try #require(try log.reader.name(NameID(UInt32(number + 1))))
            _ = name.text.withBytes { names.intern(name.key, $0) }
        }
        return names
    }

    private func load() throws {
        var state: [([UInt8], [UInt8])] = []
        try log.reader.forEachState { key, value in state.append((key.array, value.array)) }
        for (key, value) in state {
            let isGood = key.withBytes { key in value.withBytes { router.load(key, $0) } }
            #expect(isGood, "a part of the checkpoint cannot be read")
        }
    }

    private func replay(_ router: inout Router, from offset: Offset) throws {
        var next: LogQuery? = .log(from: offset)
        while let query = next {
            let page = try log.reader.page(query, PageLimit())
            for index in 0..<page.count {
                let record = page[index]
                router.replay(record)
            }
            next = page.next
        }
    }
}

/// What the log loses with time.
extension Hub {
    /// Retention removes all records before an offset.
    func removeMessages(before offset: Offset) throws {
        log.setRetention(RetentionPolicy(log: RetentionLimits(records: offset.distance(to: head))))
        _ = try log.maintain(now: now)
    }
}
