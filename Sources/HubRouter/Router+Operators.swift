import HubBytes
package import HubModel

/// Who wants something of the router that is not about messages, and how its answer is marked.
package struct OperatorRequest: Sendable, Equatable {
    /// Whom to answer; nobody, if nobody waits.
    package let connection: ConnectionID?
    /// What the receipt is marked with.
    package let tag: UInt64

    /// A request of a connection.
    package init(_ connection: ConnectionID?, tag: UInt64 = 0) {
        self.connection = connection
        self.tag = tag
    }

    var origin: Router.Origin { Router.Origin(connection: connection, tag: tag, durability: .fsynced) }
}

/// What operators do about consumers. Who may is for the caller to know.
extension Router {
    /// Puts a consumer somewhere else: it gets what comes from there on, whatever it had.
    package mutating func move(
        consumer name: NameID, to offset: Offset, _ request: OperatorRequest, now: Timestamp,
        _ block: inout Block
    ) throws(Refusal) {
        let consumer = try logged(name)
        packer.reset()
        packer.put(min(offset, logged.appliedTo).rawValue)
        notePacked(.consumerMove, about: name, consumer.tenant, now: now, &block, from: request.origin)
    }

    /// Holds a consumer back.
    package mutating func pause(
        consumer name: NameID, _ request: OperatorRequest, now: Timestamp, _ block: inout Block
    ) throws(Refusal) {
        try notePause(.pause, name, request, now: now, &block)
    }

    /// Lets a consumer go on.
    package mutating func resume(
        consumer name: NameID, _ request: OperatorRequest, now: Timestamp, _ block: inout Block
    ) throws(Refusal) {
        try notePause(.resume, name, request, now: now, &block)
    }

    /// Deletes a consumer. What it had not settled is nobody's business any more.
    package mutating func delete(
        consumer name: NameID, _ request: OperatorRequest, now: Timestamp, _ block: inout Block
    ) throws(Refusal) {
        let consumer = try logged(name)
        packer.reset()
        notePacked(.consumerDelete, about: name, consumer.tenant, now: now, &block, from: request.origin)
        ending[name, default: 0] += 1
    }

    private mutating func notePause(
        _ kind: MessageKind, _ name: NameID, _ request: OperatorRequest, now: Timestamp, _ block: inout Block
    ) throws(Refusal) {
        let consumer = try logged(name)
        packer.reset()
        notePacked(kind, about: name, consumer.tenant, now: now, &block, from: request.origin)
    }

    private func logged(_ name: NameID) throws(Refusal) -> LoggedConsumer {
        guard let consumer = logged.consumers[name] else {
            throw Refusal(
                .unknownConsumer, "there is no such consumer; a subscription with its name makes it")
        }
        return consumer
    }

    /// The handle of a consumer that has a name.
    package func handle(of consumer: NameID) -> ConsumerHandle? { consumerOfName[consumer] }
}
