import HubBytes
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

/// Sessions that the hub itself makes: of two agents, and of a topic.
enum OwnSession {
    /// Whether the bytes name such a session. Nobody else's has such a name, so nobody can put a message into the
    /// conversation of two others.
    static func isReserved(_ name: RawSpan) -> Bool {
        let colon = UInt8(ascii: ":")
        // Every message that names a session comes by here, so texts are compared as numbers, lowest byte first.
        if name.byteCount >= 3, name.load(0, as: UInt16.self) == 0x6d64 {
            return name.load(2, as: UInt8.self) == colon
        }
        return name.byteCount >= 6 && name.load(0, as: UInt32.self) == 0x6970_6f74
            && name.load(4, as: UInt8.self) == UInt8(ascii: "c") && name.load(5, as: UInt8.self) == colon
    }
}
