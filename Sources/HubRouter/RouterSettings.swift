package import HubModel

/// Limits and defaults of the router. All are configuration; none depends on traffic.
package struct RouterSettings: Sendable, Equatable {
    /// What a consumer gets that asks for nothing else.
    package var consumer = ConsumerSettings()
    /// How long a message's id is remembered, in milliseconds.
    package var dedupMilliseconds: Int64 = 120_000
    /// How many ids are remembered.
    package var dedupEntries = 1_000_000
    /// Bytes of their ids together.
    package var dedupIDBytes = 64 << 20
    /// Consumers of the hub, nameless ones included.
    package var consumersMax = 100_000
    /// Sessions that agents opened and nobody closed.
    package var sessionsMax = 1_000_000
    /// Names of all kinds that agents may make known to the log: agents, topics, sessions, consumers, tenants, and those
    /// of the sessions and status topics that follow from what they send.
    package var namesMax = 10_000_000
    /// What each agent may use.
    package var agentQuota = Quota()
    /// What each tenant may use that has no quota of its own.
    package var tenantQuota = Quota()
    /// Bytes of a payload.
    package var payloadBytesMax = 1 << 20
    /// How long a command waits for its answer if its sender does not say, in milliseconds.
    package var commandMilliseconds: Int64 = 30_000
    /// The longest that a command may wait, in milliseconds.
    package var commandMillisecondsMax: Int64 = 3_600_000
    /// How long bookkeeping waits for a message to travel with, in milliseconds.
    package var lazyMilliseconds: Int64 = 5

    /// Records of a page that a consumer reads.
    package var pageRecordsMax = 1024

    /// The defaults.
    package init() {}
}

/// How much of the hub one agent or one tenant may use. 0 is no limit.
package struct Quota: Sendable, Equatable {
    /// Messages a second, with a burst of as many.
    package var messagesPerSecond: Int64 = 0
    /// Bytes of payload a second, with a burst of as many.
    package var bytesPerSecond: Int64 = 0
    /// Sessions opened and not closed.
    package var sessions = 0
    /// Consumers: for an agent those that it is a member of, for a tenant all of its.
    package var consumers = 0
    /// Bytes in the log; for a tenant only, as it is the log that counts them.
    package var storedBytes: Int64 = 0

    /// No limits.
    package init() {}
}

/// What a consumer wants, how much at a time, and what happens when it does not answer.
package struct ConsumerSettings: Sendable, Equatable {
    /// When a delivery counts as settled.
    package enum Acknowledgement: UInt8, Sendable {
        /// When it was handed to the connection.
        case automatic = 0
        /// When the consumer says so.
        case explicit = 1
    }

    /// When a delivery counts as settled.
    package var acknowledgement = Acknowledgement.explicit
    /// Deliveries that may be unsettled at a time.
    package var inFlightMax = 256
    /// How long a delivery may stay unsettled, in milliseconds.
    package var ackWaitMilliseconds: Int64 = 30_000
    /// Deliveries of one message before it is given up.
    package var deliveriesMax = 20
    /// The first delay before a message comes again, in milliseconds.
    package var backoffInitialMilliseconds: Int64 = 1000
    /// By how much each delay is longer than the one before, in thousandths.
    package var backoffFactorThousandths = 2000
    /// The longest delay, in milliseconds.
    package var backoffMaxMilliseconds: Int64 = 120_000
    /// By how much delays are spread, in percent of themselves, either way.
    package var backoffJitterPercent = 20
    /// Whether messages of one session go to one member of the group.
    package var isSticky = false
    /// Whether several agents may be its members and divide the messages among them. One that is not shared serves one
    /// agent at a time.
    package var isShared = false

    /// The defaults.
    package init() {}

    /// What is wrong with the settings, if anything.
    package var objection: Refusal? {
        func range(_ name: String, _ value: Int64, _ allowed: ClosedRange<Int64>) -> Refusal? {
            allowed.contains(value)
                ? nil
                : Refusal(
                    .badField,
                    "\(name) is \(value); allowed is \(allowed.lowerBound) to \(allowed.upperBound)")
        }
        return range("max_in_flight", Int64(inFlightMax), 1...Int64(Self.inFlightLimit))
            ?? range("ack_wait_ms", ackWaitMilliseconds, 10...86_400_000)
            ?? range("max_deliver", Int64(deliveriesMax), 1...1000)
            ?? range("backoff.initial_ms", backoffInitialMilliseconds, 0...86_400_000)
            ?? range("backoff.factor", Int64(backoffFactorThousandths), 1000...100_000)
            ?? range("backoff.max_ms", backoffMaxMilliseconds, 0...86_400_000)
            ?? range("backoff.jitter", Int64(backoffJitterPercent), 0...100)
    }

    /// The most that `inFlightMax` can be.
    package static let inFlightLimit = 65_536
}

/// Where a consumer begins that is new. Whoever wants to begin at a time asks the log for the offset.
package enum ConsumerStart: Sendable, Equatable {
    /// With what comes from now on, and the retained values of its topics.
    case new
    /// With the last message of each of its topics, then what comes.
    case last
    /// At an offset.
    case offset(Offset)

    /// With the oldest that is kept.
    package static let all = ConsumerStart.offset(.zero)
}
