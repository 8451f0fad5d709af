import HubBytes
import HubModel

/// The names that records carry as numbers: written with the block that first uses them, in the same
/// transaction, and found by number or by text.
enum LogNames {
    /// What stands before the text of a name: tenant, kind, three zeros.
    private static let headerBytes = 8

    static func write(_ block: borrowing BlockView, _ transaction: inout WriteTransaction)
        throws(StorageError)
    {
        var names = block.names
        var value = ByteBuffer(capacity: 256)
        var plain = ByteBuffer(capacity: 256)
        while let name = names.next() {
            plain.removeAll()
            plain.append(name.key.tenant.rawValue)
            plain.append(UInt32(name.key.kind.rawValue))
            plain.append(name.text)
            CheckedValue.wrap(plain.bytes, into: &value)
            try transaction.put(.names, StoreKey(name.id), value.bytes)
            let key = indexKey(name.key, name.text)
            plain.removeAll()
            plain.append(name.id.rawValue)
            try transaction.put(.nameIndex, key.bytes, plain.bytes)
        }
    }

    /// Kind, tenant in big-endian order, text: names of one kind and tenant are together, sorted by text.
    static func indexKey(_ key: NameKey, _ text: RawSpan) -> ByteBuffer {
        var buffer = ByteBuffer(capacity: 512)
        buffer.append(key.kind.rawValue)
        buffer.append(key.tenant.rawValue.byteSwapped)
        buffer.append(text)
        return buffer
    }

    /// How many names there are; they are numbered from 1 without gaps.
    static func count(_ snapshot: Snapshot) throws(StorageError) -> Int {
        let cursor = try snapshot.cursor(.names)
        guard try cursor.last(), let id = cursor.key.nameKey else { return 0 }
        return Int(id.rawValue)
    }

    static func find(_ snapshot: Snapshot, _ key: NameKey, _ text: RawSpan) throws(StorageError) -> NameID? {
        let wanted = indexKey(key, text)
        guard let value = try snapshot.value(.nameIndex, wanted.bytes), value.byteCount == 4 else {
            return nil
        }
        let id = NameID(value.load(0, as: UInt32.self))
        // The name itself has a checksum, its place in the order of texts has none.
        guard let name = try name(snapshot, id), name.key == key, name.text.withBytes({ $0.equals(text) })
        else {
            throw StorageError(.damaged(nil), path: snapshot.environment.path, detail: "the number of a name")
        }
        return id
    }

    static func name(_ snapshot: Snapshot, _ id: NameID) throws(StorageError) -> KnownName? {
        guard let value = try snapshot.value(.names, StoreKey(id)) else { return nil }
        return try decode(value, id, path: snapshot.environment.path)
    }

    static func decode(_ value: RawSpan, _ id: NameID, path: String) throws(StorageError) -> KnownName {
        guard
            let plain = CheckedValue.unwrap(value), plain.byteCount >= headerBytes,
            let kind = NameKind(rawValue: plain.load(4, as: UInt8.self))
        else { throw StorageError(.damaged(nil), path: path, detail: "name \(id)") }
        return KnownName(
            id: id, key: NameKey(kind, tenant: NameID(plain.load(0, as: UInt32.self))),
            text: plain.extracting(headerBytes..<plain.byteCount).text)
    }

    /// Goes through the names of a kind and tenant in order of their text, beginning behind one, until `body`
    /// returns false.
    static func forEach(
        _ snapshot: Snapshot, _ key: NameKey, after: String?,
        _ body: (NameID, RawSpan) throws(StorageError) -> Bool
    ) throws(StorageError) {
        let cursor = try snapshot.cursor(.nameIndex)
        let start = (after ?? "").withBytes { indexKey(key, $0) }
        let prefixBytes = indexKey(key, start.bytes.extracting(0..<0)).count
        var isThere = try cursor.seek(atOrAfter: start.bytes)
        if isThere, after != nil, cursor.key.equals(start.bytes) { isThere = try cursor.next() }
        while isThere {
            let found = cursor.key
            guard
                found.byteCount >= prefixBytes,
                found.extracting(0..<prefixBytes).equals(start.bytes.extracting(0..<prefixBytes)),
                cursor.value.byteCount == 4
            else { return }
            let id = NameID(cursor.value.load(0, as: UInt32.self))
            if try !body(id, found.extracting(prefixBytes..<found.byteCount)) { return }
            isThere = try cursor.next()
        }
    }
}
