import HubBytes
package import HubModel

/// What the log says of a hub at one offset: who was there, which sessions were open, where each consumer stood, what it
/// had and had not settled. For people, so names are text.
package struct Picture: Sendable, Equatable {
    /// An agent.
    package struct Agent: Sendable, Equatable {
        /// Its id.
        package let name: String
        /// Whether it was there, and since when.
        package let presence: Presence
        /// Since when.
        package let since: Timestamp
        /// Where its last status is.
        package let status: Offset?
    }

    /// A session that agents opened by name.
    package struct Session: Sendable, Equatable {
        /// Its id.
        package let name: String
        /// Who opened it.
        package let opener: String
        /// Whom with; empty while anyone may join.
        package let partner: String
        /// Where it stood.
        package let phase: SessionPhase
        /// Since when.
        package let since: Timestamp
    }

    /// Who held back what of a session.
    package struct Pause: Sendable, Equatable {
        /// The session.
        package let session: String
        /// The agent.
        package let agent: String
        /// What it held back.
        package let scope: PauseScope
    }

    /// A consumer with a name.
    package struct Consumer: Sendable, Equatable {
        /// Its name.
        package let name: String
        /// The patterns of its topics; empty for an inbox.
        package let patterns: [String]
        /// The agent whose inbox it is; empty for topics.
        package let inbox: String
        /// How it wants its messages.
        package let settings: ConsumerSettings
        /// Everything before had been given to it, or was none of its business.
        package let cursor: Offset
        /// Whether it was held back.
        package let isPaused: Bool
        /// What it had and had not settled, or was owed.
        package let unsettled: [Delivery]
        /// Its dead letters that nobody had dealt with.
        package let deadLetters: [Offset]
    }

    /// A delivery that was not settled.
    package struct Delivery: Sendable, Equatable {
        /// Where it stood.
        package enum Standing: String, Sendable {
            /// Its lease ran.
            case leased
            /// It had been refused, or whoever had it was gone, and waited to come again.
            case waiting
            /// It was to become a dead letter.
            case givenUp = "given_up"
            /// It had not been delivered yet.
            case owed
            /// It was held back.
            case held
        }

        /// The message.
        package let offset: Offset
        /// How often it had been delivered.
        package let attempts: Int
        /// Since when it stood there.
        package let since: Timestamp
        /// Where it stood.
        package let standing: Standing
    }

    /// A command that waited for its answer.
    package struct Command: Sendable, Equatable {
        /// Where it is.
        package let offset: Offset
        /// The id that its sender gave it.
        package let id: String
        /// Who sent it.
        package let sender: String
        /// Whom it was for: an agent or a topic.
        package let destination: String
        /// When it would fail.
        package let deadline: Timestamp
    }

    /// The last retained value of a topic.
    package struct Retained: Sendable, Equatable {
        /// The topic.
        package let topic: String
        /// Where the value is.
        package let offset: Offset
    }

    /// Every record before this offset is accounted for.
    package let appliedTo: Offset
    /// When the newest of them was taken.
    package let time: Timestamp
    /// In the order in which they first came, as everything below.
    package let agents: [Agent]
    /// Sessions that agents opened by name.
    package let sessions: [Session]
    /// Who held back what.
    package let pauses: [Pause]
    /// Consumers with a name.
    package let consumers: [Consumer]
    /// Commands that waited for their answer.
    package let commands: [Command]
    /// Retained values.
    package let retained: [Retained]
}

extension Picture {
    /// What a state says of a tenant.
    init(of state: borrowing LoggedState, tenant: NameID, _ names: borrowing NameTable) {
        appliedTo = state.appliedTo
        time = state.time
        agents = Self.agents(state, tenant, names)
        sessions = Self.sessions(state, tenant, names)
        pauses = Self.pauses(state, tenant, names)
        consumers = Self.consumers(state, tenant, names)
        commands = Self.commands(state, tenant, names)
        retained = Self.retained(state, tenant, names)
    }

    private static func text(_ name: NameID, _ names: borrowing NameTable) -> String {
        names.key(of: name) == nil ? "" : names.bytes(of: name).text
    }

    private static func agents(
        _ state: borrowing LoggedState, _ tenant: NameID, _ names: borrowing NameTable
    ) -> [Agent] {
        var found: [Agent] = []
        for id in state.agents.keys.sorted() {
            guard let agent = state.agents[id], agent.tenant == tenant else { continue }
            found.append(
                Agent(
                    name: text(id, names), presence: agent.presence, since: agent.since, status: agent.status)
            )
        }
        return found
    }

