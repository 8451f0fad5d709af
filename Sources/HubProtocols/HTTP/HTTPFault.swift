/// What is wrong with a message, in a sentence; `status` says how a request that has it is answered. After any of
/// these the connection is closed: where the next message begins is no longer certain.
package enum HTTPFault: String, Error, Equatable, Sendable, CaseIterable {
    // The first line of a request
    case looksLikeTLS = "these bytes begin a TLS handshake, and this port speaks HTTP without TLS"
    case notHTTP = "a request begins with a method, and these bytes do not"
    case tooManyEmptyLines = "there are too many empty lines before the request"
    case requestLineTooLong = "the request line is too long"
    case badRequestLine = "a request line is a method, a target and a version with one space between each"
    case methodTooLong = "no method has a name as long as this"
    case connectNotOffered = "this is no proxy, and CONNECT asks for one"
    case badVersion = "the version is not of the form HTTP/1.1"
    case versionNotSupported = "only HTTP/1.1 and HTTP/1.0 are spoken here"
    case badTarget =
        "the target is neither a path that begins with a slash, nor an http or https URL, nor * for OPTIONS"
    case badTargetByte = "the target has a byte that must be percent-encoded there"
    case badPercentEncoding = "a percent sign in the target is not followed by two hexadecimal digits"
    case encodedNUL = "the target has an encoded NUL"
    // Lines
    case bareLineFeed = "a line ends with LF alone; it must end with CRLF"
    case bareCarriageReturn = "a CR is not followed by LF"
    case controlByte = "a line has a control character"
    // Fields
    case foldedLine = "a field goes on in a line that begins with white space"
    case blankBeforeColon = "there is white space between a field's name and its colon"
    case badFieldName = "a field's name is empty or has a character that no name may have"
    case missingColon = "a field has no colon"
    case fieldsTooLarge = "the fields take more bytes than allowed"
    case tooManyFields = "there are more fields than allowed"
    // Whom it is for
    case missingHost = "a request of HTTP/1.1 must have a Host field"
    case repeatedHost = "there is more than one Host field"
    case badHost = "the host is not a name or an address with an optional port"
    // Framing
    case badContentLength = "Content-Length is not one number of digits only"
    case repeatedContentLength = "there is more than one Content-Length field"
    case contentLengthWithCoding = "there is both Content-Length and Transfer-Encoding"
    case codingInOldVersion = "HTTP/1.0 has no Transfer-Encoding"
    case chunkedNotLast = "the last transfer coding must be chunked, named once and without parameters"
    case codingNotSupported = "no transfer coding but chunked is understood here"
    case contentTooLarge = "the content is larger than allowed"
    case unknownExpectation = "the only expectation that can be met is 100-continue"
    // Content
    case badChunkSize = "a chunk does not begin with its size in up to 16 hexadecimal digits"
    case chunkExtensionsTooLarge = "the extensions of chunks take more bytes than allowed"
    case chunkEndMissing = "a chunk is not followed by CRLF where its size says that it ends"
    case trailersTooLarge = "the fields behind the content take more bytes than allowed"
    case tooManyTrailers = "there are more fields behind the content than allowed"
    case forbiddenTrailer = "a field behind the content would change where the message ends or whom it is for"
    case truncated = "the connection ended in the middle of a message"
    // Responses
    case badStatusLine = "a response begins with HTTP/1.1, a space and a status of three digits"
    case statusLineTooLong = "the status line is too long"
    case tooManyInterimResponses = "too many responses of the kind 1xx came before the final one"
    case unexpectedUpgrade = "the other side changed to a protocol that nobody asked for"

    /// How a request that has this fault is answered. For a fault that only a response can have it is what a client
    /// of ours is told when the agent behind the hub answered so.
    package var status: HTTPStatus {
        switch self {
        case .requestLineTooLong: .uriTooLong
        case .methodTooLong, .connectNotOffered, .codingNotSupported: .notImplemented
        case .versionNotSupported: .versionNotSupported
        case .fieldsTooLarge, .tooManyFields, .trailersTooLarge, .tooManyTrailers: .fieldsTooLarge
        case .contentTooLarge, .chunkExtensionsTooLarge: .contentTooLarge
        case .unknownExpectation: .expectationFailed
        case .badStatusLine, .statusLineTooLong, .tooManyInterimResponses, .unexpectedUpgrade: .badGateway
        default: .badRequest
        }
    }
}
