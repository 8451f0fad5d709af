import HubBytes

/// Topics that the hub itself makes from names that may have dots and spaces of their own.
enum OwnTopic {
    /// With what stands before and behind, a topic's name must not be too long; agents' ids may be.
    private static let tokenBytesMax = 230
    /// The longest sign that stands for one byte.
    private static let signBytes = 3
    /// What ends a name that was cut: two signs, which no other token has, and the hash of all of it.
    private static let endBytes = 2 + 16

    /// Appends a name as one token: what a token cannot have, and the sign itself, is written as `%` and two digits. A
    /// name that would become too long is cut between two characters, and ends with its hash.
    static func append(_ name: RawSpan, to text: inout ByteBuffer) {
        var length = 0
        var cut = 0
        for position in 0..<name.byteCount {
            let byte = name.load(position, as: UInt8.self)
            if length <= tokenBytesMax - endBytes, byte & 0xc0 != 0x80 { cut = position }
            length += isForbidden(byte) ? signBytes : 1
        }
        guard length > tokenBytesMax else { return write(name, to: &text) }
        write(name.extracting(0..<cut), to: &text)
        text.append("%%")
        let hash = ByteHash.of(name, seed: 0)
        for shift in 1...16 { text.append(digit(UInt8(hash >> UInt64(64 - 4 * shift) & 15))) }
    }

    private static func write(_ name: RawSpan, to text: inout ByteBuffer) {
        for position in 0..<name.byteCount {
            let byte = name.load(position, as: UInt8.self)
            guard isForbidden(byte) else {
                text.append(byte)
                continue
            }
            text.append(UInt8(ascii: "%"))
            text.append(digit(byte >> 4))
            text.append(digit(byte & 15))
        }
    }

    private static func isForbidden(_ byte: UInt8) -> Bool { "%.*>".utf8.contains(byte) }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
