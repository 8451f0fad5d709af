import HubModel

/// Sessions whose opening is on its way to the log: they are open for whoever opens another.
struct OpeningSessions {
    private var sessions: Set<NameID> = []
    /// How many of them are whose: by opener and by tenant.
    private var counts: [NameID: Int] = [:]

    init() {}

    var count: Int { sessions.count }

    func contains(_ session: NameID) -> Bool { sessions.contains(session) }

    /// How many an agent or a tenant opens.
    func count(of owner: NameID) -> Int { counts[owner] ?? 0 }

    mutating func insert(_ session: NameID, by opener: LiveConnection) {
        guard sessions.insert(session).inserted else { return }
        counts[opener.agent, default: 0] += 1
        counts[opener.tenant, default: 0] += 1
    }

    mutating func remove(_ session: NameID, by opener: NameID, of tenant: NameID) {
        guard sessions.remove(session) != nil else { return }
        for owner in [opener, tenant] {
            let left = count(of: owner) - 1
            counts[owner] = left > 0 ? left : nil
        }
    }
}
