import HubBytes
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
    /// Whom with; none if anyone may join.
    var partner: NameID
    var phase: SessionPhase
    /// Since when it stands there.
    var since: Timestamp
    /// The parties that hold back what is new in it.
    var pausedBy: [NameID] = []

    /// Whether messages are taken.
    var isOpen: Bool { phase == .proposed || phase == .accepted }
}

/// What the log says of a command that is not done with.
struct LoggedCommand: Equatable {
    let offset: Offset
    let tenant: NameID
    let sender: NameID
    let session: NameID
    /// When its sender is told that no answer came.
    let deadline: Timestamp
    /// What its answer will carry: the id that its sender gave it.
    let id: [UInt8]
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
    /// It is not connected.
    case offline = 3
}
