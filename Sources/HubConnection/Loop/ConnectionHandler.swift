package import HubBytes
package import HubSystem

/// What is done with the bytes of a loop's connections. One handler for each loop, made and used on its thread.
///
/// A handler is told of a connection and given the loop, through which it sends, closes and arms timers; it is never
/// called from within a call of its own. For each connection `opened` comes at most once and `closed` once, last.
package protocol ConnectionHandler: ~Copyable, SendableMetatype {
    /// What other threads send to this one: batches, not single small things.
    associatedtype Message: Sendable

    /// The loop begins to run.
    mutating func started(_ loop: inout EventLoop)

    /// A connection is there. With a transform attached here, it is secured before a byte of it is seen.
    mutating func opened(_ connection: ConnectionID, _ origin: ConnectionOrigin, _ loop: inout EventLoop)

    /// The transform that was attached has finished its handshake.
    mutating func secured(
        _ connection: ConnectionID, _ transform: any TransportTransform, _ loop: inout EventLoop)

    /// Bytes that were not made use of before and such as came in since, in place; they may be changed, for
    /// unmasking, but must stay as many. The answer says how many of the first ones are done with; the others are
    /// shown again, with more behind them.
    mutating func received(
        _ connection: ConnectionID, _ bytes: inout ByteBuffer, _ loop: inout EventLoop
    ) -> Int

    /// The other side sends no more. What was not made use of by now never will be.
    mutating func ended(_ connection: ConnectionID, _ loop: inout EventLoop)

    /// More waits to be sent than the high-water mark.
    mutating func filled(_ connection: ConnectionID, _ loop: inout EventLoop)

    /// A connection that was full has sent down to the low-water mark.
    mutating func hasRoom(_ connection: ConnectionID, _ loop: inout EventLoop)

    /// A connection is gone; its id names nothing any more.
    mutating func closed(_ connection: ConnectionID, _ reason: CloseReason, _ loop: inout EventLoop)

    /// A message from another thread.
    mutating func took(_ message: Message, _ loop: inout EventLoop)

    /// Messages were refused since the mailbox was full, and now there is room.
    mutating func mailboxHasRoom(_ loop: inout EventLoop)

    /// A timer that the handler armed is due.
    mutating func timerFired(_ payload: UInt64, _ loop: inout EventLoop)

    /// A datagram arrived.
    mutating func datagram(
        _ endpoint: DatagramEndpoint, from: SocketAddress, _ bytes: RawSpan, _ loop: inout EventLoop)

    /// Something that an operator should know.
    mutating func noticed(_ notice: LoopNotice, _ loop: inout EventLoop)

    /// All that a turn brought has been told: what was collected can be handed on.
    mutating func turned(_ loop: inout EventLoop)

    /// The loop is about to stop: all connections are closed after this, once what is sent here is sent.
    mutating func stopping(_ loop: inout EventLoop)
}

// What a handler that does not care does.
extension ConnectionHandler where Self: ~Copyable {
    /// Nothing.
    package mutating func started(_ loop: inout EventLoop) {}
    /// Nothing.
    package mutating func opened(
        _ connection: ConnectionID, _ origin: ConnectionOrigin, _ loop: inout EventLoop
    ) {}
    /// Nothing.
    package mutating func secured(
        _ connection: ConnectionID, _ transform: any TransportTransform, _ loop: inout EventLoop
    ) {}
    /// Sends the rest and closes.
    package mutating func ended(_ connection: ConnectionID, _ loop: inout EventLoop) {
        loop.close(connection)
    }
    /// Nothing.
    package mutating func filled(_ connection: ConnectionID, _ loop: inout EventLoop) {}
    /// Nothing.
    package mutating func hasRoom(_ connection: ConnectionID, _ loop: inout EventLoop) {}
    /// Nothing.
    package mutating func closed(
        _ connection: ConnectionID, _ reason: CloseReason, _ loop: inout EventLoop
    ) {}
    /// Nothing.
    package mutating func took(_ message: Message, _ loop: inout EventLoop) {}
    /// Nothing.
    package mutating func mailboxHasRoom(_ loop: inout EventLoop) {}
    /// Nothing.
    package mutating func timerFired(_ payload: UInt64, _ loop: inout EventLoop) {}
    /// Nothing.
    package mutating func datagram(
        _ endpoint: DatagramEndpoint, from: SocketAddress, _ bytes: RawSpan, _ loop: inout EventLoop
    ) {}
    /// Nothing.
    package mutating func noticed(_ notice: LoopNotice, _ loop: inout EventLoop) {}
    /// Nothing.
    package mutating func turned(_ loop: inout EventLoop) {}
    /// Nothing.
    package mutating func stopping(_ loop: inout EventLoop) {}
}

/// What a loop met that is nobody's fault but should be known. Each is told at most every ten seconds, that of
/// descriptors when it begins and ends; counters say how often it happened.
package enum LoopNotice: Hashable, Sendable {
    /// The process or the system has no descriptor left: connections are turned away.
    case descriptorsExhausted
    /// Descriptors are there again.
    case descriptorsAvailable
    /// The bound on all connections, or on those of an address, was met.
    case connectionsRefused(LoopCounter)
    /// A listener fails for another reason.
    case acceptFailed(code: Int32)
}

/// What became of something to be sent.
package enum SendOutcome: Hashable, Sendable {
    /// It is on its way.
    case queued
    /// It is on its way, and more should wait until there is room.
    case full
    /// It was not taken: the connection is gone or closing, or has as much waiting as it may.
    case refused
}
