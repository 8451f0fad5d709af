import HubModel

/// What a consumer is owed besides what comes: the values that it begins with, what was held back while a session was
/// paused, and what an operator brought back. It gets them one after the other.
struct OwedDeliveries {
    /// What waits of one session.
    private struct Waiting {
        var offsets: [Offset] = []
        /// Whether everything of the session waits, or only new work.
        var isEverything = false
    }

    /// By session; those that it begins with are under none.
    private var waiting: [NameID: Waiting] = [:]
    private var revived: [Offset] = []
    /// The one that is being read.
    var fetching: Offset?

    init() {}

    /// What the log says is owed.
    init(_ state: LoggedConsumer) {
        guard state.unsettled.owedCount > 0 else { return }
        state.unsettled.forEach { delivery in
            if delivery.standing == .revived {
                revived.append(delivery.offset)
            } else if delivery.isOwed {
                add(delivery.offset, session: delivery.session, isEverything: true)
            }
        }
    }

    var isEmpty: Bool { waiting.isEmpty && revived.isEmpty }

    /// Whether it has not yet had all that it begins with: till then nothing new comes.
    var isPriming: Bool { waiting[.none] != nil }

    /// Whether something of the session waits that a message of this kind must not overtake.
    func isWaiting(_ session: NameID, _ kind: MessageKind) -> Bool {
        guard !waiting.isEmpty, let known = waiting[session] else { return false }
        return known.isEverything || PauseScope.work.covers(kind)
    }

    mutating func add(_ offset: Offset, session: NameID, isEverything: Bool) {
        waiting[session, default: Waiting()].offsets.append(offset)
        if isEverything { waiting[session]?.isEverything = true }
    }

    mutating func addRevived(_ offset: Offset) {
        if !revived.contains(offset) { revived.append(offset) }
    }

    /// It is no longer owed.
    mutating func remove(_ offset: Offset, session: NameID) {
        revived.removeAll { $0 == offset }
        guard let place = waiting[session]?.offsets.firstIndex(of: offset) else { return }
        waiting[session]?.offsets.remove(at: place)
        if waiting[session]?.offsets.isEmpty == true { waiting[session] = nil }
    }

    /// What waits of a session, oldest first.
    func offsets(in session: NameID) -> [Offset] { waiting[session]?.offsets ?? [] }

    /// The sessions of which something waits, in order; none stands for what belongs to none.
    var sessions: [NameID] { waiting.keys.sorted() }

    /// The one to be served next: what it begins with, then the oldest of all sessions that may be served, then what
    /// was brought back.
    func next(where isOpen: (NameID) -> Bool) -> Offset? {
        if let first = waiting[.none]?.offsets.first { return first }
        let open = waiting.filter { isOpen($0.key) }.compactMap(\.value.offsets.first).min()
        return open ?? revived.first
    }
}
