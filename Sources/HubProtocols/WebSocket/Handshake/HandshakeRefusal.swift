/// Why a server does not accept a handshake.
package enum HandshakeRefusal: Error, CaseIterable, Sendable {
    /// The method is not GET.
    case methodNotAllowed
    /// The request is of HTTP/1.0.
    case versionOfHTTP
    /// The request does not ask for a WebSocket.
    case upgradeMissing
    /// `Connection` does not name the upgrade.
    case connectionMissing
    /// There is no key, more than one, or one that is not sixteen bytes in base64.
    case keyInvalid
    /// The version of the protocol is missing, or not 13.
    case versionUnsupported
    /// The subprotocols offered are not a list of different tokens.
    case subprotocolsInvalid
    /// The extensions offered are malformed.
    case extensionsInvalid
    /// Pages of this origin may not connect.
    case originForbidden
    /// A field of the handshake is too long.
    case fieldTooLong

    /// The status of the answer.
    package var status: Int {
        switch self {
        case .methodNotAllowed: 405
        case .upgradeMissing, .versionUnsupported: 426
        case .originForbidden: 403
        case .fieldTooLong: 431
        default: 400
        }
    }

    /// The body of the answer.
    package var sentence: StaticString {
        switch self {
        case .methodNotAllowed: "A WebSocket begins with GET."
        case .versionOfHTTP: "A WebSocket begins with HTTP/1.1."
        case .upgradeMissing: "Only WebSocket connections are served here: Upgrade must name websocket."
        case .connectionMissing: "Connection must name Upgrade."
        case .keyInvalid: "Sec-WebSocket-Key must be there once, with 16 bytes in base64."
        case .versionUnsupported: "Sec-WebSocket-Version must be 13."
        case .subprotocolsInvalid: "Sec-WebSocket-Protocol must be a list of different tokens."
        case .extensionsInvalid: "Sec-WebSocket-Extensions is malformed."
        case .originForbidden: "Pages of this origin may not connect."
        case .fieldTooLong: "A field of the WebSocket handshake is too long."
        }
    }

    /// A field that the answer must have, if any.
    package var field: (name: StaticString, value: StaticString)? {
        switch self {
        case .methodNotAllowed: ("Allow", "GET")
        case .upgradeMissing: ("Upgrade", "websocket")
        case .versionUnsupported: ("Sec-WebSocket-Version", "13")
        default: nil
        }
    }
}
