/// How much of everything is read before a message is refused. A byte at a limit passes, the next one does not.
package struct HTTPLimits: Equatable, Sendable {
    /// Empty lines before a request; some old clients send one behind the content of the request before.
    package var emptyLinesMax = 2
    /// The request line or status line, without its end.
    package var firstLineBytesMax = 8 * 1024
    /// All fields of a head, with their line ends and the empty line behind them.
    package var fieldBytesMax = 32 * 1024
    /// Fields of a head.
    package var fieldsMax = 100
    /// The content, without the framing of chunks.
    package var contentBytesMax: UInt64 = 16 * 1024 * 1024
    /// All chunk extensions of one message: from the semicolon, or the blanks before it, to the end of the line.
    package var chunkExtensionBytesMax = 1024
    /// All fields behind the content, as for those of the head.
    package var trailerBytesMax = 8 * 1024
    /// Fields behind the content.
    package var trailersMax = 32
    /// Responses of the kind 1xx before the final one.
    package var interimResponsesMax = 8

    /// The limits that stand in the documentation.
    package init() {}

    /// The longest method that is looked at; those that are known have seven letters at most.
    package static let methodBytesMax = 24
    /// The largest head that can be allowed: both parts of it, and the empty lines before.
    package static let headBytesMax = 1 << 20

    func check() {
        precondition(emptyLinesMax >= 0 && firstLineBytesMax > 0 && fieldBytesMax >= 2 && fieldsMax >= 0)
        precondition(chunkExtensionBytesMax >= 0 && trailerBytesMax >= 2 && trailersMax >= 0)
        // Interim responses wait in the buffer with the final one, and places there have 32 bits.
        precondition((0...64).contains(interimResponsesMax))
        precondition(emptyLinesMax * 2 + firstLineBytesMax + 2 + fieldBytesMax <= Self.headBytesMax)
    }
}
