import HubBytes
import HubProtocols

/// What a message carries: a JSON value as text.
public struct Payload: Sendable, Equatable {
    let bytes: [UInt8]

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// No value: takes back what is retained for a topic.
    public static let empty = Payload(bytes: [])

    /// A JSON value, as it is written. It is checked when it is sent.
    public static func json(_ text: String) -> Payload { Payload(bytes: Array(text.utf8)) }

    /// A JSON value, as its UTF-8.
    public static func json(_ bytes: [UInt8]) -> Payload { Payload(bytes: bytes) }

    /// A JSON string with this text.
    public static func text(_ text: String) -> Payload {
        var writer = JSONWriter(capacity: text.utf8.count + 16)
        writer.string(text)
        return Payload(bytes: writer.bytes.array)
    }
}
