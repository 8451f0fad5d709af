import CLMDB
import HubBytes
import HubModel

/// What a database is asked by: a key of fixed size, or bytes.
protocol LMDBKey: ~Escapable {
    /// Lends the key to LMDB, which only reads it.
    func withValue<Result: ~Copyable, Failure: Error>(
        _ body: (inout MDB_val) throws(Failure) -> Result
    ) throws(Failure) -> Result
}

extension RawSpan: LMDBKey {}

/// A key of fixed size, its numbers in big-endian order so that LMDB's byte order is numeric order.
struct StoreKey: LMDBKey, BitwiseCopyable, Equatable {
    private let high: UInt64
    private let low: UInt64
    private let size: Int

    /// The key of a block: its first offset.
    init(_ offset: Offset) {
        high = offset.rawValue.bigEndian
        low = 0
        size = 8
    }

    /// The key of a run: what it indexes, and its first position.
    init(_ id: NameID, position: UInt64) {
        high = (UInt64(id.rawValue) << 32 | position >> 32).bigEndian
        low = (position << 32).bigEndian
        size = 12
    }

    /// The key of a name.
    init(_ id: NameID) {
        high = (UInt64(id.rawValue) << 32).bigEndian
        low = 0
        size = 4
    }

    /// Lends the key to LMDB.
    func withValue<Result: ~Copyable, Failure: Error>(
        _ body: (inout MDB_val) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var words = (high, low)
        let size = size
        // Safety: LMDB only reads keys, and `words` outlives the call.
        return try unsafe withUnsafeMutableBytes(of: &words) { (bytes) throws(Failure) -> Result in
            var value = unsafe MDB_val(mv_size: size, mv_data: bytes.baseAddress)
            return try unsafe body(&value)
        }
    }
}

extension RawSpan {
    /// An offset as keys hold it. Keys have no checksum: nil where no log can have such an offset, so that
    /// counting on from it does not overflow.
    var offsetKey: Offset? {
        guard byteCount == 8 else { return nil }
        let offset = Offset(load(0, as: UInt64.self).byteSwapped)
        return offset < .end ? offset : nil
    }

    /// What a run's key holds; nil where no log can have such a position.
    var runKey: (id: NameID, position: UInt64)? {
        guard byteCount == 12 else { return nil }
        let position = load(4, as: UInt64.self).byteSwapped
        guard position < Offset.end.rawValue else { return nil }
        return (NameID(load(0, as: UInt32.self).byteSwapped), position)
    }

    /// What a name's key holds.
    var nameKey: NameID? { byteCount == 4 ? NameID(load(0, as: UInt32.self).byteSwapped) : nil }

    /// Lends the bytes to LMDB, which only reads them.
    func withValue<Result: ~Copyable, Failure: Error>(
        _ body: (inout MDB_val) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Safety: the span is alive during the call; LMDB does not write through keys and data that it is given.
        try unsafe withUnsafeBytes { (bytes) throws(Failure) -> Result in
            var value = unsafe MDB_val(
                mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            return try unsafe body(&value)
        }
    }
}
