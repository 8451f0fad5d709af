/// A fixed number of 64-bit words with one owner, in memory of their own: cheap to make, and never copied by the
/// compiler, as words inside a value would be with it.
@safe public struct WordArray: ~Copyable {
    @usableFromInline let base: UnsafeMutablePointer<UInt64>
    /// How many words there are.
    public let count: Int

    /// Words that are all zero.
    @inlinable public init(count: Int) {
        precondition(count > 0)
        self.count = count
        // Safety: the allocation lives until deinit, and every access below is checked against `count`.
        unsafe base = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
        unsafe base.initialize(repeating: 0, count: count)
    }

    @inlinable deinit {
        // Safety: `base` is the one allocation that this value owns.
        unsafe base.deallocate()
    }

    /// The word at a place.
    @inlinable @inline(__always) public subscript(index: Int) -> UInt64 {
        get {
            precondition(index >= 0 && index < count)
            // Safety: inside the allocation, as just checked.
            return unsafe base[index]
        }
        set {
            precondition(index >= 0 && index < count)
            // Safety: inside the allocation, as just checked.
            unsafe base[index] = newValue
        }
    }
}

// Safety: the words have one owner; moving them to another thread moves their memory along.
extension WordArray: @unchecked Sendable {}
