import HubBytes
import HubModel

/// A page of the messages to all topics that match one of some patterns: the topics' entries merged by offset, so that the
/// cost follows what is returned and not what else is in the log.
struct TopicScan {
    private let core: LogCore
    private let query: LogQuery
    private let limit: PageLimit
    private let patterns: [TopicPattern]
    private let tenant: NameID

    init(_ core: LogCore, _ query: LogQuery, _ limit: PageLimit, _ patterns: [TopicPattern], _ tenant: NameID)
    {
        self.core = core
        self.query = query
        self.limit = limit
        self.patterns = patterns
        self.tenant = tenant
    }

    func page() throws(StorageError) -> LogPage {
        let names = try core.environment.read()
        let topics = NameKey(.topic, tenant: tenant)
        let wildcards = patterns.filter { !$0.isLiteral }
        var found: Set<NameID> = []
        // A pattern without wildcards is a topic's name, which is found without a look at all others.
        for pattern in patterns where pattern.isLiteral {
            let bytes = Array(pattern.text.utf8)
            if let topic = try bytes.withBytes({ (text) throws(StorageError) in
                try LogNames.find(names, topics, text)
            }) {
                found.insert(topic)
            }
        }
        if !wildcards.isEmpty {
            try LogNames.forEach(names, topics, after: nil) { id, text in
                if wildcards.contains(where: { $0.matches(text) }) { found.insert(id) }
                return true
            }
        }
        return try page(of: found.sorted())
    }

    private func page(of topics: [NameID]) throws(StorageError) -> LogPage {
        let view = try MergedView(core, topics, query, max: limit.records)
        var builder = PageBuilder(limit)
        var locator = try RecordLocator(view.snapshot)
        let isForward = query.direction == .forward
        var reached = isForward ? query.from : query.to
        let isWhole = try locator.find(view.postings) { posting, finding in
            if builder.isFull { return false }
            let position = posting.position
            if isForward {
                noteRemoved(&builder, view, from: reached, to: position)
            } else {
                noteRemoved(&builder, view, from: position + 1, to: reached)
            }
            reached = isForward ? position + 1 : position
            switch finding {
            case .record(let record): builder.add(record)
            case .gone: builder.note(Gap(from: position, through: position, .retention))
            case .damaged: builder.note(Gap(from: position, through: position, .damaged))
            }
            return true
        }
        let isMore = !isWhole || view.isCut
        if !isMore {
            noteRemoved(
                &builder, view, from: isForward ? reached : query.from, to: isForward ? query.to : reached)
        }
        var next = query
        if isForward { next.from = reached } else { next.to = reached }
        builder.noteDamaged(view.damaged, in: query, next: isMore ? next : nil)
        return LogPage(
            pin: view.snapshot, records: builder.records, gaps: builder.gaps, next: isMore ? next : nil,
            head: view.bounds.head)
    }

    /// One topic may have lost what lies between another's records, so what is missing is all that is not there
    /// up to the last position removed. Notes the part of it from one position up to, but not with, another.
    private func noteRemoved(_ builder: inout PageBuilder, _ view: MergedView, from: UInt64, to: UInt64) {
        guard view.hasRemoved else { return }
        let end = min(to, view.removedThrough + 1)
        if from < end { builder.note(Gap(from: from, through: end - 1, .retention)) }
    }
}

/// The entries of several topics, merged in the order asked for.
private struct MergedView {
    let snapshot: Snapshot
    let bounds: LogBounds
    /// Ranges of offsets that recovery found damaged.
    let damaged: [Range<Offset>]
    private(set) var postings: [Posting] = []
    private(set) var removedThrough: UInt64 = 0
    private(set) var hasRemoved = false
    /// Whether there may be more than `postings`.
    private(set) var isCut = false

    init(_ core: LogCore, _ topics: [NameID], _ query: LogQuery, max: Int) throws(StorageError) {
        var pending: [Posting] = []
        let (snapshot, bounds, damaged) = try core.look { snapshot, changing in
            for topic in topics {
                if query.direction == .forward {
                    changing.pending.appendForward(
                        of: topic, from: query.from, to: query.to, max: max, &pending)
                } else {
                    changing.pending.appendBackward(
                        of: topic, from: query.from, to: query.to, max: max, &pending)
                }
            }
            return (snapshot, changing.bounds, changing.damaged)
        }
        self.snapshot = snapshot
        self.bounds = bounds
        self.damaged = damaged
        let indexedTo = try LogMeta.read(snapshot)?.indexedTo ?? .zero
        pending.removeAll { $0.offset < indexedTo }
        try collect(topics, query, max, pending)
    }

    /// Each topic may give all of the page, so each is asked for a full one: what they give is sorted, and what
    /// is too much is cut off.
    private mutating func collect(
        _ topics: [NameID], _ query: LogQuery, _ max: Int, _ pending: [Posting]
    ) throws(StorageError) {
        let isForward = query.direction == .forward
        postings = pending
        for topic in topics {
            let trim = try Trim.read(snapshot, topic)
            removedThrough = Swift.max(removedThrough, trim.through)
            hasRemoved = hasRemoved || trim.count > 0
            // Once a page is full, entries behind its last one are of no use.
            let bound = narrowed(query, max, isForward)
            if isForward {
                try IndexLookup.appendForward(
                    snapshot, topic, isSession: false, from: query.from, to: bound, max: max, &postings)
            } else {
                try IndexLookup.appendBackward(
                    snapshot, topic, isSession: false, from: bound, to: query.to, max: max, &postings)
            }
            if postings.count >= 4 * max { cut(to: max, isForward) }
        }
        cut(to: max, isForward)
        isCut = postings.count >= max
    }

    private var bound: UInt64?

    private func narrowed(_ query: LogQuery, _ max: Int, _ isForward: Bool) -> UInt64 {
        bound ?? (isForward ? query.to : query.from)
    }

    private mutating func cut(to max: Int, _ isForward: Bool) {
        postings.sort { isForward ? $0.offset < $1.offset : $1.offset < $0.offset }
        guard postings.count >= max else { return }
        postings.removeSubrange(max...)
        bound = isForward ? postings[max - 1].position + 1 : postings[max - 1].position
    }
}
