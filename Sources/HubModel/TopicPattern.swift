import HubBytes

/// Which topics someone wants: tokens as in a name, `*` for any one token, `>` at the end for all the rest.
///
/// Topics whose name begins with `$` are the hub's own (dead letters, statuses). A wildcard in the first place does not
/// stand for them: whoever wants everything wants what agents publish, and not, say, his own dead letters back.
public struct TopicPattern: CheckedName {
    /// The pattern as text.
    public let text: String
    /// What users call it.
    public static let noun = "topic pattern"
    /// The longest allowed.
    public static let bytesMax = Limits.topicBytesMax
    /// What a bad pattern earns.
    public static let refusalCode = RefusalCode.badTopic

    /// A pattern whose text was checked already.
    public init(unchecked text: String) { self.text = text }

    /// Every topic there is.
    public static let everything = TopicPattern(unchecked: ">")

    /// `*` and `>` stand for whole tokens, `>` for the last ones only.
    public static func objection(to bytes: RawSpan) -> String? {
        TopicTokens.objection(to: bytes, noun: noun, wildcards: true)
    }

    /// Whether the pattern names one topic and no more.
    public var isLiteral: Bool {
        // They stand for whole tokens or not at all.
        !text.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: ">") }
    }

    /// Whether a topic's name is among those wanted. Routing has a faster way; this is the definition.
    public func matches(_ topic: TopicName) -> Bool {
        topic.text.withBytes { matches($0) }
    }

    /// Whether the bytes of a topic's name are among those wanted.
    public func matches(_ topic: RawSpan) -> Bool {
        text.withBytes { Self.match(pattern: $0, topic: topic) }
    }

    private static func match(pattern wanted: RawSpan, topic: RawSpan) -> Bool {
        if TopicName.isReserved(topic), !TopicName.isReserved(wanted) { return false }
        var inPattern = 0
        var inTopic = 0
        while true {
            let token = TopicTokens.end(of: wanted, from: inPattern)
            if token - inPattern == 1, wanted.load(inPattern, as: UInt8.self) == UInt8(ascii: ">") {
                return inTopic < topic.byteCount
            }
            guard inTopic < topic.byteCount else { return false }
            let found = TopicTokens.end(of: topic, from: inTopic)
            let any = token - inPattern == 1 && wanted.load(inPattern, as: UInt8.self) == UInt8(ascii: "*")
            if !any, !wanted.extracting(inPattern..<token).equals(topic.extracting(inTopic..<found)) {
                return false
            }
            let patternEnds = token == wanted.byteCount
            let topicEnds = found == topic.byteCount
            if patternEnds || topicEnds {
                return patternEnds && topicEnds
            }
            inPattern = token + 1
            inTopic = found + 1
        }
    }
}

/// The rules that topic names and patterns share.
enum TopicTokens {
    private static let dot = UInt8(ascii: ".")
    private static let star = UInt8(ascii: "*")
    private static let rest = UInt8(ascii: ">")

    /// Where the token that begins at `start` ends: at a dot or at the end.
    static func end(of bytes: RawSpan, from start: Int) -> Int {
        var position = start
        while position < bytes.byteCount, bytes.load(position, as: UInt8.self) != dot { position += 1 }
        return position
    }

    static func objection(to bytes: RawSpan, noun: String, wildcards: Bool) -> String? {
        var start = 0
        var tokens = 0
        while true {
            let end = end(of: bytes, from: start)
            tokens += 1
            if end == start { return "the \(noun) has an empty token at byte \(start)" }
            if tokens > Limits.topicTokensMax {
                return "the \(noun) has over \(Limits.topicTokensMax) tokens"
            }
            let objection = objection(
                toToken: bytes.extracting(start..<end), noun: noun, wildcards: wildcards,
                isLast: end == bytes.byteCount)
            if let objection { return objection }
            if end == bytes.byteCount { return nil }
            start = end + 1
        }
    }

    private static func objection(
        toToken token: RawSpan, noun: String, wildcards: Bool, isLast: Bool
    ) -> String? {
        var position = 0
        while position < token.byteCount {
            let byte = token.load(position, as: UInt8.self)
            if byte == star || byte == rest {
                if !wildcards { return "a \(noun) cannot contain * or >, which are for patterns" }
                if token.byteCount != 1 { return "in a \(noun), * and > stand for whole tokens" }
                if byte == rest, !isLast { return "in a \(noun), > can only be the last token" }
            }
            position += 1
        }
        return nil
    }
}
