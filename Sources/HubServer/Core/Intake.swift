package import HubBytes
package import HubModel
package import HubProtocols
package import HubRouter

/// What those on one loop ask of the core, collected over a turn or more: it is handed over at once. Texts lie in
/// `bytes`.
package struct Intake: ~Copyable, Sendable {
    /// Whose it is.
    package let loop: Int
    /// Texts and payloads.
    package var bytes = ByteBuffer(capacity: 1 << 12)
    /// What is asked, in order.
    package var orders: [Order] = []

    /// An empty one of a loop.
    package init(loop: Int) { self.loop = loop }

    /// Whether nothing is asked.
    package var isEmpty: Bool { orders.isEmpty }

    /// Forgets everything and keeps an ordinary amount of memory.
    package mutating func reset() {
        bytes.removeAll()
        bytes.shrink(toCapacity: Self.keptBytes)
        orders.removeAll(keepingCapacity: orders.capacity <= Self.keptOrders)
    }

    private static let keptBytes = 4 << 20
    private static let keptOrders = 16_384
}

/// One thing that somebody asks of the core.
package struct Order: Sendable {
    /// Who asks.
    package let seat: Seat
    /// What the answer is to be marked with.
    package let tag: UInt64
    /// What is asked.
    package let what: What

    /// What can be asked.
    package enum What: Sendable {
        /// To be known under a name.
        case connect(Introduction)
        /// To be known no more.
        case disconnect
        /// To be spared for now, as too much waits to be sent; or no longer.
        case full(Bool)
        /// To be known to be alive.
        case heard
        /// To route something.
        case publish(Publication)
        /// To settle deliveries.
        case settle(Settlement)
        /// To know that deliveries are being worked on: pairs of offsets as in a settlement.
        case beat(Slice)
        /// To be given messages.
        case subscribe(SubscriptionOrder)
        /// To be given no more of them; or to delete the consumer besides.
        case unsubscribe(consumer: Slice, delete: Bool)
        /// A step in a session.
        case step(SessionOrder)
        /// To be given nothing for now, or to go on.
        case pause(PauseScope?)
        /// To hold a consumer back, or to let it go on.
        case holdConsumer(Slice, Bool)
        /// To be told who comes and goes: everyone, without a name.
        case watch(Slice?)
        /// To be told so no more.
        case unwatch
        /// Something rare.
        case task(CoreTask)
    }

    /// An order.
    package init(_ seat: Seat, tag: UInt64 = 0, _ what: What) {
        self.seat = seat
        self.tag = tag
        self.what = what
    }
}

/// Something rare that is done on the core's thread.
package typealias CoreTask = @Sendable (inout Core) -> Void

/// Whose a seat is.
package final class Introduction: Sendable {
    /// The agent's id.
    package let agent: String
    /// Whose agent it is.
    package let tenant: String
    /// What it is to the router.
    package let role: ConnectionRole

    /// Who it is, and what.
    package init(agent: String, tenant: String, _ role: ConnectionRole) {
        self.agent = agent
        self.tenant = tenant
        self.role = role
    }
}

/// What somebody wants to be given. Nil is the hub's default.
package final class SubscriptionOrder: Sendable {
    /// Where a new consumer begins.
    package enum Start: Sendable, Equatable {
        case at(ConsumerStart)
        /// At an offset that somebody remembers; with what comes, if the log has not got so far in its present life.
        case behind(Offset)
        /// With what was taken at a time or later.
        case time(Timestamp)
    }

    /// The consumer's name; empty for one that lives with the seat.
    package let name: String
    /// What is wanted.
    package let filter: Subscription.Filter
    /// How.
    package let settings: ConsumerSettings
    /// Where it begins, if it is new.
    package let start: Start
    /// Those of whoever wants it; nil if a consumer that is there already need not be compared with them.
    package let rights: CompiledRights?

    /// What is wanted, and how.
    package init(
        name: String, _ filter: Subscription.Filter, _ settings: ConsumerSettings, from start: Start,
        rights: CompiledRights? = nil
    ) {
        self.rights = rights
        self.name = name
        self.filter = filter
        self.settings = settings
        self.start = start
    }
}

/// A step in a session. Texts lie in the intake.
package struct SessionOrder: Sendable {
    /// What is done.
    package var kind: SessionStep.Kind
    /// The session.
    package var session: Slice
    /// Whom it is to be with.
    package var with = Slice.empty
    /// The step's own id.
    package var id = Slice.empty
    /// Purpose or reason.
    package var payload = Slice.empty
    /// Which protocol its sender speaks.
    package var dialect: UInt8 = 0

    /// A step.
    package init(_ kind: SessionStep.Kind, _ session: Slice) {
        self.kind = kind
        self.session = session
    }
}
