import HubBytes
import HubModel

/// The names both ways: numbers are dense, every number's text leads back to it, tenants are tenants.
extension CheckRun {
    func checkNames() throws(StorageError) {
        defer {
            lastSequences = Array(repeating: 0, count: kinds.count)
            matched = Array(repeating: 0, count: kinds.count)
        }
        let snapshot = snapshot
        let cursor = try snapshot.cursor(.names)
        // Numbers are dense, so none is higher than their count; a little more is missing names.
        let most = try snapshot.count(.names) + 1000
        var isThere = try cursor.first()
        while isThere {
            if let id = cursor.key.nameKey, Int(id.rawValue) >= kinds.count, Int(id.rawValue) <= most {
                try checkName(id, cursor.value)
            } else {
                note(.names, "a name has a key that no name can have")
            }
            advance(cursor.value.byteCount * 2)
            isThere = try cursor.next()
        }
        if try snapshot.count(.nameIndex) != snapshot.count(.names) { try checkTexts() }
    }

    private func checkName(_ id: NameID, _ value: RawSpan) throws(StorageError) {
        report.names += 1
        while kinds.count < Int(id.rawValue) {
            note(.names, name: NameID(UInt32(kinds.count)), "name #\(kinds.count) is missing")
            kinds.append(0)
        }
        kinds.append(0)
        guard
            let plain = CheckedValue.unwrap(value), plain.byteCount >= 8,
            let kind = NameKind(rawValue: plain.load(4, as: UInt8.self))
        else { return note(.names, name: id, "name \(id) is damaged") }
        kinds[Int(id.rawValue)] = kind.rawValue
        let tenant = NameID(plain.load(0, as: UInt32.self))
        if kind == .tenant ? tenant != .none : !isTenant(tenant) {
            note(.names, name: id, "name \(id) belongs to \(tenant), which is no tenant")
        }
        let text = plain.extracting(8..<plain.byteCount)
        if try LogNames.find(snapshot, NameKey(kind, tenant: tenant), text) != id {
            note(.names, name: id, "name \(id) is not found by its text")
        }
    }

    private func isTenant(_ id: NameID) -> Bool {
        id == .none || Int(id.rawValue) < kinds.count && kinds[Int(id.rawValue)] == NameKind.tenant.rawValue
    }

    /// Looks for texts that lead to no name, or to another one.
    private func checkTexts() throws(StorageError) {
        let snapshot = snapshot
        let cursor = try snapshot.cursor(.nameIndex)
        var isThere = try cursor.first()
        while isThere {
            let id = cursor.value.byteCount == 4 ? NameID(cursor.value.load(0, as: UInt32.self)) : .none
            if try !leadsBack(cursor.key, id) {
                note(.names, name: id, "a name's text leads to \(id), which is another name or none")
            }
            isThere = try cursor.next()
        }
    }

    private func leadsBack(_ key: RawSpan, _ id: NameID) throws(StorageError) -> Bool {
        let snapshot = snapshot
        guard
            let value = try snapshot.value(.names, StoreKey(id)), let plain = CheckedValue.unwrap(value),
            plain.byteCount >= 8, let kind = NameKind(rawValue: plain.load(4, as: UInt8.self))
        else { return false }
        let expected = LogNames.indexKey(
            NameKey(kind, tenant: NameID(plain.load(0, as: UInt32.self))),
            plain.extracting(8..<plain.byteCount))
        return key.equals(expected.bytes)
    }

    /// Holds the names that a block brings against the names.
    func checkNames(of block: borrowing BlockView) throws(StorageError) {
        let snapshot = snapshot
        var names = block.names
        var found = 0
        while let name = names.next() {
            found += 1
            let value = try snapshot.value(.names, StoreKey(name.id))
            guard let value, let plain = CheckedValue.unwrap(value), plain.byteCount >= 8 else {
                note(.names, offset: block.firstOffset, name: name.id, "name \(name.id) is in a block only")
                continue
            }
            let isSame =
                plain.load(0, as: UInt32.self) == name.key.tenant.rawValue
                && plain.load(4, as: UInt32.self) == UInt32(name.key.kind.rawValue)
                && plain.extracting(8..<plain.byteCount).equals(name.text)
            if !isSame {
                note(
                    .names, offset: block.firstOffset, name: name.id,
                    "name \(name.id) is another one in the block that brought it")
            }
        }
        if !names.isAtEnd || found != block.nameCount {
            note(.block, offset: block.firstOffset, "the names of block \(block.firstOffset) cannot be read")
        }
    }

    func kind(of id: NameID) -> NameKind? {
        Int(id.rawValue) < kinds.count ? NameKind(rawValue: kinds[Int(id.rawValue)]) : nil
    }
}
