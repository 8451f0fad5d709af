import HubBytes

/// The mask of a client's frames (RFC 6455, section 5.3): each byte of the payload xor one of four, in turn.
enum FrameMask {
    /// The mask for what comes `count` bytes behind the place that `key` is for.
    @inline(__always)
    static func advance(_ key: UInt32, by count: Int) -> UInt32 {
        let shift = UInt32(truncatingIfNeeded: count & 3) &* 8
        return key &>> shift | key &<< (32 &- shift)
    }

    /// Masks or unmasks bytes in place; whether all of them are ASCII afterwards. The key's first byte is its lowest.
    ///
    /// Both in one pass over the memory: most text is ASCII, and its check is free so.
    @inline(__always)
    static func apply(_ key: UInt32, to buffer: inout ByteBuffer, _ start: Int, _ end: Int) -> Bool {
        precondition(start >= 0 && start <= end && end <= buffer.count)
        let wide = UInt64(key) | UInt64(key) << 32
        var bytes = buffer.mutableBytes
        // Safety: all accesses lie between `start` and `end`, which lie inside the content, as just checked; the
        // exclusive access to the buffer lasts for the closure.
        return unsafe bytes.withUnsafeMutableBytes { region in
            guard start < end, let base = region.baseAddress else { return true }
            return unsafe apply(wide, from: base + start, count: end &- start)
        }
    }

    // Safety: the caller vouches for `count` bytes from `start`.
    @unsafe private static func apply(_ key: UInt64, from start: UnsafeMutableRawPointer, count: Int) -> Bool
    {
        var seen: UInt64 = 0
        var position = 0
        while position &+ 8 <= count {
            let old = unsafe start.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let word = UInt64(littleEndian: old) ^ key
            unsafe start.storeBytes(of: word.littleEndian, toByteOffset: position, as: UInt64.self)
            seen |= word
            position &+= 8
        }
        // Eight bytes are a whole number of keys, so the rest begins with the key's first byte again.
        var rest = key
        while position < count {
            let byte =
                unsafe start.load(fromByteOffset: position, as: UInt8.self) ^ UInt8(truncatingIfNeeded: rest)
            unsafe start.storeBytes(of: byte, toByteOffset: position, as: UInt8.self)
            seen |= UInt64(byte)
            rest &>>= 8
            position &+= 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }
}
