/// What is wrong with what the peer sent; each ends the connection.
package enum FrameFault: UInt8, Error, CaseIterable, Sendable {
    /// A reserved bit is set that no extension gave a meaning.
    case reservedBits
    /// The opcode is one of the reserved ones.
    case reservedOpcode
    /// A client's frame is not masked.
    case maskMissing
    /// A server's frame is masked.
    case maskUnexpected
    /// A ping, pong or close frame is a fragment.
    case fragmentedControl
    /// A ping, pong or close frame has more than 125 bytes.
    case longControl
    /// A length is written in more bytes than it needs.
    case lengthNotMinimal
    /// A length has its highest bit set.
    case lengthTooLarge
    /// A continuation frame continues nothing.
    case nothingToContinue
    /// A new message begins inside another one.
    case messageInsideMessage
    /// A close frame has one byte, half of a code.
    case closeCut
    /// A close frame has a code that must not be sent.
    case closeCode
    /// The reason in a close frame is not UTF-8.
    case closeReason
    /// A text message is not UTF-8.
    case textNotUTF8
    /// A message is larger than allowed.
    case messageTooLarge
    /// A message is larger than allowed once decompressed.
    case inflatedTooLarge
    /// A message cannot be decompressed.
    case compressedDataBroken
    /// There was no memory to decompress with.
    case noMemory

    /// The code that the close frame gives.
    package var closeCode: CloseCode {
        switch self {
        case .closeReason, .textNotUTF8, .compressedDataBroken: .invalidData
        case .messageTooLarge, .inflatedTooLarge: .tooLarge
        case .noMemory: .internalError
        default: .protocolError
        }
    }

    /// The reason that the close frame gives, at most 123 bytes.
    package var sentence: StaticString {
        switch self {
        case .reservedBits: "A reserved bit is set, and no extension was agreed on that would use it."
        case .reservedOpcode: "The opcode is reserved."
        case .maskMissing: "Frames from a client must be masked."
        case .maskUnexpected: "Frames from a server must not be masked."
        case .fragmentedControl: "Ping, pong and close frames must not be fragments."
        case .longControl: "Ping, pong and close frames have at most 125 bytes."
        case .lengthNotMinimal: "The length is written in more bytes than it needs."
        case .lengthTooLarge: "The highest bit of the length must not be set."
        case .nothingToContinue: "A continuation frame came while no message was open."
        case .messageInsideMessage: "A new message began before the last one was complete."
        case .closeCut: "A close frame has no payload, or two bytes and more."
        case .closeCode: "The close frame has a code that must not be sent."
        case .closeReason: "The reason in the close frame is not UTF-8."
        case .textNotUTF8: "The text message is not UTF-8."
        case .messageTooLarge: "The message is larger than this connection allows."
        case .inflatedTooLarge: "The decompressed message is larger than this connection allows."
        case .compressedDataBroken: "The compressed message cannot be decompressed."
        case .noMemory: "There is no memory to decompress the message."
        }
    }
}
