import HubBytes

/// Hashes of bytes and numbers that depend on a seed.
///
/// Clients choose topics and message ids, so whoever runs a hub gives each process its own seed; simulations give
/// the same one twice and get the same tables. Nothing that leaves the router may depend on the seed.
enum ByteHash {
    /// The hash of bytes, eight at a time.
    static func of(_ bytes: RawSpan, seed: UInt64) -> UInt64 {
        let count = bytes.byteCount
        var state = seed
        var position = 0
        while position &+ 8 <= count {
            state = fold(state ^ bytes.load(position, as: UInt64.self), 0x9e37_79b9_7f4a_7c15)
            position &+= 8
        }
        // The length as well: a zero byte at the end would otherwise count for nothing.
        var tail = UInt64(truncatingIfNeeded: count) << 56
        var shift: UInt64 = 0
        while position < count {
            tail |= UInt64(bytes.load(position, as: UInt8.self)) &<< shift
            shift &+= 8
            position &+= 1
        }
        return fold(state ^ tail, 0xe703_7ed1_a0b4_28db)
    }

    /// The hash of two numbers.
    static func of(_ left: UInt32, _ right: UInt32, seed: UInt64) -> UInt64 {
        fold(seed ^ (UInt64(left) << 32 | UInt64(right)), 0x9e37_79b9_7f4a_7c15)
    }

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = (left ^ 0x8ebc_6af0_9c88_c6e3).multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
