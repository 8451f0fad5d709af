/// What the core knows of a subscription.
struct SubscriptionState {
    let filter: Filter
    let options: SubscribeOptions
    /// The consumer, as the hub calls it on this connection.
    var consumer: String?
    /// The same, to be compared with.
    var consumerBytes: [UInt8] = []
    /// The question that is not answered.
    var request: UInt64?
    /// Whether the hub has agreed to it once.
    var wasServed = false
    /// Where the consumer began, or was when the hub said so.
    var position: UInt64?
    /// When the last message was taken by the hub, in microseconds since 1970 began.
    var lastTime: Int64?
    var memory: ConsumerMemory
    /// Until when what comes again comes because of a lost connection.
    var echoesUntil = Int64.max
    /// The log has begun anew, and the offsets are not known yet.
    var isNewEpoch = false

    init(_ filter: Filter, _ options: SubscribeOptions) {
        self.filter = filter
        self.options = options
        memory = ConsumerMemory(inFlightMax: options.inFlightMax)
    }

    var lastOffset: UInt64? { memory.lastOffset }

    /// Where the consumer is to begin if the hub does not know it.
    var start: StartPosition {
        guard wasServed, options.consumer == nil else { return options.from }
        // A consumer that lived with a connection goes on behind what it saw; in another epoch only times still mean
        // something, and those of the same moment are seen twice rather than never.
        if isNewEpoch { return lastTime.map { .time($0) } ?? options.from }
        let next = max(lastOffset.map { $0 + 1 } ?? 0, position ?? 0)
        return next > 0 ? .offset(next) : options.from
    }
}

/// What the core knows of a replay.
struct ReplayState {
    var spec: ReplaySpec
    var request: UInt64
}
