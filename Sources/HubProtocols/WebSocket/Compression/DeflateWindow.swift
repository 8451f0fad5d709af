/// How one side of a connection compresses: the part of the agreement that its peer's decompressor depends on.
package struct DeflateWindow: Equatable, Sendable {
    /// How far back it may refer, as a power of two, 8 to 15.
    package let bits: Int
    /// Whether a message may refer to those before it.
    package let isKept: Bool

    /// A window of 2 to the power of `bits` bytes.
    package init(bits: Int, isKept: Bool) {
        precondition((8...15).contains(bits))
        self.bits = bits
        self.isKept = isKept
    }
}
