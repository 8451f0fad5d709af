import HubBytes
package import HubModel

/// Topics and agents that something is granted for: patterns of topics, and behind `agent:` patterns of agents' ids.
///
/// In both, `{agent}` stands for the id of the agent that holds the grant.
package struct Grants: Hashable, Sendable {
    /// What stands before a pattern of agents.
    package static let agentMark = "agent:"
    /// What stands for the holder's own id.
    package static let ownMark = "{agent}"
    /// Patterns in one list: they are tried one by one when a topic is new.
    package static let patternsMax = 256

    /// The topics.
    package private(set) var topics: [TopicPattern] = []
    /// The agents.
    package private(set) var agents: [NamePattern] = []

    /// Nothing.
    package init() {}

    /// From their texts, in order.
    package init(_ texts: [String]) throws(Refusal) {
        guard texts.count <= Self.patternsMax else {
            throw Refusal(.tooLarge, "\(texts.count) patterns in one list; \(Self.patternsMax) are allowed")
        }
        for text in texts {
            if text.hasPrefix(Self.agentMark) {
                agents.append(try NamePattern(String(text.dropFirst(Self.agentMark.count))))
            } else {
                topics.append(try TopicPattern(text))
            }
        }
    }

    /// The topics of one pattern.
    init(topic pattern: TopicPattern) { topics = [pattern] }

    /// All there is, the hub's own topics excepted.
    package static let everything: Grants = {
        var all = Grants()
        all.topics = [.everything]
        all.agents = [.everything]
        return all
    }()

    /// The texts that it can be made from.
    package var texts: [String] { topics.map(\.text) + agents.map { Self.agentMark + $0.text } }

    /// Whether there is nothing in it.
    package var isEmpty: Bool { topics.isEmpty && agents.isEmpty }

    /// Whether a topic is granted.
    package func allows(topic: RawSpan) -> Bool {
        for pattern in topics where pattern.matches(topic) { return true }
        return false
    }

    /// Whether an agent is granted.
    package func allows(agent: RawSpan) -> Bool {
        for pattern in agents where pattern.matches(agent) { return true }
        return false
    }

    /// Whether all topics of a pattern are granted by one of the patterns here. Two that only together cover it do not
    /// count: nobody could tell from the outside which of them was missing.
    package func covers(_ pattern: TopicPattern) -> Bool { topics.contains { $0.covers(pattern) } }

    /// Whether another list grants nothing more than this one.
    package func covers(_ other: Grants) -> Bool {
        other.topics.allSatisfy { covers($0) }
            && other.agents.allSatisfy { theirs in agents.contains { $0.covers(theirs) } }
    }

    /// Adds what another list grants.
    package mutating func add(_ other: Grants) {
        for pattern in other.topics where !topics.contains(pattern) { topics.append(pattern) }
        for pattern in other.agents where !agents.contains(pattern) { agents.append(pattern) }
    }

    /// Whether `{agent}` may stand in one of the patterns.
    private var namesHolder: Bool {
        topics.contains { OwnName.mayStand(in: $0.text) } || agents.contains { OwnName.mayStand(in: $0.text) }
    }

    /// The same for one agent: its id in place of `{agent}`. An id that would mean something in a pattern, with a dot
    /// or a wildcard in it, gets nothing from such a grant: nobody can choose an id that widens his rights.
    package func resolved(for agent: AgentID) -> Grants {
        guard namesHolder else { return self }
        var result = Grants()
        result.topics = topics.compactMap { pattern in
            OwnName.fill(pattern.text, agent, forbidden: ".*>").flatMap { text in
                OwnName.made { () throws(Refusal) in try TopicPattern(text) }
            }
        }
        result.agents = agents.compactMap { OwnName.resolve($0, agent) }
        return result
    }
}

/// Patterns with the holder's own id in them.
enum OwnName {
    /// Whether the mark may be in a text: a look for its first byte, which nearly all patterns do without.
    static func mayStand(in text: String) -> Bool { text.utf8.contains(UInt8(ascii: "{")) }

    static func resolve(_ pattern: NamePattern, _ agent: AgentID) -> NamePattern? {
        fill(pattern.text, agent, forbidden: "*").flatMap { text in
            made { () throws(Refusal) in try NamePattern(text) }
        }
    }

    /// The text with the id in its places; nil if the id has a forbidden character and there is a place for it.
    static func fill(_ text: String, _ agent: AgentID, forbidden: String) -> String? {
        guard mayStand(in: text) else { return text }
        let parts = text.split(separator: Grants.ownMark, omittingEmptySubsequences: false)
        guard parts.count > 1 else { return text }
        guard !agent.text.utf8.contains(where: forbidden.utf8.contains) else { return nil }
        return parts.joined(separator: agent.text)
    }

    /// A pattern that became too long for a pattern grants nothing.
    static func made<Pattern>(_ body: () throws(Refusal) -> Pattern) -> Pattern? {
        do throws(Refusal) { return try body() } catch { return nil }
    }
}
