import HubBytes

/// The keys of the handshake (RFC 6455, sections 4.1 and 4.2.2).
enum AcceptKey {
    /// Bytes of a client's key, and of the server's answer to it.
    static let keyBytes = 24
    static let acceptBytes = 28

    /// Appends the answer to a key.
    static func append(answering key: RawSpan, to output: inout ByteBuffer) {
        var text = ByteBuffer(capacity: 64)
        text.append(key)
        text.append("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        var digest = ByteBuffer(capacity: 64)
        SHA1(text.bytes).append(to: &digest)
        Base64.append(digest.bytes, to: &output)
    }

    /// Whether bytes are sixteen bytes in base64.
    static func isKey(_ bytes: RawSpan) -> Bool {
        guard bytes.byteCount == keyBytes, bytes.load(22, as: UInt16.self) == 0x3d3d else { return false }
        var position = 0
        while position < 22 {
            switch bytes.load(position, as: UInt8.self) {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                position += 1
            default: return false
            }
        }
        return true
    }
}
