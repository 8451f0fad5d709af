/// The word for a refusal, as the hub writes it: `forbidden`, `unknown_session` and so on. docs/protocol.md has them all.
public struct ErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The word.
    public let rawValue: String

    /// The code with a word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The word.
    public var description: String { rawValue }

    /// No or wrong credentials.
    public static let unauthorized = ErrorCode(rawValue: "unauthorized")
    /// The credentials do not allow this.
    public static let forbidden = ErrorCode(rawValue: "forbidden")
    /// A newer connection of the same agent took over.
    public static let replaced = ErrorCode(rawValue: "replaced")
    /// No answer came in time.
    public static let timeout = ErrorCode(rawValue: "timeout")
    /// The message lost its value.
    public static let expired = ErrorCode(rawValue: "expired")
}

/// What the hub refused, and why.
public struct HubRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The stable word.
    public var code: ErrorCode
    /// What was wrong and what would be right.
    public var message: String
    /// When asking again makes sense, if the hub said so.
    public var retryAfterMilliseconds: Int64?

    /// A refusal.
    public init(_ code: ErrorCode, _ message: String, retryAfterMilliseconds: Int64? = nil) {
        self.code = code
        self.message = message
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// The word and the sentence.
    public var description: String { "\(code): \(message)" }
}

/// Why something did not work.
public enum ClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The URL cannot be used.
    case badURL(String)
    /// An argument breaks the hub's rules; nothing was sent.
    case badArgument(String)
    /// Credentials cannot be read or used.
    case credentials(String)
    /// No connection came about.
    case notConnected(String)
    /// The hub refused it.
    case refused(HubRefusal)
    /// The outbox holds as much as it may.
    case outboxFull(messages: Int, bytes: Int)
    /// The connection was lost after the message was sent, and for longer than the hub remembers ids: it may have
    /// arrived, and sending it again may make two of it.
    case uncertain
    /// No answer came in time.
    case timeout
    /// Too much waits to be looked at; the reader is too slow.
    case overrun(limit: Int)
    /// The task was cancelled. What it had sent may be on its way.
    case cancelled
    /// The client was closed.
    case closed
    /// The client has stopped for good: the hub closed the connection in a way that another one would not mend.
    case stopped(String)

    /// A sentence.
    public var description: String {
        switch self {
        case .badURL(let reason): "the URL cannot be used: \(reason)"
        case .badArgument(let reason): reason
        case .credentials(let reason): "the credentials cannot be used: \(reason)"
        case .notConnected(let reason): "no connection to the hub: \(reason)"
        case .refused(let refusal): "the hub refused: \(refusal)"
        case .outboxFull(let messages, let bytes):
            "the outbox is full: \(messages) messages with \(bytes) bytes have no receipt yet"
        case .uncertain:
            "the connection was lost for longer than the hub remembers ids; the message may have arrived"
        case .timeout: "no answer came in time"
        case .overrun(let limit): "more than \(limit) messages wait to be looked at"
        case .cancelled: "the task was cancelled"
        case .closed: "the client was closed"
        case .stopped(let reason): "the client has stopped: \(reason)"
        }
    }
}
