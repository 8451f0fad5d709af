import Glibc

/// Pieces of memory that one system call sends one after the other.
@safe package struct GatherList: ~Copyable {
    private let entries: UnsafeMutablePointer<iovec>
    private let capacity: Int
    /// Pieces in the list.
    package private(set) var count = 0
    /// Bytes in all pieces.
    package private(set) var byteCount = 0

    /// An empty list for up to `capacity` pieces; the system takes 1,024 at once.
    package init(capacity: Int) {
        precondition(capacity > 0 && capacity <= 1024)
        self.capacity = capacity
        // Safety: freed in deinit; the first `count` entries are filled.
        unsafe entries = .allocate(capacity: capacity)
    }

    deinit {
        // Safety: the one allocation of this value; its entries need no deinitialization.
        unsafe entries.deallocate()
    }

    /// Whether another piece has no room.
    package var isFull: Bool { count == capacity }

    /// Forgets all pieces.
    package mutating func removeAll() {
        count = 0
        byteCount = 0
    }

    /// Adds a piece, of which the caller keeps the memory as it is until the list was sent or emptied.
    @unsafe package mutating func append(_ bytes: RawSpan) {
        precondition(!isFull)
        guard bytes.byteCount > 0 else { return }
        // Safety: the caller vouches for the memory; a call that sends only reads it.
        unsafe bytes.withUnsafeBytes { piece in
            let start = unsafe UnsafeMutableRawPointer(mutating: piece.baseAddress)
            unsafe entries.advanced(by: count).initialize(
                to: iovec(iov_base: start, iov_len: piece.count))
        }
        count += 1
        byteCount += bytes.byteCount
    }

    /// Lends the entries to a call.
    func withEntries(_ body: (UnsafeRawPointer, Int32) -> Int64) -> Int64 {
        // Safety: the first `count` entries are filled.
        unsafe body(UnsafeRawPointer(entries), Int32(count))
    }
}
