import HubBytes
import HubModel

/// A page of one session's, topic's, agent's or consumer's records.
struct NameScan {
    private let core: LogCore
    private var query: LogQuery
    private let limit: PageLimit
    private let id: NameID
    private let isSession: Bool

    init(_ core: LogCore, _ query: LogQuery, _ limit: PageLimit, _ id: NameID, isSession: Bool) {
        self.core = core
        self.query = query
        self.limit = limit
        self.id = id
        self.isSession = isSession
        if isSession { self.query.from = max(query.from, SequenceNumber.first.rawValue) }
    }

    func page() throws(StorageError) -> LogPage {
        let view = try PostingView(core, id, isSession: isSession, query, max: limit.records)
        var builder = PageBuilder(limit)
        var locator = try RecordLocator(view.snapshot)
        var expected = query.direction == .forward ? query.from : behindLast(view)
        if query.direction == .forward { noteRemoved(&builder, view) }
        let isWhole = try locator.find(view.postings) { posting, finding in
            if builder.isFull { return false }
            noteMissing(&builder, view, expected: expected, found: posting.position)
            expected = query.direction == .forward ? posting.position + 1 : posting.position
            add(posting, finding, &builder, view)
            return true
        }
        let isMore = !isWhole || view.postings.count >= limit.records
        if !isMore { noteRest(&builder, view, expected: expected) }
        let next = isMore ? continuation(expected) : nil
        if !isSession { builder.noteDamaged(view.damaged, in: query, next: next) }
        return LogPage(
            pin: view.snapshot, records: builder.records, gaps: builder.gaps, next: next,
            head: view.bounds.head)
    }

    private func add(
        _ posting: Posting, _ finding: RecordLocator.Finding, _ builder: inout PageBuilder,
        _ view: PostingView
    ) {
        let gap = { Gap(from: posting.position, through: posting.position, $0) }
        switch finding {
        case .record(let record):
            let isRight =
                isSession
                ? record.session == id && record.sequence.rawValue == posting.position
                : record.destination == id
            if isRight { builder.add(record) } else { builder.note(gap(.damaged)) }
        case .gone: builder.note(gap(.retention))
        case .damaged: builder.note(gap(.damaged))
        }
    }

    /// In a session every number between two entries is missing; elsewhere only what retention says it removed.
    private func noteMissing(
        _ builder: inout PageBuilder, _ view: PostingView, expected: UInt64, found: UInt64
    ) {
        guard isSession else { return }
        if query.direction == .forward, found > expected {
            builder.note(Gap(from: expected, through: found - 1, view.reason(at: expected)))
        } else if query.direction == .backward, expected > found + 1 {
            builder.note(Gap(from: found + 1, through: expected - 1, view.reason(at: found + 1)))
        }
    }

    private func noteRest(_ builder: inout PageBuilder, _ view: PostingView, expected: UInt64) {
        guard isSession else {
            if query.direction == .backward { noteRemoved(&builder, view) }
            return
        }
        let behindLast = behindLast(view)
        if query.direction == .forward {
            guard behindLast > expected else { return }
            builder.note(Gap(from: expected, through: behindLast - 1, view.reason(at: expected)))
        } else {
            let through = min(expected, behindLast)
            guard through > query.from else { return }
            builder.note(Gap(from: query.from, through: through - 1, view.reason(at: query.from)))
        }
    }

    /// The position behind the last that the query can be about: in a session, what never was is not missing.
    private func behindLast(_ view: PostingView) -> UInt64 {
        isSession ? min(max(view.last, view.removedThrough) + 1, query.to) : query.to
    }

    /// Outside sessions positions are not dense, so what is missing is what retention says that it removed.
    private func noteRemoved(_ builder: inout PageBuilder, _ view: PostingView) {
        guard !isSession, view.hasRemoved, view.removedThrough >= query.from, query.to > 0 else { return }
        builder.note(Gap(from: query.from, through: min(view.removedThrough, query.to - 1), .retention))
    }

    private func continuation(_ position: UInt64) -> LogQuery {
        var next = query
        if query.direction == .forward { next.from = position } else { next.to = position }
        return next
    }
}

/// The entries of one name that a page may need, and the snapshot that they belong to.
struct PostingView {
    let snapshot: Snapshot
    let bounds: LogBounds
    private(set) var postings: [Posting] = []
    /// The last position that retention removed.
    let removedThrough: UInt64
    /// Whether retention removed anything at all.
    let hasRemoved: Bool
    /// The last position there is.
    let last: UInt64
    /// Ranges of offsets that recovery found damaged.
    let damaged: [Range<Offset>]

    init(
        _ core: LogCore, _ id: NameID, isSession: Bool, _ query: LogQuery, max: Int
    ) throws(StorageError) {
        var pending: [Posting] = []
        var pendingLast: UInt64?
        var damaged: [Range<Offset>] = []
        let (snapshot, bounds) = try core.look { snapshot, changing in
            if query.direction == .forward {
                changing.pending.appendForward(of: id, from: query.from, to: query.to, max: max, &pending)
            } else {
                changing.pending.appendBackward(of: id, from: query.from, to: query.to, max: max, &pending)
            }
            pendingLast = changing.pending.list(of: id)?.lastPosition
            damaged = changing.damaged
            return (snapshot, changing.bounds)
        }
        self.snapshot = snapshot
        self.bounds = bounds
        self.damaged = damaged
        let trim = try Trim.read(snapshot, id)
        removedThrough = trim.through
        hasRemoved = trim.count > 0
        if let pendingLast {
            last = pendingLast
        } else {
            last = try IndexLookup.last(snapshot, id, isSession: isSession)
        }
        // A checkpoint may have been committed but not yet taken out of the pending index.
        let indexedTo = try LogMeta.read(snapshot)?.indexedTo ?? .zero
        pending.removeAll { $0.offset < indexedTo }
        try join(pending, id, isSession, query, max)
    }

    private mutating func join(
        _ pending: [Posting], _ id: NameID, _ isSession: Bool, _ query: LogQuery, _ max: Int
    ) throws(StorageError) {
        if query.direction == .forward {
            try IndexLookup.appendForward(
                snapshot, id, isSession: isSession, from: query.from, to: query.to, max: max, &postings)
            postings.append(contentsOf: pending.prefix(max - postings.count))
        } else {
            postings = pending
            try IndexLookup.appendBackward(
                snapshot, id, isSession: isSession, from: query.from, to: query.to, max: max - postings.count,
                &postings)
        }
    }

    /// Why a position is missing.
    func reason(at position: UInt64) -> Gap.Reason {
        !damaged.isEmpty && position > removedThrough ? .damaged : .retention
    }
}
