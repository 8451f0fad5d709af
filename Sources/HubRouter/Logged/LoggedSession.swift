import HubModel

/// Where a session stands that agents opened by name. `dm:` and `topic:` sessions are always open and have no such state.
package enum SessionPhase: UInt8, Sendable, Equatable {
    /// Opened by one party, not answered by the other.
    case proposed = 1
    /// Both parties are in it.
    case accepted = 2
    /// The other party declined.
    case rejected = 3
    /// One party ended it.
    case closed = 4
}

/// What the log says of a session that agents opened by name.
struct LoggedSession: Equatable {
    let tenant: NameID
    /// Who opened it.
    let opener: NameID
    /// Whom with; none while anyone may join.
    var partner: NameID
    var phase: SessionPhase
    /// Since when it stands there.
    var since: Timestamp

    /// Whether messages are taken.
    var isOpen: Bool { phase == .proposed || phase == .accepted }

    /// Whether an agent has a say in it.
    func isParty(_ agent: NameID) -> Bool { agent == opener || agent == partner || partner == .none }

    /// The party that an agent talks to in it.
    func other(than agent: NameID) -> NameID { agent == opener ? partner : opener }
}

/// What a pause holds back. The raw values are on disk.
package enum PauseScope: UInt8, Sendable, Equatable {
    /// Everything.
    case everything = 0
    /// New work: commands and sessions that are opened. What belongs to work that was begun goes on.
    case work = 1

    func covers(_ kind: MessageKind) -> Bool {
        self == .everything || kind == .command || kind == .sessionOpen
    }
}

/// What the log says of a session that some of its agents want to hear no more of for now.
struct LoggedPause: Equatable {
    /// Who, in the order of their numbers, and what each holds back.
    var agents: [Entry] = []

    struct Entry: Equatable {
        let agent: NameID
        let scope: PauseScope
    }

    mutating func set(_ agent: NameID, _ scope: PauseScope?) {
        agents.removeAll { $0.agent == agent }
        guard let scope else { return }
        let place = agents.firstIndex { $0.agent > agent } ?? agents.count
        agents.insert(Entry(agent: agent, scope: scope), at: place)
    }

    func scope(of agent: NameID) -> PauseScope? { agents.first { $0.agent == agent }?.scope }
}

/// What the log says of a command: one that waits for its answer, or one that ended lately.
struct LoggedCommand: Equatable {
    let offset: Offset
    let sender: NameID
    /// Whom it was for: an agent or a topic.
    let destination: NameID
    let tenant: NameID
    let session: NameID
    let sequence: SequenceNumber
    /// When its sender is told that no answer came.
    let deadline: Timestamp
    /// What its answer carries: the id that its sender gave it.
    let id: [UInt8]
    /// The record that ended it, and when; none while it waits.
    var end = Offset.zero
    var endedAt = Timestamp.none

    var isOpen: Bool { endedAt == .none }
}

/// What the log says of an agent.
struct LoggedAgent: Equatable {
    let tenant: NameID
    var presence = Presence.unknown
    var since = Timestamp.none
    /// Where its last status is.
    var status: Offset?
}

/// Whether an agent is there. The raw values are on disk.
package enum Presence: UInt8, Sendable, Equatable {
    /// Nothing was ever heard of it.
    case unknown = 0
    /// It is connected and beats.
    case online = 1
    /// It is connected and has missed beats.
    case silent = 2
    /// It is not connected, or has not been heard of for so long that it might as well not be.
    case offline = 3
}
