package import HubModel

/// A consumer while the hub runs: named ones keep their name's number besides.
package struct ConsumerHandle: Hashable, Sendable, CustomStringConvertible {
    /// Its place among the consumers.
    package let index: UInt32
    /// Which of those that had the place.
    package let generation: UInt32

    /// The consumer at a place, of a generation.
    package init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// Place and generation.
    package var description: String { "c\(index).\(generation)" }
}

/// What the router wants done. The server does it and empties the lists, whose memory is used again.
package struct Effects: ~Copyable {
    /// A sender is told what became of what it proposed.
    package struct Receipt: Equatable, Sendable {
        /// Whom to tell.
        package let connection: ConnectionID
        /// What the sender's frame was marked with when it was proposed.
        package let tag: UInt64
        /// Where the record is.
        package let offset: Offset
        /// Its conversation; none if it has none.
        package let session: NameID
        /// Its place in that.
        package let sequence: SequenceNumber
        /// How firmly it is kept.
        package let durability: Durability
        /// Whether it was taken before, under the same id.
        package var isDuplicate = false
        /// Whether it is for an agent that is not connected: kept until that is.
        package var isAddresseeAway = false
    }

    /// A sender is told that nothing came of what it proposed.
    package struct Rejection: Equatable, Sendable {
        /// Whom to tell.
        package let connection: ConnectionID
        /// What its frame was marked with.
        package let tag: UInt64
        /// Why.
        package let reason: Refusal
    }

    /// A member of a consumer is given a message.
    package struct Delivery: Equatable, Sendable {
        /// Whom to give it.
        package let connection: ConnectionID
        /// On whose behalf.
        package let consumer: ConsumerHandle
        /// Where the record is: its place in the block that is being applied or in the page that was read.
        package let index: Int
        /// Its offset.
        package let offset: Offset
        /// The how-manieth time.
        package let attempt: Int
    }

    /// Records are needed that are not at hand.
    package struct Read: Equatable, Sendable {
        /// What for.
        package enum Purpose: Equatable, Sendable {
            /// The next page of what a consumer wants, from an offset on.
            case page(from: Offset)
            /// One record, to be delivered again or to become a dead letter.
            case record(Offset)
        }

        /// Which read it is: what it brings is handed in with it.
        package let number: UInt64
        /// Who needs it.
        package let consumer: ConsumerHandle
        /// What for.
        package let purpose: Purpose
        /// How many records are of use at the most.
        package let limit: Int
    }

    /// Something that somebody should know.
    package enum Event: Equatable, Sendable {
        /// A consumer's deliveries wait for acknowledgements.
        case stalled(ConsumerHandle, inFlight: Int, limit: Int)
        /// Messages that a consumer should have had are gone.
        case gap(ConsumerHandle, Gap)
        /// A message went to the dead letters.
        case deadLetter(consumer: NameID, message: Offset, letter: Offset, DeadLetterReason)
        /// A command's sender gets no answer.
        case commandTimedOut(sender: NameID, offset: Offset)
        /// An agent came, went or fell silent.
        case presence(agent: NameID, Presence)
        /// A consumer is no more.
        case consumerDeleted(NameID)
        /// A consumer stands somewhere else: an operator moved it.
        case consumerMoved(NameID, to: Offset)
        /// A consumer is held back, or goes on.
        case consumerPaused(NameID, Bool)
    }

    /// An event, for somebody whom it concerns.
    package struct Notice: Equatable, Sendable {
        /// Who is told.
        package let connection: ConnectionID
        /// Of what.
        package let event: Event
    }

    /// What became of a connection, or of what it asked for.
    package enum Answer: Equatable, Sendable {
        /// It gave way to a newer one of the same agent.
        case replaced(ConnectionID)
        /// It has to say again whose it is: the log does not know its agent.
        case unknown(ConnectionID)
        /// Its agent has said nothing for so long that it counts as gone.
        case silent(ConnectionID)
        /// A consumer came to be or was found: the answer to its subscription.
        case subscribed(ConnectionID, tag: UInt64, ConsumerHandle, position: Offset)
    }

    /// Who is told what became of what it proposed, in order.
    package var receipts: [Receipt] = []
    /// Who is told that nothing came of it.
    package var rejections: [Rejection] = []
    /// Who is given what, in order.
    package var deliveries: [Delivery] = []
    /// What has to be read.
    package var reads: [Read] = []
    /// What became of connections and subscriptions.
    package var answers: [Answer] = []
    /// What operators should know.
    package var events: [Event] = []
    /// What those should know whom it concerns.
    package var notices: [Notice] = []

    /// Nothing yet.
    package init() {}

    /// Whether there is nothing to do.
    package var isEmpty: Bool {
        receipts.isEmpty && rejections.isEmpty && deliveries.isEmpty && reads.isEmpty && answers.isEmpty
            && events.isEmpty && notices.isEmpty
    }

    /// Forgets everything and keeps the memory.
    package mutating func removeAll() {
        receipts.removeAll(keepingCapacity: true)
        rejections.removeAll(keepingCapacity: true)
        deliveries.removeAll(keepingCapacity: true)
        reads.removeAll(keepingCapacity: true)
        answers.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
        notices.removeAll(keepingCapacity: true)
    }
}
