/// Why the hub did not do what it was asked: the stable words that clients see.
public enum RefusalCode: String, Sendable, CaseIterable {
    /// The frame is no valid JSON.
    case badJSON = "bad_json"
    /// The frame's type is none that the hub knows.
    case unknownType = "unknown_type"
    /// A field that must be there is not.
    case missingField = "missing_field"
    /// A field has the wrong type or a value outside its limits.
    case badField = "bad_field"
    /// A topic's name or pattern breaks the rules.
    case badTopic = "bad_topic"
    /// An id or name breaks the rules.
    case badName = "bad_name"
    /// Something is larger than its limit.
    case tooLarge = "too_large"
    /// No or wrong credentials.
    case unauthorized = "unauthorized"
    /// The credentials do not allow this.
    case forbidden = "forbidden"
    /// No such agent.
    case unknownAgent = "unknown_agent"
    /// No such session.
    case unknownSession = "unknown_session"
    /// No such consumer.
    case unknownConsumer = "unknown_consumer"
    /// No such message, or it is no longer kept.
    case unknownMessage = "unknown_message"
    /// More per second than the quota allows.
    case rateLimited = "rate_limited"
    /// A configured number of things is reached.
    case limitReached = "limit_reached"
    /// The session has ended.
    case sessionClosed = "session_closed"
    /// The message's time to live has passed.
    case expired = "expired"
    /// No answer came in time.
    case timeout = "timeout"
    /// The log takes no writes now.
    case storageUnavailable = "storage_unavailable"
    /// The hub is going down and takes nothing new.
    case draining = "draining"
    /// A newer connection of the same agent took over.
    case replaced = "replaced"
    /// What was asked contradicts what is there.
    case conflict = "conflict"
    /// The hub's own fault.
    case internalError = "internal_error"
}

/// A refusal with its reason: what was wrong and what would be right.
public struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// The stable word.
    public let code: RefusalCode
    /// What was wrong and what would be right, in a sentence.
    public let message: String
    /// When asking again makes sense, if it does.
    public let retryAfterMilliseconds: Int?

    /// A refusal of a kind, with its sentence.
    public init(_ code: RefusalCode, _ message: String, retryAfterMilliseconds: Int? = nil) {
        self.code = code
        self.message = message
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// The word and the sentence.
    public var description: String { "\(code.rawValue): \(message)" }
}
