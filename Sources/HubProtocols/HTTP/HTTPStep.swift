/// What a reader found in the bytes that it was handed. Each answer says how many of them are done with; the next
/// call gets the bytes from there on. Only `needsMore` asks for bytes that were not there before.
package enum HTTPStep: Equatable, Sendable {
    /// Nothing more can be said before more bytes have come. So many are done with; the rest must be handed in
    /// again, with what follows.
    case needsMore(consumed: Int)
    /// The head is complete. It takes this many bytes from the first one, and what it says is in the reader.
    case head(byteCount: Int)
    /// These bytes are content; whatever lies before them was framing, and everything up to their end is done with.
    case content(Range<Int>)
    /// The message is complete, with this many bytes of framing.
    case end(consumed: Int)
    /// Nothing is read any more: the last message said that none follows.
    case finished
    /// The message is refused, now and at each further call.
    case refused(HTTPFault)

    /// How many of the bytes are done with.
    package var consumed: Int {
        switch self {
        case .needsMore(let count), .head(let count), .end(let count): count
        case .content(let range): range.upperBound
        case .finished, .refused: 0
        }
    }
}

/// How far a reader is.
enum HTTPReadingPhase {
    case head
    case content
    case finished
    case refused(HTTPFault)
}
