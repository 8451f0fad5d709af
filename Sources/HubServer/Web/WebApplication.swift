import HubBytes
package import HubConnection
package import HubProtocols
import HubSystem

/// Names a request until it is answered, or its client is gone: then it names nothing, and answers to it are dropped.
package struct WebToken: Hashable, Sendable {
    /// The connection that the request came on.
    package let connection: ConnectionID
    /// The how-manieth request of the connection it is.
    let number: UInt32
}

/// Whether a request's content is wanted.
package enum WebIntake: Equatable, Sendable {
    /// It is collected, if it has no more bytes than these.
    case take(upTo: Int)
    /// The request is answered with this before its content is read, and the connection ends.
    case refuse(HTTPStatus, String)
}

/// What becomes of a request to go on with WebSocket.
package enum WebUpgrade: Equatable, Sendable {
    /// It is accepted with the first of the client's subprotocols that is among these, or none, if the handshake is
    /// right.
    case accept(subprotocols: [String])
    /// It is answered with this.
    case refuse(HTTPStatus, String)
    /// It is answered like any other request.
    case ordinary
}

/// What is done with requests and messages. One for each loop, made and used on its thread; `web` and `loop` are what
/// it acts through, and it is never called from within a call of its own.
package protocol WebApplication: ~Copyable, SendableMetatype {
    /// What other threads send to this one.
    associatedtype Message: Sendable

    /// The loop begins to run.
    mutating func started(_ web: inout WebConnections, _ loop: inout EventLoop)

    /// A request has content, which is not read yet.
    mutating func intake(_ request: HTTPRequestView, _ web: inout WebConnections) -> WebIntake

    /// A request came, with all of its content. It is answered at once or later, once, by its token.
    mutating func request(
        _ token: WebToken, _ request: HTTPRequestView, _ content: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop)

    /// The client of a request is gone before the answer was complete.
    mutating func abandoned(_ token: WebToken, _ web: inout WebConnections, _ loop: inout EventLoop)

    /// A client asks for a WebSocket.
    mutating func upgrade(
        _ connection: ConnectionID, _ request: HTTPRequestView, _ web: inout WebConnections
    ) -> WebUpgrade

    /// A WebSocket is open.
    mutating func opened(
        _ connection: ConnectionID, subprotocol: String?, _ web: inout WebConnections,
        _ loop: inout EventLoop)

    /// A message came. The bytes lie where they were received.
    mutating func message(
        _ connection: ConnectionID, _ kind: WebSocketMessageKind, _ payload: RawSpan,
        _ web: inout WebConnections, _ loop: inout EventLoop)

    /// A WebSocket is over: by a close frame of the other side, a rule that it broke, or without a word. Comes once for
    /// each that was opened, or that was to be opened by this side.
    mutating func closed(
        _ connection: ConnectionID, _ code: CloseCode, _ reason: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop)

    /// An answer to a request of ours, or why there is none.
    mutating func answered(
        _ call: WebCallID, _ outcome: WebCallOutcome, _ content: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop)

    /// More waits to be sent than the high-water mark.
    mutating func filled(
        _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop)

    /// A connection that was full has room again.
    mutating func hasRoom(
        _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop)

    /// A message from another thread.
    mutating func took(_ message: Message, _ web: inout WebConnections, _ loop: inout EventLoop)

    /// Messages were refused since the mailbox was full, and now there is room.
    mutating func mailboxHasRoom(_ web: inout WebConnections, _ loop: inout EventLoop)

    /// A timer that the application armed is due; payloads have 61 bits.
    mutating func timerFired(_ payload: UInt64, _ web: inout WebConnections, _ loop: inout EventLoop)

    /// Something that an operator should know.
    mutating func noticed(_ notice: LoopNotice, _ web: inout WebConnections, _ loop: inout EventLoop)

    /// All that a turn of the loop brought has been told: what was collected can be handed on.
    mutating func turned(_ web: inout WebConnections, _ loop: inout EventLoop)

    /// The loop is about to stop; WebSockets are told so after this.
    mutating func stopping(_ web: inout WebConnections, _ loop: inout EventLoop)
}

// What an application that does not care does.
extension WebApplication where Self: ~Copyable {
    /// Nothing.
    package mutating func started(_ web: inout WebConnections, _ loop: inout EventLoop) {}
    /// Takes none.
    package mutating func intake(_ request: HTTPRequestView, _ web: inout WebConnections) -> WebIntake {
        .refuse(.contentTooLarge, "no content is taken here")
    }
    /// Answers that there is nothing.
    package mutating func request(
        _ token: WebToken, _ request: HTTPRequestView, _ content: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) { web.answer(token, .notFound, sentence: "there is nothing here", &loop) }
    /// Nothing.
    package mutating func abandoned(
        _ token: WebToken, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {}
    /// Answers like any other request.
    package mutating func upgrade(
        _ connection: ConnectionID, _ request: HTTPRequestView, _ web: inout WebConnections
    ) -> WebUpgrade { .ordinary }
    /// Nothing.
    package mutating func opened(
        _ connection: ConnectionID, subprotocol: String?, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {}
    /// Nothing.
    package mutating func message(
        _ connection: ConnectionID, _ kind: WebSocketMessageKind, _ payload: RawSpan,
        _ web: inout WebConnections, _ loop: inout EventLoop
    ) {}
    /// Nothing.
    package mutating func closed(
        _ connection: ConnectionID, _ code: CloseCode, _ reason: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {}
    /// Nothing.
    package mutating func answered(
        _ call: WebCallID, _ outcome: WebCallOutcome, _ content: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {}
    /// Nothing.
    package mutating func filled(
        _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {}
    /// Nothing.
    package mutating func hasRoom(
        _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {}
    /// Nothing.
    package mutating func took(
        _ message: Message, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {}
    /// Nothing.
    package mutating func mailboxHasRoom(_ web: inout WebConnections, _ loop: inout EventLoop) {}
    /// Nothing.
    package mutating func timerFired(
        _ payload: UInt64, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {}
    /// Nothing.
    package mutating func noticed(
        _ notice: LoopNotice, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {}
    /// Nothing.
    package mutating func turned(_ web: inout WebConnections, _ loop: inout EventLoop) {}
    /// Nothing.
    package mutating func stopping(_ web: inout WebConnections, _ loop: inout EventLoop) {}
}
