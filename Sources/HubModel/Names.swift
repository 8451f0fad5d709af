import HubBytes

/// A name that was checked when it was made; the kinds differ in their limits and in what they forbid.
public protocol CheckedName: Hashable, Sendable, CustomStringConvertible {
    /// What users call this kind of name in messages.
    static var noun: String { get }
    /// The longest allowed.
    static var bytesMax: Int { get }
    /// The refusal that a bad name earns.
    static var refusalCode: RefusalCode { get }
    /// The name as text.
    var text: String { get }
    /// What is wrong with the bytes, beyond length and control characters, or nil.
    static func objection(to bytes: RawSpan) -> String?
    /// A name whose text was checked already.
    init(unchecked text: String)
}

extension CheckedName {
    /// The refusal code of most names.
    public static var refusalCode: RefusalCode { .badName }

    /// Most names forbid nothing more.
    public static func objection(to bytes: RawSpan) -> String? { nil }

    /// The name as text.
    public var description: String { text }

    /// Names are the same if their bytes are: texts that only look alike, equal for `String`, are two names for the
    /// log and must be for everyone.
    public static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    /// Hashes the bytes, as they are what is compared.
    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(UInt8(0xff))
    }

    /// Checks a name and makes it.
    public init(_ text: String) throws(Refusal) {
        try text.withBytes { (bytes) throws(Refusal) in try Self.check(bytes) }
        self.init(unchecked: text)
    }

    /// Checks bytes where they lie, for callers that need no value of their own.
    public static func check(_ bytes: RawSpan) throws(Refusal) {
        if let objection = generalObjection(to: bytes) ?? objection(to: bytes) {
            throw Refusal(
                refusalCode, "\(objection); a \(noun) has 1 to \(bytesMax) bytes of printable UTF-8")
        }
    }

    /// Whether eight bytes are all above a space and below the last ASCII character, which is none to print.
    private static func isPlain(_ eight: UInt64) -> Bool {
        let high: UInt64 = 0x8080_8080_8080_8080
        let ones: UInt64 = 0x0101_0101_0101_0101
        // With the highest bits clear no byte borrows from the next: 0x21 and above keep theirs when they are added to
        // 0x5f, and 0x7f alone gets one from adding 1.
        let isAboveSpace = (eight & ~high) &+ 0x5f &* ones
        let isDelete = (eight & ~high) &+ ones
        return eight & high == 0 && isAboveSpace & high == high && isDelete & high == 0
    }

    private static func generalObjection(to bytes: RawSpan) -> String? {
        let count = bytes.byteCount
        if count == 0 { return "the \(noun) is empty" }
        if count > bytesMax { return "the \(noun) has \(count) bytes" }
        var position = 0
        var isASCII = true
        // Eight at a time, as long as all are plain printable ASCII.
        while position + 8 <= count, Self.isPlain(bytes.load(position, as: UInt64.self)) { position += 8 }
        while position < count {
            let byte = bytes.load(position, as: UInt8.self)
            if byte <= 0x20 || byte == 0x7f {
                return "the \(noun) has a space or control character at byte \(position)"
            }
            if byte >= 0x80 { isASCII = false }
            position += 1
        }
        if !isASCII, String(validating: bytes.array, as: UTF8.self) == nil {
            return "the \(noun) is not valid UTF-8"
        }
        return nil
    }
}

/// Where messages are published: tokens between dots, as in `jobs.new.eu`.
public struct TopicName: CheckedName {
    /// The name as text.
    public let text: String
    /// What users call it.
    public static let noun = "topic"
    /// The longest allowed.
    public static let bytesMax = Limits.topicBytesMax
    /// What a bad topic earns.
    public static let refusalCode = RefusalCode.badTopic

    /// A name whose text was checked already.
    public init(unchecked text: String) { self.text = text }

    /// Empty tokens and wildcards are for nobody to publish to.
    public static func objection(to bytes: RawSpan) -> String? {
        TopicTokens.objection(to: bytes, noun: noun, wildcards: false)
    }

    /// Whether the bytes name a topic of the hub's own, or a pattern of such: they begin with `$`.
    public static func isReserved(_ bytes: RawSpan) -> Bool {
        !bytes.isEmpty && bytes.load(0, as: UInt8.self) == UInt8(ascii: "$")
    }
}

/// An agent's id.
public struct AgentID: CheckedName {
    /// The id as text.
    public let text: String
    /// What users call it.
    public static let noun = "agent id"
    /// The longest allowed.
    public static let bytesMax = Limits.agentBytesMax

    /// An id whose text was checked already.
    public init(unchecked text: String) { self.text = text }
}

/// A conversation's id: given by an agent, or made by the hub (`dm:a:b`, `topic:name`).
public struct SessionID: CheckedName {
    /// The id as text.
    public let text: String
    /// What users call it.
    public static let noun = "session id"
    /// The longest allowed.
    public static let bytesMax = Limits.sessionBytesMax

    /// An id whose text was checked already.
    public init(unchecked text: String) { self.text = text }
}

/// A durable consumer's name.
public struct ConsumerName: CheckedName {
    /// The name as text.
    public let text: String
    /// What users call it.
    public static let noun = "consumer name"
    /// The longest allowed.
    public static let bytesMax = Limits.consumerBytesMax

    /// A name whose text was checked already.
    public init(unchecked text: String) { self.text = text }
}

/// A tenant's name: agents of one tenant never see those of another.
public struct TenantName: CheckedName {
    /// The name as text.
    public let text: String
    /// What users call it.
    public static let noun = "tenant name"
    /// The longest allowed.
    public static let bytesMax = Limits.tenantBytesMax

    /// A name whose text was checked already.
    public init(unchecked text: String) { self.text = text }
}

/// A message's id as its sender wrote it.
public struct MessageID: CheckedName {
    /// The id as text.
    public let text: String
    /// What users call it.
    public static let noun = "message id"
    /// The longest allowed.
    public static let bytesMax = Limits.messageIDBytesMax

    /// An id whose text was checked already.
    public init(unchecked text: String) { self.text = text }
}
