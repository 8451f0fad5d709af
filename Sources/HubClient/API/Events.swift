import Synchronization

/// What happens to a client, as a sequence that ends with it. Each event goes to one loop.
public struct ClientEvents: AsyncSequence, Sendable {
    /// What comes.
    public typealias Element = ClientEvent
    /// It does not fail.
    public typealias Failure = Never

    let link: ClientLink

    /// A loop over the events.
    public func makeAsyncIterator() -> Iterator { Iterator(link: link) }

    /// What a loop has.
    public struct Iterator: AsyncIteratorProtocol {
        let link: ClientLink
        private var batch: [ClientEvent] = []
        private var position = 0

        init(link: ClientLink) { self.link = link }

        /// The next event; nil once the client is over.
        public mutating func next() async -> ClientEvent? {
            await next(isolation: #isolation)
        }

        /// The next event, without leaving the actor that asks.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> ClientEvent? {
            while position == batch.count {
                guard case .elements(let elements) = await link.events.take() else { return nil }
                let missed = link.missedEvents.exchange(0, ordering: .relaxed)
                batch = missed > 0 ? [.missed(missed)] + elements : elements
                position = 0
            }
            defer { position += 1 }
            return batch[position]
        }
    }
}

/// Where agents are, and every change of it: a sequence that ends with the client. Each state goes to one loop.
public struct PresenceChanges: AsyncSequence, Sendable {
    /// What comes.
    public typealias Element = AgentState
    /// It does not fail.
    public typealias Failure = Never

    let reader: HandOver<AgentState>

    /// A loop over the changes.
    public func makeAsyncIterator() -> Iterator { Iterator(reader: reader) }

    /// What a loop has.
    public struct Iterator: AsyncIteratorProtocol {
        let reader: HandOver<AgentState>
        private var batch: [AgentState] = []
        private var position = 0

        init(reader: HandOver<AgentState>) { self.reader = reader }

        /// The next change; nil once the client is over.
        public mutating func next() async -> AgentState? {
            await next(isolation: #isolation)
        }

        /// The next change, without leaving the actor that asks.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> AgentState? {
            while position == batch.count {
                guard case .elements(let elements) = await reader.take() else { return nil }
                batch = elements
                position = 0
            }
            defer { position += 1 }
            return batch[position]
        }
    }
}
