import HubBytes
package import HubModel
import Synchronization

/// One agent's rights, ready to be asked. Agents with the same rights share one object; its number is what decisions
/// are remembered by.
package final class CompiledRights: Sendable {
    /// The rights, for those who list them.
    package let rights: Rights
    /// No other rights of this process have it.
    let number: UInt32
    /// Whether every topic that agents publish to is granted, and every agent: most hubs and roles need no more.
    let publishesAll: Bool
    let commandsAll: Bool

    fileprivate init(_ rights: Rights, number: UInt32) {
        self.rights = rights
        self.number = number
        publishesAll = Self.isAll(rights.publish)
        commandsAll = Self.isAll(rights.command)
    }

    private static func isAll(_ grants: Grants) -> Bool {
        grants.topics.contains(.everything) && grants.agents.contains(.everything)
    }

    /// Whether all topics of a pattern may be subscribed to.
    package func maySubscribe(_ pattern: TopicPattern) -> Bool { rights.subscribe.covers(pattern) }

    /// Whether an agent's presence and status may be watched. For each agent of a list: a linear search.
    package func mayWatch(agent: RawSpan) -> Bool { rights.subscribe.allows(agent: agent) }

    /// Whether a session may be opened, accepted, or named in a message. The hub's own ids are for nobody to name: a
    /// message belongs to `dm:` and `topic:` sessions by where it goes.
    package func mayUse(session: RawSpan) -> Bool {
        if OwnSessions.isDirect(session) || OwnSessions.topic(of: session) != nil { return false }
        for pattern in rights.sessions where pattern.matches(session) { return true }
        return false
    }

    /// Whether the past of a session may be read. A topic's is for those who may subscribe to the topic, any other for
    /// its parties, whom the router knows: ids hold colons, so `dm:a:b:c` does not say whose it is.
    package func mayReplay(session: RawSpan, isParty: Bool) -> Bool {
        if let start = OwnSessions.topic(of: session) {
            let topic = session.extracting(start..<session.byteCount)
            return rights.subscribe.allows(topic: topic) || may(.readSessions)
        }
        return isParty || may(.readSessions)
    }

    /// Whether an action of administration is granted.
    package func may(_ action: AdminAction) -> Bool {
        rights.admin.contains { $0.matches(action.topic) }
    }
}

/// Ids of sessions that the hub makes.
private enum OwnSessions {
    static func isDirect(_ id: RawSpan) -> Bool { id.begins(with: "dm:") }

    /// Where in the id the topic begins.
    static func topic(of id: RawSpan) -> Int? { id.begins(with: "topic:") ? 6 : nil }
}

/// Rights that are in use, each once.
package final class RightsPool: Sendable {
    /// Different rights that are remembered; beyond that all are forgotten, and those in use live on with whoever uses
    /// them. With `{agent}` in a role, every agent has rights of its own.
    private let rightsMax: Int
    /// Patterns in all of them: issuers of web tokens can write many into one.
    private let patternsMax: Int
    private let known = Mutex(Known())

    private struct Known {
        var rights: [Rights: CompiledRights] = [:]
        var patterns = 0
    }

    /// An empty pool.
    package init(rightsMax: Int = 65_536, patternsMax: Int = 1_000_000) {
        self.rightsMax = rightsMax
        self.patternsMax = patternsMax
    }

    /// The one object for these rights.
    package func compiled(_ rights: Rights) -> CompiledRights {
        known.withLock { known in
            if let existing = known.rights[rights] { return existing }
            if known.rights.count >= rightsMax || known.patterns >= patternsMax { known = Known() }
            let made = CompiledRights(rights, number: RightsNumber.next())
            known.rights[rights] = made
            known.patterns += rights.patternCount
            return made
        }
    }
}

/// Numbers for rights; four thousand million of them before one is used again.
private enum RightsNumber {
    private static let last = Atomic<UInt32>(0)

    static func next() -> UInt32 { last.wrappingAdd(1, ordering: .relaxed).newValue }
}
