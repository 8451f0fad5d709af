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
