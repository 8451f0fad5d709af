/// Growable bytes with one owner.
///
/// Capacity is kept when the content is removed, so that a buffer that goes round between two threads stops
/// allocating after its first rounds. `slack` zeroed bytes follow the capacity: wide reads at the end of the
/// content stay inside the allocation.
@safe public struct ByteBuffer: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var used = 0
    @usableFromInline var room: Int

    /// Bytes behind the capacity that may be read, never written.
    public static let slack = 64

    /// An empty buffer with room for `capacity` bytes.
    public init(capacity: Int = 4096) {
        precondition(capacity >= 0)
        room = max(capacity, 64)
        // Safety: the allocation lives until deinit or grow, and every access below is checked against `room`.
        unsafe base = Self.allocate(room)
    }

    deinit {
        // Safety: `base` is the one allocation this value owns.
        unsafe base.deallocate()
    }

    private static func allocate(_ capacity: Int) -> UnsafeMutableRawPointer {
        // Safety: fresh memory; the slack is zeroed so that reads of it are defined.
        let memory = UnsafeMutableRawPointer.allocate(byteCount: capacity + slack, alignment: 64)
        unsafe memory.advanced(by: capacity).initializeMemory(as: UInt8.self, repeating: 0, count: slack)
        return unsafe memory
    }

    /// Bytes of content.
    @inlinable public var count: Int { used }

    /// Whether there is no content.
    @inlinable public var isEmpty: Bool { used == 0 }

    /// Bytes of content that fit without allocating.
    @inlinable public var capacity: Int { room }

    /// Makes room for `extra` more bytes.
    @inlinable public mutating func reserve(_ extra: Int) {
        if used &+ extra > room { grow(atLeast: used + extra) }
    }

    @inline(never) @usableFromInline mutating func grow(atLeast needed: Int) {
        var larger = room
        while larger < needed { larger *= 2 }
        // Safety: both regions hold at least `used` bytes; the old one is freed after the copy.
        let memory = unsafe Self.allocate(larger)
        unsafe memory.copyMemory(from: base, byteCount: used)
        unsafe base.deallocate()
        unsafe base = memory
        room = larger
    }

    /// Forgets the content and keeps the memory.
    @inlinable public mutating func removeAll() { used = 0 }

    /// Gives memory beyond `capacity` bytes back; the content must be gone.
    public mutating func shrink(toCapacity capacity: Int) {
        precondition(isEmpty)
        let wanted = max(capacity, 64)
        guard room > wanted else { return }
        // Safety: nothing refers to the old memory: there is no content.
        unsafe base.deallocate()
        unsafe base = Self.allocate(wanted)
        room = wanted
    }

    /// Drops content after the first `count` bytes.
    @inlinable public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= used)
        used = count
    }

    /// Drops the first `count` bytes of content and moves the rest to the front.
    public mutating func removeFirst(_ count: Int) {
        precondition(count >= 0 && count <= used)
        guard count > 0 else { return }
        // Safety: both regions lie inside the content; they may overlap, which this kind of copy allows.
        unsafe base.copyMemory(from: base.advanced(by: count), byteCount: used &- count)
        used &-= count
    }

    /// The content.
    @inlinable public var bytes: RawSpan {
        @_lifetime(borrow self) borrowing get {
            // Safety: the first `used` bytes are initialised and live as long as `self` is borrowed.
            let span = unsafe RawSpan(_unsafeStart: base, byteCount: used)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The content, writable in place.
    @inlinable public var mutableBytes: MutableRawSpan {
        @_lifetime(&self) mutating get {
            // Safety: as `bytes`, and the exclusive access to `self` covers the writes.
            let span = unsafe MutableRawSpan(_unsafeStart: base, byteCount: used)
            return unsafe _overrideLifetime(span, mutating: &self)
        }
    }

    /// Appends one integer in little-endian order.
    @inlinable public mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        let size = MemoryLayout<Value>.size
        reserve(size)
        // Safety: `reserve` made `size` bytes of room behind the content.
        unsafe base.storeBytes(of: value.littleEndian, toByteOffset: used, as: Value.self)
        used &+= size
    }

    /// Appends a copy of `span`.
    @inlinable public mutating func append(_ span: RawSpan) {
        let size = span.byteCount
        guard size > 0 else { return }
        reserve(size)
        // Safety: `size` bytes of room were reserved, and a span cannot lie in memory that this buffer owns
        // while the buffer is being changed.
        unsafe span.withUnsafeBytes { source in
            unsafe base.advanced(by: used).copyMemory(
                from: source.baseAddress.unsafelyUnwrapped, byteCount: size)
        }
        used &+= size
    }

    /// Appends a copy of another buffer's content.
    @inlinable public mutating func append(contentsOf other: borrowing ByteBuffer) { append(other.bytes) }

    /// Appends a literal.
    @inlinable public mutating func append(_ literal: StaticString) {
        let size = literal.utf8CodeUnitCount
        reserve(size)
        // Safety: a StaticString's code units live for ever; `size` bytes were reserved.
        unsafe base.advanced(by: used).copyMemory(from: literal.utf8Start, byteCount: size)
        used &+= size
    }

    /// Appends the UTF-8 of a string. For cold paths: hot ones have bytes already.
    public mutating func append(utf8 text: some StringProtocol) {
        for byte in text.utf8 { append(byte) }
    }

    /// Appends zeros.
    public mutating func append(zeros count: Int) {
        reserve(count)
        // Safety: `count` bytes of room were reserved behind the content.
        unsafe base.advanced(by: used).initializeMemory(as: UInt8.self, repeating: 0, count: count)
        used += count
    }

    /// Lets `body` fill reserved room behind the content through a checked cursor, with one capacity check.
    @inlinable public mutating func write(upTo size: Int, _ body: (inout TailWriter) -> Void) {
        reserve(size)
        // Safety: the writer checks each write against the `size` bytes just reserved, and cannot escape.
        var writer = unsafe TailWriter(start: base.advanced(by: used), size: size, owner: self)
        body(&writer)
        used &+= writer.written
    }

    /// Overwrites an integer inside the content, in little-endian order.
    @inlinable public mutating func patch<Value: FixedWidthInteger & BitwiseCopyable>(
        _ value: Value, at position: Int
    ) {
        precondition(position >= 0 && position &+ MemoryLayout<Value>.size <= used)
        // Safety: inside the content, as just checked.
        unsafe base.storeBytes(of: value.littleEndian, toByteOffset: position, as: Value.self)
    }

    /// Overwrites bytes inside the content with a copy of `span`.
    @inlinable public mutating func patch(_ span: RawSpan, at position: Int) {
        let size = span.byteCount
        precondition(position >= 0 && size <= used && position <= used &- size)
        guard size > 0 else { return }
        // Safety: inside the content, as just checked; a span cannot lie in memory that this buffer owns while
        // the buffer is being changed.
        unsafe span.withUnsafeBytes { source in
            unsafe base.advanced(by: position).copyMemory(
                from: source.baseAddress.unsafelyUnwrapped, byteCount: size)
        }
    }

    /// Lets `body` put up to `size` bytes behind the content, as a system call does; it returns how many it
    /// put there, or a negative number for a failure, which is handed back.
    public mutating func fill(
        upTo size: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int
    ) -> Int {
        reserve(size)
        // Safety: the region handed out is the room just reserved; a larger count is a bug and stops here.
        let filled = unsafe body(UnsafeMutableRawBufferPointer(start: base.advanced(by: used), count: size))
        precondition(filled <= size)
        if filled > 0 { used &+= filled }
        return filled
    }
}

// Safety: the buffer has one owner and no shared state; moving it to another thread moves the memory with it.
extension ByteBuffer: @unchecked Sendable {}
