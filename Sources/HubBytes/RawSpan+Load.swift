extension RawSpan {
    /// Reads an integer at any position, in little-endian order; the bounds are checked.
    @inlinable @inline(__always)
    public func load<Value: FixedWidthInteger & BitwiseCopyable>(_ position: Int, as: Value.Type) -> Value {
        // Safety: every bit pattern is a valid integer, and the call checks its bounds itself.
        Value(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: position, as: Value.self))
    }

    /// Whether both spans hold the same bytes.
    @inlinable
    public func equals(_ other: RawSpan) -> Bool {
        let count = byteCount
        guard count == other.byteCount else { return false }
        var position = 0
        while position &+ 8 <= count {
            if load(position, as: UInt64.self) != other.load(position, as: UInt64.self) { return false }
            position &+= 8
        }
        while position < count {
            if load(position, as: UInt8.self) != other.load(position, as: UInt8.self) { return false }
            position &+= 1
        }
        return true
    }

    /// The bytes as text; bytes that are not UTF-8 become replacement characters.
    public var text: String {
        // Safety: the bytes are only read while the span is alive.
        unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// A copy of the bytes. For cold paths.
    public var array: [UInt8] {
        // Safety: the bytes are only read while the span is alive.
        unsafe withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// Whether they begin with a word.
    public func begins(with word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard byteCount >= count else { return false }
        for place in 0..<count {
            // Safety: the place is below the number of code units, which live for ever.
            guard unsafe word.utf8Start[place] == load(place, as: UInt8.self) else { return false }
        }
        return true
    }
}
