import HubBytes
import HubModel

/// What the log knows of itself as of its last checkpoint: one record in the database `meta`.
struct LogMeta: Equatable {
    static let version = 1
    static let byteCount = 64
    /// The only key in its database.
    static let key = StoreKey(NameID(0))

    var epoch: Epoch
    /// Every record before this offset is in the indexes.
    var indexedTo: Offset
    /// Every record before this offset is accounted for in the router's checkpoint.
    var stateAppliedTo: Offset
    /// When the log was made.
    var created: Timestamp
    /// Records and bytes in blocks before `indexedTo`.
    var records: Int
    var blockBytes: Int

    init(epoch: Epoch, created: Timestamp) {
        self.epoch = epoch
        self.created = created
        indexedTo = .zero
        stateAppliedTo = .zero
        records = 0
        blockBytes = 0
    }

    init(_ bytes: RawSpan, path: String) throws(StorageError) {
        let damage = StorageError(.damaged(nil), path: path, detail: "the record about the log itself")
        guard bytes.byteCount >= 8 else { throw damage }
        let version = Int(bytes.load(4, as: UInt32.self))
        // A newer format may look different from here on, so its number is read first.
        guard version <= Self.version else {
            throw StorageError(.newerFormat(found: version, supported: Self.version), path: path)
        }
        guard
            bytes.byteCount == Self.byteCount,
            bytes.load(0, as: UInt32.self) == Checksum.of(bytes.extracting(4..<bytes.byteCount)),
            let epoch = Epoch(bytes.load(8, as: UInt64.self))
        else { throw damage }
        self.epoch = epoch
        indexedTo = Offset(bytes.load(16, as: UInt64.self))
        stateAppliedTo = Offset(bytes.load(24, as: UInt64.self))
        created = Timestamp(microseconds: bytes.load(32, as: Int64.self))
        records = Int(bytes.load(40, as: Int64.self))
        blockBytes = Int(bytes.load(48, as: Int64.self))
    }

    func encoded() -> ByteBuffer {
        var buffer = ByteBuffer(capacity: Self.byteCount)
        buffer.append(UInt32(0))
        buffer.append(UInt32(Self.version))
        buffer.append(epoch.rawValue)
        buffer.append(indexedTo.rawValue)
        buffer.append(stateAppliedTo.rawValue)
        buffer.append(created.microseconds)
        buffer.append(Int64(records))
        buffer.append(Int64(blockBytes))
        buffer.append(UInt64(0))
        let checksum = Checksum.of(buffer.bytes.extracting(4..<buffer.count))
        buffer.patch(checksum, at: 0)
        return buffer
    }

    static func read(_ snapshot: Snapshot) throws(StorageError) -> LogMeta? {
        guard let bytes = try snapshot.value(.meta, key) else { return nil }
        return try LogMeta(bytes, path: snapshot.environment.path)
    }

    func write(_ transaction: inout WriteTransaction) throws(StorageError) {
        let buffer = encoded()
        try transaction.put(.meta, Self.key, buffer.bytes)
    }
}

/// A value with a checksum before it: how names and the router's state are kept.
enum CheckedValue {
    static func wrap(_ bytes: RawSpan, into buffer: inout ByteBuffer) {
        buffer.removeAll()
        buffer.append(Checksum.of(bytes))
        buffer.append(bytes)
    }

    /// The bytes, or nil if they are not what was written.
    @_lifetime(copy bytes)
    static func unwrap(_ bytes: RawSpan) -> RawSpan? {
        guard bytes.byteCount >= 4 else { return nil }
        let content = bytes.extracting(4..<bytes.byteCount)
        return bytes.load(0, as: UInt32.self) == Checksum.of(content) ? content : nil
    }
}