    private static func sessions(
        _ state: borrowing LoggedState, _ tenant: NameID, _ names: borrowing NameTable
    ) -> [Session] {
        var found: [Session] = []
        for id in state.sessions.keys.sorted() {
            guard let session = state.sessions[id], session.tenant == tenant else { continue }
            found.append(
                Session(
                    name: text(id, names), opener: text(session.opener, names),
                    partner: text(session.partner, names), phase: session.phase, since: session.since))
        }
        return found
    }

    private static func pauses(
        _ state: borrowing LoggedState, _ tenant: NameID, _ names: borrowing NameTable
    ) -> [Pause] {
        var found: [Pause] = []
        for id in state.pauses.keys.sorted() where names.key(of: id)?.tenant == tenant {
            for entry in state.pauses[id]?.agents ?? [] {
                found.append(
                    Pause(session: text(id, names), agent: text(entry.agent, names), scope: entry.scope))
            }
        }
        return found
    }

    private static func consumers(
        _ state: borrowing LoggedState, _ tenant: NameID, _ names: borrowing NameTable
    ) -> [Consumer] {
        var found: [Consumer] = []
        for id in state.consumers.keys.sorted() {
            guard let consumer = state.consumers[id], consumer.tenant == tenant else { continue }
            var patterns: [String] = []
            var inbox = ""
            switch consumer.filter {
            case .topics(let wanted): patterns = wanted.map(\.text)
            case .inbox(let agent): inbox = text(agent, names)
            }
            var unsettled: [Delivery] = []
            consumer.unsettled.forEach { unsettled.append(Delivery($0)) }
            found.append(
                Consumer(
                    name: text(id, names), patterns: patterns, inbox: inbox, settings: consumer.settings,
                    cursor: consumer.cursor, isPaused: consumer.isPaused, unsettled: unsettled,
                    deadLetters: consumer.letters))
        }
        return found
    }

    private static func commands(
        _ state: borrowing LoggedState, _ tenant: NameID, _ names: borrowing NameTable
    ) -> [Command] {
        var found: [Command] = []
        for offset in state.commands.keys.sorted() {
            guard let command = state.commands[offset], command.isOpen, command.tenant == tenant else {
                continue
            }
            found.append(
                Command(
                    offset: offset, id: String(decoding: command.id, as: UTF8.self),
                    sender: text(command.sender, names), destination: text(command.destination, names),
                    deadline: command.deadline))
        }
        return found
    }

    private static func retained(
        _ state: borrowing LoggedState, _ tenant: NameID, _ names: borrowing NameTable
    ) -> [Retained] {
        var found: [Retained] = []
        for id in state.retained.keys.sorted() where names.key(of: id)?.tenant == tenant {
            if let offset = state.retained[id] {
                found.append(Retained(topic: text(id, names), offset: offset))
            }
        }
        return found
    }
}

extension Picture.Delivery {
    init(_ delivery: UnsettledDelivery) {
        offset = delivery.offset
        attempts = delivery.attempts
        since = delivery.since
        standing =
            switch delivery.standing {
            case .givenUp: .givenUp
            case .owed, .revived: .owed
            case .held: .held
            case .leased, .settled: delivery.dueAt == .none ? .leased : .waiting
            }
    }
}

/// The state of a hub as it was: made by reading the log from its beginning, or as far back as it is kept, to the offset
/// that is asked for.
package struct PastState: ~Copyable {
    private var state: LoggedState

    /// Nothing is known yet.
    package init(_ settings: RouterSettings = RouterSettings()) {
        let window = DedupWindow.Bounds(
            entries: settings.dedupEntries, idBytes: settings.dedupIDBytes,
            milliseconds: settings.dedupMilliseconds)
        state = LoggedState(window, hashSeed: 0)
    }

    /// Takes the next record of the log.
    package mutating func take(_ record: RecordView, _ names: borrowing NameTable) {
        state.apply(record, names)
    }

    /// What it all came to, for a tenant.
    package func picture(of tenant: NameID, _ names: borrowing NameTable) -> Picture {
        Picture(of: state, tenant: tenant, names)
    }
}

extension Router {
    /// What the log says of a tenant now.
    package func picture(of tenant: NameID) -> Picture { Picture(of: logged, tenant: tenant, names) }
}
