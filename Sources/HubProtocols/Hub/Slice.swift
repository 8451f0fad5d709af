package import HubBytes

/// Where bytes lie in a buffer that travels along.
package struct Slice: Hashable, Sendable, BitwiseCopyable {
    /// Where they begin.
    package var start: UInt32
    /// How many they are.
    package var count: UInt32

    /// No bytes.
    package static let empty = Slice(start: 0, count: 0)

    /// The bytes from a place on.
    package init(start: UInt32, count: UInt32) {
        self.start = start
        self.count = count
    }

    /// The bytes that were appended to a buffer since it had so many.
    package init(from start: Int, in buffer: borrowing ByteBuffer) {
        self.start = UInt32(start)
        count = UInt32(buffer.count - start)
    }

    /// Whether there are none.
    package var isEmpty: Bool { count == 0 }

    /// The bytes themselves, in the buffer that they lie in.
    @_lifetime(copy bytes)
    package func of(_ bytes: RawSpan) -> RawSpan {
        bytes.extracting(Int(start)..<Int(start) + Int(count))
    }
}

extension ByteBuffer {
    /// Appends bytes and says where they lie.
    package mutating func place(_ bytes: RawSpan) -> Slice {
        let start = count
        append(bytes)
        return Slice(from: start, in: self)
    }

    /// Appends a text and says where it lies.
    package mutating func place(_ text: String) -> Slice {
        let start = count
        text.withBytes { append($0) }
        return Slice(from: start, in: self)
    }
}
