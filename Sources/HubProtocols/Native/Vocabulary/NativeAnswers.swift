package import HubModel

/// What the hub says to an agent that has said who it is.
package struct NativeWelcome: Sendable, Equatable {
    /// A consumer of the agent's, with what waits for it.
    package struct Consumer: Sendable, Equatable {
        /// Its name.
        package var name: String
        /// Messages that it has not been given.
        package var pending: Int
        /// Deliveries that it has not settled.
        package var inFlight: Int

        /// One with what waits for it.
        package init(name: String, pending: Int, inFlight: Int) {
            self.name = name
            self.pending = pending
            self.inFlight = inFlight
        }
    }

    /// The agent, as the hub knows it.
    package var agent: String
    /// The hub's name.
    package var hub: String
    /// The hub's version.
    package var version: String
    /// The epoch of its log.
    package var epoch: Epoch
    /// The offset that comes next.
    package var head: Offset
    /// How often the agent should beat, in seconds.
    package var heartbeatSeconds: Int
    /// Bytes of `data` at the most.
    package var messageBytesMax: Int
    /// Frames of one array at the most.
    package var batchFramesMax: Int
    /// Its consumers.
    package var consumers: [Consumer]

    /// All of it.
    package init(
        agent: String, hub: String, version: String, epoch: Epoch, head: Offset, heartbeatSeconds: Int,
        messageBytesMax: Int, batchFramesMax: Int, consumers: [Consumer] = []
    ) {
        self.agent = agent
        self.hub = hub
        self.version = version
        self.epoch = epoch
        self.head = head
        self.heartbeatSeconds = heartbeatSeconds
        self.messageBytesMax = messageBytesMax
        self.batchFramesMax = batchFramesMax
        self.consumers = consumers
    }
}

/// What became of a message that was taken.
package struct NativeReceipt: Sendable, BitwiseCopyable, Equatable {
    /// Its place in its session.
    package var sequence: SequenceNumber
    /// Its place in the log.
    package var offset: Offset
    /// How firmly it is kept.
    package var durability: Durability
    /// Whether it was taken before, under the same id.
    package var isDuplicate = false
    /// Whether it is for an agent that is not connected: kept until that is.
    package var isAddresseeAway = false

    /// The receipt of a message at a place.
    package init(sequence: SequenceNumber, offset: Offset, durability: Durability) {
        self.sequence = sequence
        self.offset = offset
        self.durability = durability
    }
}

/// What cannot be given because it is not there.
package struct NativeGap: Sendable, BitwiseCopyable, Equatable {
    /// What `name` names.
    package enum Subject: UInt8, Sendable, BitwiseCopyable {
        /// A consumer: the places are offsets.
        case consumer
        /// A session: the places are sequence numbers.
        case session
        /// A replay, by the id of its frame: the places are offsets.
        case replay
        /// What the agent knew: the places are offsets.
        case connection
    }

    /// Why it is not there.
    package enum Reason: String, Sendable, BitwiseCopyable, CaseIterable {
        /// Retention removed it.
        case retention
        /// The disk changed it: its checksum does not hold.
        case damaged
        /// It expired before it could be given.
        case expired
        /// The log is another one, or lost its end: places that the agent remembers mean nothing.
        case epoch
    }

    /// What it concerns.
    package var subject: Subject
    /// The first place that is missing.
    package var from: UInt64
    /// The last place that is missing.
    package var to: UInt64
    /// Why.
    package var reason: Reason

    /// A gap between two places, both included.
    package init(_ subject: Subject, from: UInt64, to: UInt64, _ reason: Reason) {
        self.subject = subject
        self.from = from
        self.to = to
        self.reason = reason
    }
}

/// Where an agent is.
package enum NativePresence: String, Sendable, BitwiseCopyable, CaseIterable {
    /// Nothing was ever heard of it.
    case unknown
    /// It is connected and beats.
    case online
    /// It is connected and has missed beats.
    case silent
    /// It is not connected.
    case offline
}

/// Why a replay ended.
package enum NativeReplayEnd: String, Sendable, BitwiseCopyable, CaseIterable {
    /// Everything was sent.
    case complete
    /// As many messages were sent as were asked for.
    case limit
    /// The agent had seen enough.
    case cancelled
}

/// What an operator did to a consumer.
package enum NativeConsumerEvent: Sendable, BitwiseCopyable, Equatable {
    /// It is no more.
    case deleted
    /// It goes on from another offset.
    case moved(Offset)
    /// It is held back.
    case paused
    /// It goes on.
    case resumed
}
