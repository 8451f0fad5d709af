/// Why a WebSocket connection ends, as a number (RFC 6455, section 7.4).
package struct CloseCode: RawRepresentable, Hashable, Sendable {
    /// The number.
    package let rawValue: UInt16

    /// A code with a number, whether or not it may be sent.
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The purpose of the connection is fulfilled.
    package static let normal = CloseCode(rawValue: 1000)
    /// The server stops, or the client goes elsewhere.
    package static let goingAway = CloseCode(rawValue: 1001)
    /// The peer broke the protocol.
    package static let protocolError = CloseCode(rawValue: 1002)
    /// The peer sent data of a kind that is not accepted.
    package static let unsupportedData = CloseCode(rawValue: 1003)
    /// The peer's close frame had no code; never sent.
    package static let noStatus = CloseCode(rawValue: 1005)
    /// The connection ended without a close frame; never sent.
    package static let abnormal = CloseCode(rawValue: 1006)
    /// The peer sent text that is not UTF-8, or data that cannot be decompressed.
    package static let invalidData = CloseCode(rawValue: 1007)
    /// The peer broke a rule that has no code of its own.
    package static let policyViolation = CloseCode(rawValue: 1008)
    /// The peer's message is larger than allowed.
    package static let tooLarge = CloseCode(rawValue: 1009)
    /// The server did not agree to an extension that the client needs.
    package static let extensionNeeded = CloseCode(rawValue: 1010)
    /// The server failed.
    package static let internalError = CloseCode(rawValue: 1011)
    /// The server restarts.
    package static let serviceRestart = CloseCode(rawValue: 1012)
    /// The server has too much to do.
    package static let tryAgainLater = CloseCode(rawValue: 1013)

    /// Whether the code may stand in a close frame: it is registered for that, or in the range of libraries (3000
    /// and up) or that of applications (4000 and up).
    package var isSendable: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
