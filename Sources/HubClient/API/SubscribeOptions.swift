/// Where a consumer begins that is new.
public enum StartPosition: Sendable, Equatable {
    /// With what comes from now on, and the retained values of its topics.
    case new
    /// With the oldest message that is kept.
    case all
    /// With the last message of each topic, then what comes.
    case last
    /// At an offset of the log.
    case offset(UInt64)
    /// At a time, in microseconds since 1970 began.
    case time(Int64)
}

/// When a delivery is settled.
public enum Acknowledgement: Sendable {
    /// When the loop over the subscription asks for the next one, or is left: the message was dealt with.
    case automatic
    /// When the program says so.
    case manual
    /// When the hub has sent it: what is on its way is lost with the connection.
    case onDelivery
}

/// What a subscription wants. What is nil is for the hub to choose.
public struct SubscribeOptions: Sendable {
    /// The consumer's name, which outlives client and hub: it goes on where it was. Nil for one that lives with the
    /// subscription.
    public var consumer: String?
    /// Whether several agents may share the consumer, and divide the messages among them.
    public var isShared = false
    /// Whether all messages of a session go to one of those that share.
    public var isSticky = false
    /// Where the consumer begins if it is new.
    public var from = StartPosition.new
    /// When a delivery is settled.
    public var acknowledgement = Acknowledgement.automatic
    /// Deliveries that may be unsettled at a time.
    public var inFlightMax = 256
    /// How long a delivery may stay unsettled before it comes again, in milliseconds.
    public var ackWaitMilliseconds: Int64?
    /// Deliveries of one message before it goes to the dead letters.
    public var deliveriesMax: Int?
    /// The first pause before a message comes again, in milliseconds.
    public var backoffInitialMilliseconds: Int64?
    /// By how much each pause is longer than the one before.
    public var backoffFactor: Double?
    /// The longest pause, in milliseconds.
    public var backoffMaxMilliseconds: Int64?

    /// What is new, acknowledged by itself.
    public init() {}

    /// A named consumer, acknowledged by itself.
    public init(consumer: String) { self.consumer = consumer }
}
