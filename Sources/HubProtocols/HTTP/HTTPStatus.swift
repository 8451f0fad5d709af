/// How a request went: three digits.
package struct HTTPStatus: Equatable, Hashable, Sendable {
    /// The digits, 100 to 599.
    package let code: UInt16

    /// A status by its digits.
    package init(_ code: UInt16) {
        precondition((100...599).contains(code))
        self.code = code
    }

    /// Whether another response follows this one.
    package var isInterim: Bool { code < 200 }

    /// Whether a response of this status never has content, whatever its fields say (RFC 9110, section 6.4.1).
    package var excludesContent: Bool { code < 200 || code == 204 || code == 304 }

    /// 101
    package static let switchingProtocols = HTTPStatus(101)
    /// 200
    package static let ok = HTTPStatus(200)
    /// 201
    package static let created = HTTPStatus(201)
    /// 202
    package static let accepted = HTTPStatus(202)
    /// 204
    package static let noContent = HTTPStatus(204)
    /// 304
    package static let notModified = HTTPStatus(304)
    /// 400
    package static let badRequest = HTTPStatus(400)
    /// 401
    package static let unauthorized = HTTPStatus(401)
    /// 403
    package static let forbidden = HTTPStatus(403)
    /// 404
    package static let notFound = HTTPStatus(404)
    /// 405
    package static let methodNotAllowed = HTTPStatus(405)
    /// 406
    package static let notAcceptable = HTTPStatus(406)
    /// 408
    package static let requestTimeout = HTTPStatus(408)
    /// 409
    package static let conflict = HTTPStatus(409)
    /// 410
    package static let gone = HTTPStatus(410)
    /// 413
    package static let contentTooLarge = HTTPStatus(413)
    /// 414
    package static let uriTooLong = HTTPStatus(414)
    /// 415
    package static let unsupportedMediaType = HTTPStatus(415)
    /// 417
    package static let expectationFailed = HTTPStatus(417)
    /// 421
    package static let misdirectedRequest = HTTPStatus(421)
    /// 422
    package static let unprocessableContent = HTTPStatus(422)
    /// 426
    package static let upgradeRequired = HTTPStatus(426)
    /// 429
    package static let tooManyRequests = HTTPStatus(429)
    /// 431
    package static let fieldsTooLarge = HTTPStatus(431)
    /// 500
    package static let internalError = HTTPStatus(500)
    /// 501
    package static let notImplemented = HTTPStatus(501)
    /// 502
    package static let badGateway = HTTPStatus(502)
    /// 503
    package static let unavailable = HTTPStatus(503)
    /// 504
    package static let gatewayTimeout = HTTPStatus(504)
    /// 505
    package static let versionNotSupported = HTTPStatus(505)

    /// The words behind the digits; none for a status that is not known here, which the grammar allows.
    package var reason: StaticString {
        switch code {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        default: errorReason
        }
    }

    private var errorReason: StaticString {
        switch code {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }
}
