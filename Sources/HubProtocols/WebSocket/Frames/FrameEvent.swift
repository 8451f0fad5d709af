/// Where the bytes of an event are; `FrameReader.bytes` has them until the reader is asked for the next event.
package struct FramePayload: Equatable, Sendable {
    /// In the reader's own memory, where pieces were put together, and not in the receive buffer.
    package let isAssembled: Bool
    let start: Int
    let end: Int

    /// Where the bytes are.
    package var range: Range<Int> { start..<end }

    /// How many bytes there are.
    package var byteCount: Int { end - start }
}

/// What the reader found next.
package enum FrameEvent: Equatable, Sendable {
    /// A whole message.
    case message(WebSocketMessageKind, FramePayload)
    /// A question that is to be answered with the same payload.
    case ping(FramePayload)
    /// An answer to a ping, or a sign of life without one.
    case pong(FramePayload)
    /// The peer's last frame, with its reason.
    case close(CloseCode, reason: FramePayload)
    /// The receive buffer holds no event any more; the current frame lacks at least so many bytes.
    case needs(Int)
    /// The peer broke a rule; nothing after this is read.
    case failure(FrameFault)
    /// A close frame or a fault came before: what is in the receive buffer is of no meaning.
    case ended
}
