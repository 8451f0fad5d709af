import HubBytes
import HubSystem
import Synchronization

// Sending messages.
extension HubClient {
    /// Publishes to a topic, and waits for the receipt.
    @discardableResult
    public func publish(
        topic: String, _ data: Payload, options: PublishOptions = PublishOptions()
    ) async throws(ClientError) -> Receipt {
        try await send(.message(.topic(topic)), data, options)
    }

    /// Sends to one agent, and waits for the receipt. An agent that is not there gets it when it comes.
    @discardableResult
    public func publish(
        to agent: String, _ data: Payload, options: PublishOptions = PublishOptions()
    ) async throws(ClientError) -> Receipt {
        try await send(.message(.agent(agent)), data, options)
    }

    /// Says how the agent is: the last status is kept, and told to whoever watches. `details` is an object whose fields stand
    /// beside the status.
    @discardableResult
    public func status(
        _ word: String, currentTask: String? = nil, progress: Double? = nil
    ) async throws(ClientError) -> Receipt {
        let data = MessageData.status(word, currentTask: currentTask, progress: progress)
        return try await send(.status, data, PublishOptions())
    }

    func send(
        _ kind: MessageWriter.Kind, _ data: Payload, _ options: PublishOptions
    ) async throws(ClientError) -> Receipt {
        let waiter = ReceiptWaiter()
        try submit(kind, data, options, .waiter(waiter))
        return try await waiter.value()
    }

    /// Publishes to a topic without waiting: the receipt goes to the lane, if there is one. Throws `outboxFull` if too many
    /// receipts are due.
    public func post(
        topic: String, _ data: Payload, options: PublishOptions = PublishOptions(), on lane: PostLane? = nil,
        tag: UInt64 = 0
    ) throws(ClientError) {
        try submit(.message(.topic(topic)), data, options, lane.map { .lane($0, tag: tag) } ?? .nobody)
    }

    /// Sends to one agent without waiting, as `post(topic:_:options:on:tag:)`.
    public func post(
        to agent: String, _ data: Payload, options: PublishOptions = PublishOptions(),
        on lane: PostLane? = nil,
        tag: UInt64 = 0
    ) throws(ClientError) {
        try submit(.message(.agent(agent)), data, options, lane.map { .lane($0, tag: tag) } ?? .nobody)
    }

    /// Waits until at most half of what may be without a receipt is.
    public func waitForRoom() async throws(ClientError) { try await link.inbox.waitForRoom() }

    /// Writes a message and puts it in the outbox.
    @discardableResult
    func submit(
        _ kind: MessageWriter.Kind, _ data: Payload, _ options: PublishOptions, _ completion: Completion,
        order: ((UInt64) -> ClientOrder)? = nil
    ) throws(ClientError) -> UInt64 {
        try data.check()
        let limit = link.payloadBytesMax.load(ordering: .relaxed)
        guard data.bytes.count <= limit else {
            throw .badArgument("the data has \(data.bytes.count) bytes; the hub takes up to \(limit)")
        }
        var expiry = Int64.max
        if let ttl = options.ttlMilliseconds {
            guard ttl > 0 else { throw .badArgument("a time to live is 1 ms or more") }
            let now = Int64(SystemClock.monotonicNanoseconds() / 1_000_000)
            expiry = now.addingReportingOverflow(ttl).partialValue
        }
        let writer = MessageWriter(
            kind: kind, data: data, options: options, session: options.session ?? link.options.session,
            ids: link.ids)
        return try link.inbox.submit(writer, completion, expiry: expiry, order: order)
    }
}
