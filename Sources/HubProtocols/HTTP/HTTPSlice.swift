import HubBytes

/// Where something lies in the bytes that were read: a place and not a copy, so it means something only together
/// with those bytes.
package struct HTTPSlice: Equatable, Sendable {
    /// The first byte.
    package let start: UInt32
    /// How many there are.
    package let count: UInt32

    /// Nothing, nowhere.
    package static let empty = HTTPSlice(0..<0)

    /// The bytes of a range. Heads are at most a mebibyte, so 32 bits are plenty.
    init(_ range: Range<Int>) {
        start = UInt32(range.lowerBound)
        count = UInt32(range.count)
    }

    /// The same as a range.
    package var range: Range<Int> { Int(start)..<Int(start) + Int(count) }

    /// The bytes themselves.
    @_lifetime(copy bytes)
    package func of(_ bytes: RawSpan) -> RawSpan { bytes.extracting(range) }
}
