package import HubModel

/// What a refusal is in the words of HTTP and of WebSocket.
extension RefusalCode {
    /// The status of an HTTP answer.
    package var status: HTTPStatus {
        switch self {
        case .badJSON, .unknownType, .missingField, .badField, .badTopic, .badName: HTTPStatus(400)
        case .unauthorized: HTTPStatus(401)
        case .forbidden: HTTPStatus(403)
        case .unknownAgent, .unknownSession, .unknownConsumer, .unknownMessage: HTTPStatus(404)
        case .conflict, .sessionClosed, .replaced: HTTPStatus(409)
        case .expired: HTTPStatus(410)
        case .tooLarge: HTTPStatus(413)
        case .rateLimited, .limitReached: HTTPStatus(429)
        case .internalError: HTTPStatus(500)
        case .storageUnavailable, .draining: HTTPStatus(503)
        case .timeout: HTTPStatus(504)
        }
    }

    /// The code of a close frame, where a connection ends for this reason. Most refusals end nothing.
    package var closeCode: CloseCode {
        switch self {
        case .badJSON, .unknownType, .missingField, .badField, .badTopic, .badName: .protocolError
        case .unauthorized, .forbidden, .unknownAgent, .unknownSession, .unknownConsumer, .unknownMessage,
            .conflict, .sessionClosed, .expired:
            .policyViolation
        case .replaced: CloseCode(rawValue: 4001)
        case .timeout: CloseCode(rawValue: 4002)
        case .tooLarge: .tooLarge
        case .internalError: .internalError
        case .draining: .serviceRestart
        case .rateLimited, .limitReached, .storageUnavailable: .tryAgainLater
        }
    }
}
