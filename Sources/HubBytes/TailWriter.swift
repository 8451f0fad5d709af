/// A cursor over room reserved at the end of a `ByteBuffer`: each write is checked against the end of the room,
/// none of them allocates.
@safe public struct TailWriter: ~Copyable, ~Escapable {
    @usableFromInline let start: UnsafeMutableRawPointer
    @usableFromInline let size: Int
    @usableFromInline var position = 0

    /// Bytes written so far.
    @inlinable public var written: Int { position }

    // Safety: the caller vouches that `size` bytes from `start` are writable while `owner` is borrowed.
    @inlinable @_lifetime(borrow owner)
    init(start: UnsafeMutableRawPointer, size: Int, owner: borrowing ByteBuffer) {
        unsafe self.start = start
        self.size = size
    }

    /// Appends one integer in little-endian order.
    @inlinable @inline(__always) @_lifetime(self: copy self)
    public mutating func put<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        precondition(MemoryLayout<Value>.size <= size &- position)
        // Safety: inside the room, as just checked.
        unsafe start.storeBytes(of: value.littleEndian, toByteOffset: position, as: Value.self)
        position &+= MemoryLayout<Value>.size
    }

    /// Appends a copy of `span`.
    @inlinable @inline(__always) @_lifetime(self: copy self)
    public mutating func put(_ span: RawSpan) {
        let count = span.byteCount
        precondition(count <= size &- position)
        guard count > 0 else { return }
        // Safety: inside the room, as just checked; a span cannot overlap room that nobody has written yet.
        unsafe span.withUnsafeBytes { source in
            unsafe start.advanced(by: position).copyMemory(
                from: source.baseAddress.unsafelyUnwrapped, byteCount: count)
        }
        position &+= count
    }

    /// Appends zeros up to the next multiple of eight of what was written.
    @inlinable @inline(__always) @_lifetime(self: copy self)
    public mutating func padToEight() {
        let padding = (8 &- (position & 7)) & 7
        precondition(padding <= size &- position)
        var done = 0
        while done < padding {
            // Safety: inside the room, as just checked.
            unsafe start.storeBytes(of: 0, toByteOffset: position &+ done, as: UInt8.self)
            done &+= 1
        }
        position &+= padding
    }
}
