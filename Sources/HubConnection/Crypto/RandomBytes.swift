import COpenSSL
import HubBytes

/// Bytes that nobody can foresee, for keys, tokens and challenges.
package enum RandomBytes {
    /// Fresh random bytes.
    package static func make(_ count: Int) -> [UInt8] {
        // Safety: the closure fills all of the buffer or the program stops.
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            unsafe fill(UnsafeMutableRawBufferPointer(buffer))
            filled = count
        }
    }

    /// A fresh random number.
    package static func number() -> UInt64 {
        var value: UInt64 = 0
        // Safety: eight bytes of a live local, and every bit pattern is a number.
        unsafe withUnsafeMutableBytes(of: &value) { unsafe fill($0) }
        return value
    }

    private static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard unsafe !buffer.isEmpty else { return }
        // Safety: the buffer is the caller's for the duration of the call.
        let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        // A key that is no secret is worse than a hub that does not start.
        guard unsafe RAND_bytes(start, Int32(buffer.count)) == 1 else {
            preconditionFailure("the system gives no random bytes")
        }
    }
}
