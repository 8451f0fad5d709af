import HubBytes
import HubModel

/// What retention has removed of a session, topic, agent or consumer; kept as long as its name, so that a gap
/// can always be explained and a session's numbers never begin again.
struct Trim: Equatable {
    /// The last position removed.
    var through: UInt64
    /// Records removed.
    var count: UInt64

    static let none = Trim(through: 0, count: 0)

    init(through: UInt64, count: UInt64) {
        self.through = through
        self.count = count
    }

    init?(_ value: RawSpan) {
        guard let content = CheckedValue.unwrap(value), content.byteCount == 16 else { return nil }
        through = content.load(0, as: UInt64.self)
        count = content.load(8, as: UInt64.self)
    }

    static func read(_ snapshot: Snapshot, _ id: NameID) throws(StorageError) -> Trim {
        guard let value = try snapshot.value(.trims, StoreKey(id)) else { return .none }
        guard let trim = Trim(value) else { throw damaged(snapshot.environment.path, id) }
        return trim
    }

    static func read(_ transaction: borrowing WriteTransaction, _ id: NameID) throws(StorageError) -> Trim {
        guard let value = try transaction.value(.trims, StoreKey(id)) else { return .none }
        guard let trim = Trim(value) else { throw damaged(transaction.environment.path, id) }
        return trim
    }

    private static func damaged(_ path: String, _ id: NameID) -> StorageError {
        StorageError(.damaged(nil), path: path, detail: "what was removed of \(id)")
    }

    /// Notes that more was removed.
    static func extend(
        _ transaction: inout WriteTransaction, _ id: NameID, through: UInt64, count: Int
    ) throws(StorageError) {
        var trim = try read(transaction, id)
        trim.through = max(trim.through, through)
        trim.count += UInt64(count)
        var content = ByteBuffer(capacity: 16)
        content.append(trim.through)
        content.append(trim.count)
        var value = ByteBuffer(capacity: 20)
        CheckedValue.wrap(content.bytes, into: &value)
        try transaction.put(.trims, StoreKey(id), value.bytes)
    }
}
