import HubBytes

/// Changes to the router's checkpoint, written in the same transaction as a block: keys and values of the
/// router's own making, and the offset up to which they are true.
public struct StateChanges: ~Copyable, Sendable {
    private var packed = ByteBuffer(capacity: 256)
    /// Every record before this offset is accounted for in the state.
    public private(set) var appliedTo: Offset
    /// Changes in it.
    public private(set) var count = 0

    /// The longest key that LMDB takes.
    public static let keyBytesMax = 511
    private static let removed = UInt32.max

    /// No changes yet, true up to an offset.
    public init(appliedTo: Offset) { self.appliedTo = appliedTo }

    /// Bytes of keys and values together.
    public var byteCount: Int { packed.count }

    /// Sets a key.
    public mutating func set(_ key: RawSpan, _ value: RawSpan) {
        addKey(key, UInt32(value.byteCount))
        packed.append(value)
    }

    /// Removes a key.
    public mutating func remove(_ key: RawSpan) { addKey(key, Self.removed) }

    private mutating func addKey(_ key: RawSpan, _ size: UInt32) {
        precondition(key.byteCount > 0 && key.byteCount <= Self.keyBytesMax)
        packed.append(UInt16(key.byteCount))
        packed.append(size)
        packed.append(key)
        count += 1
    }

    /// Goes through the changes in order; a removal has no value.
    public func forEach<Failure: Error>(
        _ body: (_ key: RawSpan, _ value: RawSpan?) throws(Failure) -> Void
    ) throws(Failure) {
        let bytes = packed.bytes
        var position = 0
        while position < bytes.byteCount {
            let keyBytes = Int(bytes.load(position, as: UInt16.self))
            let size = bytes.load(position + 2, as: UInt32.self)
            position += 6
            let key = bytes.extracting(position..<position + keyBytes)
            position += keyBytes
            if size == Self.removed {
                try body(key, nil)
            } else {
                try body(key, bytes.extracting(position..<position + Int(size)))
                position += Int(size)
            }
        }
    }
}
