import HubBytes

/// A name's number: what records carry instead of the name itself. 0 stands for no name.
public struct NameID: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
    /// The number itself.
    public let rawValue: UInt32

    /// The name with this number.
    @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// No name.
    public static let none = NameID(0)

    /// Orders by age: names are numbered as they come.
    @inlinable public static func < (left: NameID, right: NameID) -> Bool { left.rawValue < right.rawValue }

    /// The number in decimal.
    public var description: String { "#\(rawValue)" }
}

/// What a name names. The raw values are on disk.
public enum NameKind: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    /// A tenant; has no tenant itself.
    case tenant = 1
    /// An agent.
    case agent = 2
    /// A session.
    case session = 3
    /// A topic.
    case topic = 4
    /// A consumer.
    case consumer = 5
}

/// What a name is besides its bytes.
public struct NameKey: Hashable, Sendable, BitwiseCopyable {
    /// What it names.
    public let kind: NameKind
    /// Whose it is; none for a tenant's own name.
    public let tenant: NameID

    /// The key of a name of this kind and tenant.
    @inlinable public init(_ kind: NameKind, tenant: NameID) {
        self.kind = kind
        self.tenant = tenant
    }
}

/// Names and their numbers, both ways, without a `String` or an allocation for a name that is known.
///
/// Numbers are given in order from 1, so a table is its list of names; the log keeps that list.
public struct NameTable: ~Copyable {
    private struct Entry {
        let key: NameKey
        let length: UInt16
        let start: Int
        let hash: UInt64
    }

    private var entries: [Entry] = []
    private var text = ByteBuffer(capacity: 1 << 12)
    /// Open addressing, linear probing; 0 is free, else a number from 1.
    private var slots: [UInt32] = Array(repeating: 0, count: 64)
    /// Clients choose names, so the hash must differ from process to process.
    private let seed: UInt64

    /// An empty table.
    public init() {
        var generator = SystemRandomNumberGenerator()
        seed = generator.next()
    }

    /// Names in the table.
    public var count: Int { entries.count }

    /// The number that the next new name will get.
    public var nextID: NameID { NameID(UInt32(entries.count) + 1) }

    /// What a number stands for.
    public func key(of id: NameID) -> NameKey? {
        guard id != .none, Int(id.rawValue) <= entries.count else { return nil }
        return entries[Int(id.rawValue) - 1].key
    }

    /// The bytes of a name; empty for a number that the table does not have.
    @_lifetime(borrow self)
    public func bytes(of id: NameID) -> RawSpan {
        text.bytes.extracting(range(of: id))
    }

    /// A name as text, for people; empty for a number that the table does not have.
    public func text(of id: NameID) -> String { bytes(of: id).text }

    private func range(of id: NameID) -> Range<Int> {
        guard id != .none, Int(id.rawValue) <= entries.count else { return 0..<0 }
        let entry = entries[Int(id.rawValue) - 1]
        return entry.start..<entry.start + Int(entry.length)
    }

    /// The number of a name, if the table has it.
    public func find(_ key: NameKey, _ bytes: RawSpan) -> NameID? {
        let slot = slot(for: key, bytes, hash: hash(key, bytes))
        return slots[slot] == 0 ? nil : NameID(slots[slot])
    }

    /// The number of a name, new if need be; says whether it is.
    public mutating func intern(_ key: NameKey, _ bytes: RawSpan) -> (id: NameID, isNew: Bool) {
        let hash = hash(key, bytes)
        let slot = slot(for: key, bytes, hash: hash)
        if slots[slot] != 0 { return (NameID(slots[slot]), false) }
        return (add(key, bytes, hash: hash, slot: slot), true)
    }

    /// Takes back the newest names, as when the block that brought them could not be written.
    public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= entries.count)
        guard count < entries.count else { return }
        text.truncate(to: entries[count].start)
        entries.removeSubrange(count...)
        rebuild(size: slots.count)
    }

    private mutating func add(_ key: NameKey, _ bytes: RawSpan, hash: UInt64, slot: Int) -> NameID {
        precondition(bytes.byteCount <= Int(UInt16.max) && entries.count < Int(UInt32.max) - 1)
        entries.append(
            Entry(key: key, length: UInt16(bytes.byteCount), start: text.count, hash: hash))
        text.append(bytes)
        slots[slot] = UInt32(entries.count)
        // At most three quarters full: probes stay short.
        if entries.count * 4 > slots.count * 3 { rebuild(size: slots.count * 2) }
        return NameID(UInt32(entries.count))
    }

    private mutating func rebuild(size: Int) {
        slots = Array(repeating: 0, count: size)
        for index in entries.indices {
            var slot = Int(truncatingIfNeeded: entries[index].hash) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = UInt32(index + 1)
        }
    }

    /// Where the name is, or the free slot where it belongs.
    private func slot(for key: NameKey, _ bytes: RawSpan, hash: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let entry = entries[Int(slots[slot]) - 1]
            if entry.hash == hash, entry.key == key, Int(entry.length) == bytes.byteCount {
                let known = text.bytes.extracting(entry.start..<entry.start + Int(entry.length))
                if known.equals(bytes) { return slot }
            }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func hash(_ key: NameKey, _ bytes: RawSpan) -> UInt64 {
        var state = seed ^ (UInt64(key.kind.rawValue) << 32 | UInt64(key.tenant.rawValue))
        var position = 0
        while position + 8 <= bytes.byteCount {
            state = Self.mix(state ^ bytes.load(position, as: UInt64.self), 0x9e37_79b9_7f4a_7c15)
            position += 8
        }
        var tail: UInt64 = UInt64(bytes.byteCount) << 56
        var shift: UInt64 = 0
        while position < bytes.byteCount {
            tail |= UInt64(bytes.load(position, as: UInt8.self)) << shift
            shift += 8
            position += 1
        }
        return Self.mix(state ^ tail, 0xe703_7ed1_a0b4_28db)
    }

    private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = (left ^ 0x8ebc_6af0_9c88_c6e3).multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
