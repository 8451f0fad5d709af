/// Work for a hub: who publishes how, and who is given it.
struct Workload: Sendable {
    /// How deliveries are settled.
    enum Settling: String, Sendable {
        /// By themselves: the consumer lives with its connection.
        case none
        /// Each by a frame of its own.
        case each
        /// Each by its offset, those of one reading in one frame.
        case list
        /// All up to the last one that was read.
        case upTo = "up-to"
    }

    let name: String
    let summary: String
    var publishers = 1
    var consumers = 0
    /// Messages of one publisher that may be without a receipt.
    var window = 4096
    var messages: Int
    var sessions = 0
    var topics = 1
    /// Messages a second, all publishers together; 0 for as fast as receipts come.
    var rate = 0
    var settling = Settling.list
    /// Deliveries that a consumer may have unsettled.
    var inFlight = 8192
    /// Characters of a message's payload.
    var size = 256

    static let all = [
        Workload(name: "w1", summary: "1 publisher, window of 4,096", messages: 400_000),
        Workload(
            name: "w2", summary: "1 publisher, 1 durable consumer, all acknowledged", consumers: 1,
            messages: 400_000),
        Workload(
            name: "w3", summary: "4 publishers, 4 durable consumers, each gets all", publishers: 4,
            consumers: 4,
            messages: 200_000),
        Workload(name: "w4", summary: "1 publisher, window of 1", window: 1, messages: 3_000),
        Workload(
            name: "w5", summary: "1 publisher, 1,000 subscribers", consumers: 1000, window: 64,
            messages: 1_000,
            settling: .none),
        Workload(
            name: "w7", summary: "8 publishers, 1,000 sessions, 100 topics, 1 durable consumer",
            publishers: 8,
            consumers: 1, window: 512, messages: 400_000, sessions: 1000, topics: 100),
        Workload(
            name: "w11", summary: "1 publisher at 10,000 a second, 1 durable consumer", consumers: 1,
            messages: 50_000, rate: 10_000),
    ]

    /// Deliveries that make it complete.
    var deliveries: Int { messages * consumers }

    /// With what the command line says otherwise.
    mutating func adapt() throws {
        publishers = try setting("publishers", publishers, from: 1)
        consumers = try setting("consumers", consumers)
        window = try setting("window", window, from: 1)
        messages = try setting("messages", messages, from: 1)
        sessions = try setting("sessions", sessions)
        topics = try setting("topics", topics, from: 1)
        rate = try setting("rate", rate)
        inFlight = try setting("in-flight", inFlight, from: 1)
        size = try setting("size", size)
        if let text = word("ack") {
            guard let wanted = Settling(rawValue: text) else {
                throw LoadFailure("ack is none, each, list or up-to")
            }
            settling = wanted
        }
    }
}
