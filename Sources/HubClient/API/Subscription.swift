/// What a client is given of a consumer: a sequence of deliveries, which goes on across lost connections.
///
/// Several tasks may loop over the same subscription; each delivery goes to one of them. With automatic acknowledgement a
/// delivery is acknowledged when the loop that got it asks for another one; if the loop is left by an error or a `break`, the
/// delivery that it had comes again.
///
/// ```swift
/// for try await delivery in try await client.subscribe(["builds.>"]) {
///     print(delivery.topic ?? "", delivery.json)
/// }
/// ```
public struct Subscription: AsyncSequence, Sendable {
    /// What comes.
    public typealias Element = Delivery
    /// How it fails: the client has stopped, or the hub does not serve the consumer any more.
    public typealias Failure = ClientError

    /// The consumer's name, as the hub had it when the subscription began. One without a name of its own gets another one with
    /// each connection.
    public let consumer: String
    let key: Int
    let link: ClientLink
    let reader: HandOver<Delivery>
    let desk: SettlementDesk
    let acknowledgement: Acknowledgement

    /// What one loop takes at a time. Where deliveries wait for their acknowledgement another loop may be free sooner.
    var takeMax: Int { acknowledgement == .onDelivery ? .max : 1 }

    /// Ends the subscription. A named consumer stays with the hub and keeps its place; `deletingConsumer` has it forgotten.
    public func cancel(deletingConsumer: Bool = false) async throws(ClientError) {
        let waiter = Waiter<HubReply>()
        guard link.inbox.order(.unsubscribe(key: key, delete: deletingConsumer, waiter)) else { return }
        reader.abandon()
        _ = try await waiter.value()
    }

    /// Acknowledges everything up to an offset.
    public func ack(upTo offset: UInt64) { desk.settle(upTo: offset) }

    /// A loop over the deliveries.
    public func makeAsyncIterator() -> Iterator { Iterator(self) }

    /// What a loop has.
    public struct Iterator: AsyncIteratorProtocol {
        private let subscription: Subscription
        private var batch: [Delivery] = []
        private var position = 0
        private var unsettled: UInt64?

        init(_ subscription: Subscription) { self.subscription = subscription }

        /// The next delivery; nil once the subscription was cancelled or the client closed.
        public mutating func next() async throws(ClientError) -> Delivery? {
            try await next(isolation: #isolation)
        }

        /// The next delivery, without leaving the actor that asks.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(ClientError) -> Delivery? {
            if let offset = unsettled.take() { subscription.desk.settle(offset, .acknowledged) }
            while position == batch.count {
                switch await subscription.reader.take(upTo: subscription.takeMax) {
                case .elements(let elements):
                    batch = elements
                    position = 0
                case .end(nil), .cancelled: return nil
                case .end(let error?): throw error
                }
            }
            defer { position += 1 }
            if subscription.acknowledgement == .automatic { unsettled = batch[position].offset }
            return batch[position]
        }
    }
}

/// What was, shown again: a sequence that ends where the replay ends.
public struct Replay: AsyncSequence, Sendable {
    /// What comes.
    public typealias Element = Delivery
    /// How it fails: the hub refused it, or the client has stopped.
    public typealias Failure = ClientError

    let key: Int
    let link: ClientLink
    let reader: HandOver<Delivery>

    /// Ends it.
    public func cancel() {
        link.inbox.order(.cancelReplay(key: key))
        reader.abandon()
    }

    /// A loop over the messages.
    public func makeAsyncIterator() -> Iterator { Iterator(reader: reader) }

    /// What a loop has.
    public struct Iterator: AsyncIteratorProtocol {
        let reader: HandOver<Delivery>
        private var batch: [Delivery] = []
        private var position = 0

        init(reader: HandOver<Delivery>) { self.reader = reader }

        /// The next message; nil at the end.
        public mutating func next() async throws(ClientError) -> Delivery? {
            try await next(isolation: #isolation)
        }

        /// The next message, without leaving the actor that asks.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(ClientError) -> Delivery? {
            while position == batch.count {
                switch await reader.take() {
                case .elements(let elements):
                    batch = elements
                    position = 0
                case .end(nil), .cancelled: return nil
                case .end(let error?): throw error
                }
            }
            defer { position += 1 }
            return batch[position]
        }
    }
}
