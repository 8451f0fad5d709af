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
    private static let prefixes: [StaticString] = ["dm:", "topic:"]

    /// Whether the bytes name such a session. Nobody else's has such a name, so nobody can put a message into the
    /// conversation of two others.
    static func isReserved(_ name: RawSpan) -> Bool {
        prefixes.contains { prefix in
            let count = prefix.utf8CodeUnitCount
            guard name.byteCount >= count else { return false }
            var text = ByteBuffer(capacity: 8)
            text.append(prefix)
            return text.bytes.equals(name.extracting(0..<count))
        }
    }
}
