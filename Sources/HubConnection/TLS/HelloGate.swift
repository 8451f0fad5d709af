import HubBytes

/// Looks at the first nine bytes of a connection, however they come in: OpenSSL reserves what a ClientHello says
/// that it will have, up to 128 KiB, before any of it has come, and so anybody could take that for nine bytes.
///
/// What is no ClientHello is let through: OpenSSL knows better what to say of it.
struct HelloGate {
    /// Bytes of a ClientHello. Those of browsers and libraries have 200 to 2,000, tickets included.
    static let helloBytesMax = 16 * 1024

    private var position: UInt8 = 0
    private var length: UInt32 = 0

    /// What is wrong with what has come so far, if anything is.
    mutating func objection(to bytes: RawSpan) -> TLSFailure? {
        var index = 0
        while position < 9, index < bytes.byteCount {
            let byte = bytes.load(index, as: UInt8.self)
            switch position {
            case 0 where byte != 22, 5 where byte != 1:
                position = 9
                return nil
            case 3, 4, 6...8: length = length << 8 | UInt32(byte)
            default: break
            }
            index += 1
            position += 1
            if position == 5 {
                // Nobody cuts the first message inside its header, except to hide what it is.
                guard length >= 4 else {
                    return TLSFailure(.malformed, "a ClientHello is cut inside its header")
                }
                length = 0
            }
        }
        if position == 9, length > Self.helloBytesMax {
            return TLSFailure(.tooLarge, "a ClientHello of \(length) bytes")
        }
        return nil
    }
}
