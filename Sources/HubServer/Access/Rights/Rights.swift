import HubBytes
package import HubModel

/// What an agent may do. What is not granted is forbidden.
package struct Rights: Hashable, Sendable {
    /// Topics that it may publish to, and agents that it may send messages to.
    package var publish = Grants()
    /// Topics that it may subscribe to and replay, and agents whose presence and status it may watch.
    package var subscribe = Grants()
    /// Topics and agents that it may send commands to.
    package var command = Grants()
    /// Sessions that it may open, accept and take part in, by their ids.
    package var sessions: [NamePattern] = []
    /// What it may do that is not an agent's everyday business: patterns over the names of `AdminAction`.
    package var admin: [TopicPattern] = []

    /// None.
    package init() {}

    /// All, the hub as a whole included: for a hub that asks for no credentials.
    package static let everything: Rights = {
        var rights = Role.admin.rights
        rights.add(Role.operator.rights)
        return rights
    }()

    /// Whether there are none.
    package var isEmpty: Bool {
        publish.isEmpty && subscribe.isEmpty && command.isEmpty && sessions.isEmpty && admin.isEmpty
    }

    /// Patterns in all lists.
    var patternCount: Int {
        [publish, subscribe, command].reduce(sessions.count + admin.count) {
            $0 + $1.topics.count + $1.agents.count
        }
    }

    /// Adds others.
    package mutating func add(_ other: Rights) {
        publish.add(other.publish)
        subscribe.add(other.subscribe)
        command.add(other.command)
        for pattern in other.sessions where !sessions.contains(pattern) { sessions.append(pattern) }
        for pattern in other.admin where !admin.contains(pattern) { admin.append(pattern) }
    }

    /// Whether others are no more than these.
    package func covers(_ other: Rights) -> Bool {
        publish.covers(other.publish) && subscribe.covers(other.subscribe) && command.covers(other.command)
            && other.sessions.allSatisfy { theirs in sessions.contains { $0.covers(theirs) } }
            && other.admin.allSatisfy { theirs in admin.contains { $0.covers(theirs) } }
    }

    /// The same for one agent: its id in place of `{agent}`.
    package func resolved(for agent: AgentID) -> Rights {
        var result = Rights()
        result.publish = publish.resolved(for: agent)
        result.subscribe = subscribe.resolved(for: agent)
        result.command = command.resolved(for: agent)
        result.sessions = sessions.compactMap { OwnName.resolve($0, agent) }
        result.admin = admin
        return result
    }
}
