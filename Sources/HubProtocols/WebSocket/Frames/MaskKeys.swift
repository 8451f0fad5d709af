import HubBytes

/// The mask keys of a client's connection: numbers that whoever chooses the payload cannot foresee, so that no proxy on
/// the way can be made to see something else in the bytes (RFC 6455, section 10.3).
///
/// All follow from one seed, which the caller draws from the system: a call for each frame would cost more than the
/// frame.
package struct MaskKeys: Sendable {
    private let seed: (UInt64, UInt64)
    private var count: UInt64 = 0
    private var ready: InlineArray<5, UInt32> = [0, 0, 0, 0, 0]
    private var used = 5

    /// Keys from 128 bits that nobody knows.
    package init(seed: (UInt64, UInt64)) { self.seed = seed }

    /// The next key.
    package mutating func next() -> UInt32 {
        if used == ready.count {
            var block = ByteBuffer(capacity: 64)
            block.append(seed.0)
            block.append(seed.1)
            block.append(count)
            count &+= 1
            ready = SHA1(block.bytes).words
            used = 0
        }
        defer { used += 1 }
        return ready[used]
    }
}
