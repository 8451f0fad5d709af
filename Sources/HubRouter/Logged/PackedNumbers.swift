import HubBytes

/// Writes numbers in as few bytes as they need: how bookkeeping fits into a record.
struct NumberPacker: ~Copyable {
    private(set) var buffer = ByteBuffer(capacity: 256)

    init() {}

    /// Forgets everything written.
    mutating func reset() { buffer.removeAll() }

    /// Appends a number: seven bits a byte, lowest first, the highest bit says that more follows.
    mutating func put(_ value: UInt64) {
        var rest = value
        while rest >= 128 {
            buffer.append(UInt8(truncatingIfNeeded: rest | 128))
            rest >>= 7
        }
        buffer.append(UInt8(rest))
    }

    /// Appends a number that may be negative.
    mutating func put(signed value: Int64) {
        put(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Appends bytes behind their count.
    mutating func put(_ bytes: RawSpan) {
        put(UInt64(bytes.byteCount))
        buffer.append(bytes)
    }
}

/// Reads what `NumberPacker` wrote. Whatever the bytes are, it ends: a number that is cut short or too long makes it
/// fail, and it stays failed.
struct NumberReader: ~Escapable {
    private let bytes: RawSpan
    private var position = 0
    /// Whether the bytes stopped making sense.
    private(set) var hasFailed = false

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    /// Whether all was read.
    var isAtEnd: Bool { position >= bytes.byteCount || hasFailed }

    /// The next number; 0 once it has failed.
    mutating func next() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while !hasFailed, position < bytes.byteCount, shift < 64 {
            let byte = bytes.load(position, as: UInt8.self)
            position += 1
            let bits = UInt64(byte & 127)
            if shift == 63, bits > 1 { break }
            value |= bits << shift
            if byte < 128 { return value }
            shift += 7
        }
        hasFailed = true
        return 0
    }

    /// The next number, which may be negative.
    mutating func nextSigned() -> Int64 {
        let value = next()
        return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
    }

    /// The next bytes behind their count; empty once it has failed.
    @_lifetime(copy self)
    mutating func nextBytes() -> RawSpan {
        let count = next()
        guard !hasFailed, count <= UInt64(bytes.byteCount - position) else {
            hasFailed = true
            return bytes.extracting(0..<0)
        }
        defer { position += Int(count) }
        return bytes.extracting(position..<position + Int(count))
    }
}
