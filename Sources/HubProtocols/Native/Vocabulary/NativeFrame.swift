package import HubModel

/// What an agent sent. Its texts lie in the buffer that travels along, unescaped; `data` lies there as it was written.
package enum NativeFrame: Sendable {
    /// Who it is, and what it knows.
    indirect case hello(NativeHello)
    /// A message, a command, an answer or a status. Its id is that of the frame.
    case publication(Publication)
    /// A sign of life.
    case heartbeat(NativeHeartbeat)
    /// It wants to be given messages.
    indirect case subscribe(NativeSubscribe)
    /// It no longer wants to be.
    case unsubscribe(id: Slice, consumer: Slice, delete: Bool)
    /// What became of deliveries.
    case settlement(Settlement)
    /// It wants to see again what was.
    indirect case replay(NativeReplay)
    /// It has seen enough of a replay, whose id this is.
    case cancel(id: Slice)
    /// A step in a session.
    case session(NativeSessionStep)
    /// It wants to be given less for now.
    case pause(id: Slice, NativeScope)
    /// It wants to be given all again.
    case resume(id: Slice, NativeScope)
    /// It asks who is there: all agents, or those whose id begins so.
    case agents(id: Slice, filter: Slice)
    /// It wants to know where agents are, or all of them; and to be told of changes from now on, or no more.
    indirect case presence(id: Slice, agents: [String], watch: Bool?)
    /// It wants an answer.
    case ping(id: Slice)
}

/// The first frame of an agent.
package struct NativeHello: Sendable, Equatable {
    /// The frame's id.
    package var id = Slice.empty
    /// Who it says it is.
    package var agent: String?
    /// A token that says so.
    package var token: String?
    /// The name of a key that the hub knows, and the signature that it made of the hub's challenge, in base64.
    package var key: String?
    /// See `key`.
    package var signature: String?
    /// The session of messages that name none.
    package var session: String?
    /// The program and its version, for people.
    package var client: String?
    /// How often it will beat, in seconds.
    package var heartbeatSeconds: Int?
    /// The epoch in which it last knew a position.
    package var epoch: Epoch?
    /// The last offset that it knows, in that epoch.
    package var offset: Offset?
    /// Whether it takes several frames in one array.
    package var takesBatches = false

    /// One that says nothing.
    package init() {}
}

/// A sign of life.
package struct NativeHeartbeat: Sendable, BitwiseCopyable {
    /// The frame's id.
    package var id = Slice.empty
    /// How it is, in a word.
    package var status = Slice.empty
    /// The deliveries that it works on: pairs of 64-bit offsets, least byte first, the first and the last of each run.
    package var workingOn = Slice.empty
    /// Everything that it said of itself, as it was written.
    package var data = Slice.empty

    /// One that says nothing.
    package init() {}
}

/// Where a consumer begins that is new.
package enum NativeStart: Sendable, Equatable {
    /// With what comes from now on.
    case new
    /// With the oldest that is kept.
    case all
    /// With the last message of each topic.
    case last
    /// At an offset.
    case offset(Offset)
    /// At a time.
    case time(Timestamp)
}

/// What an agent wants to be given. What is nil is for the hub to choose.
package struct NativeSubscribe: Sendable, Equatable {
    /// The frame's id.
    package var id = Slice.empty
    /// The consumer's name; nil for one that lives with the connection.
    package var consumer: String?
    /// The patterns of its topics; empty for the agent's own inbox.
    package var topics: [String] = []
    /// Whether several agents may be its members.
    package var isShared: Bool?
    /// Whether all messages of a session go to one member.
    package var isSticky: Bool?
    /// Where it begins if it is new.
    package var from: NativeStart?
    /// Whether deliveries are settled by the agent, and not by being handed over.
    package var isExplicit: Bool?
    /// Deliveries that may be unsettled at a time.
    package var inFlightMax: Int?
    /// How long a delivery may stay unsettled, in milliseconds.
    package var ackWaitMilliseconds: Int64?
    /// Deliveries of one message before it is given up.
    package var deliveriesMax: Int?
    /// The first delay before a message comes again, in milliseconds.
    package var backoffInitialMilliseconds: Int64?
    /// By how much each delay is longer than the one before, in thousandths.
    package var backoffFactorThousandths: Int?
    /// The longest delay, in milliseconds.
    package var backoffMaxMilliseconds: Int64?
    /// By how much delays are spread, in percent of themselves, either way.
    package var backoffJitterPercent: Int?

    /// The inbox, as the hub chooses.
    package init() {}
}

/// A place in what is replayed.
package enum NativePlace: Sendable, Equatable {
    /// A place in the log.
    case offset(Offset)
    /// A place in the session that is replayed.
    case sequence(SequenceNumber)
    /// A moment.
    case time(Timestamp)
}

/// How fast a replay goes.
package enum NativeSpeed: Sendable, Equatable {
    /// As fast as it can.
    case instant
    /// So many times as fast as it was; 1 is as it was.
    case times(Double)
}

/// What an agent wants to see again.
package struct NativeReplay: Sendable, Equatable {
    /// The frame's id, which its messages carry.
    package var id = Slice.empty
    /// The session; nil for topics.
    package var session: String?
    /// The patterns of topics.
    package var topics: [String] = []
    /// Where it begins; nil for the oldest that is kept.
    package var from: NativePlace?
    /// Where it ends, that place included; nil for what was there when it was asked for.
    package var to: NativePlace?
    /// How fast.
    package var speed = NativeSpeed.instant
    /// Messages at the most.
    package var limit: Int?

    /// Of everything that is then named.
    package init() {}
}

/// A step in a session.
package struct NativeSessionStep: Sendable, BitwiseCopyable {
    /// What is done.
    package enum Kind: Sendable, BitwiseCopyable {
        /// One party proposes it.
        case open
        /// The other one joins.
        case accept
        /// The other one declines.
        case reject
        /// One of them ends it.
        case close
    }

    /// What is done.
    package var kind: Kind
    /// The frame's id.
    package var id = Slice.empty
    /// The session.
    package var session = Slice.empty
    /// Whom it is to be with; empty for whoever accepts.
    package var with = Slice.empty
    /// What it is about or why it ends, as JSON; empty if nothing was said.
    package var data = Slice.empty

    /// A step of which nothing more is known.
    package init(_ kind: Kind) { self.kind = kind }
}

/// What is held back, and how much of it.
package struct NativeScope: Sendable, BitwiseCopyable, Equatable {
    /// What it is of.
    package enum Target: UInt8, Sendable, BitwiseCopyable {
        /// Everything for the connection.
        case connection
        /// A session.
        case session
        /// A consumer.
        case consumer
    }

    /// What it is of.
    package var target = Target.connection
    /// The session or the consumer.
    package var name = Slice.empty
    /// Only commands and sessions that are opened are held back, not everything.
    package var isOnlyWork = false

    /// All of the connection.
    package init() {}
}

/// Why a frame was not understood.
package struct NativeFault: Error, Sendable, Equatable {
    /// What was wrong and what would be right.
    package let refusal: Refusal
    /// The frame's id, if it could be read.
    package let id: Slice
    /// Whether the next frame of the array can be read.
    package let canGoOn: Bool
}
