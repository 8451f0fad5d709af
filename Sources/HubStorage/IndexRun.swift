import HubBytes
import HubModel

/// Where a stretch of a session's, topic's, agent's or consumer's records lie: what the indexes hold.
///
/// The value in the database: checksum, count, first and last offset, bytes, newest time, then for each entry
/// behind the first its distance from the last one that is there, as a LEB128 number; 0 says that retention
/// removed the record. `docs/log-format.md` is this in words.
struct IndexRun: ~Escapable {
    static let headerBytes = 48
    /// Runs are kept small enough for two to share a page of LMDB, so that they never need pages of their own.
    static let bytesMax = 1800
    static let entriesMax = 1024

    private let bytes: RawSpan
    /// Entries, removed ones included.
    let count: Int

    /// The run, or nil if the bytes are not what was written.
    @_lifetime(copy bytes)
    init?(_ bytes: RawSpan) {
        guard
            bytes.byteCount >= Self.headerBytes,
            bytes.load(0, as: UInt32.self) == Checksum.of(bytes.extracting(4..<bytes.byteCount))
        else { return nil }
        count = Int(bytes.load(4, as: UInt32.self))
        guard count > 0, count <= Self.entriesMax, bytes.byteCount >= Self.headerBytes + count - 1 else {
            return nil
        }
        self.bytes = bytes
    }

    var firstOffset: Offset { Offset(bytes.load(8, as: UInt64.self)) }
    var lastOffset: Offset { Offset(bytes.load(16, as: UInt64.self)) }
    var recordBytes: Int { Int(clamping: bytes.load(24, as: UInt64.self)) }
    var lastTime: Timestamp { Timestamp(microseconds: bytes.load(32, as: Int64.self)) }
    /// Entries that are there.
    var liveCount: Int { Int(clamping: bytes.load(40, as: UInt64.self)) }

    /// Goes through the entries in order until `body` returns false; a removed one has no offset. False if the
    /// bytes end too early, which their checksum rules out unless a bug wrote them.
    @discardableResult
    func forEach(_ body: (_ index: Int, Offset?) -> Bool) -> Bool {
        var offset = firstOffset.rawValue
        var position = Self.headerBytes
        var index = 0
        while index < count {
            if index > 0 {
                guard let distance = readNumber(&position) else { return false }
                offset &+= distance
                if distance == 0 {
                    if !body(index, nil) { return true }
                    index &+= 1
                    continue
                }
            }
            if !body(index, Offset(offset)) { return true }
            index &+= 1
        }
        return true
    }

    private func readNumber(_ position: inout Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.byteCount, shift < 64 {
            let byte = bytes.load(position, as: UInt8.self)
            position &+= 1
            value |= UInt64(byte & 127) &<< shift
            if byte < 128 { return value }
            shift &+= 7
        }
        return nil
    }
}

/// Builds the value of a run.
struct IndexRunBuilder: ~Copyable {
    private var buffer = ByteBuffer(capacity: IndexRun.bytesMax + 64)
    /// Entries so far, removed ones included.
    private(set) var count = 0
    private(set) var liveCount = 0
    private var firstOffset = Offset.zero
    private var lastOffset = Offset.zero

    init() { reset() }

    /// Begins another run.
    mutating func reset() {
        buffer.removeAll()
        buffer.append(zeros: IndexRun.headerBytes)
        count = 0
        liveCount = 0
    }

    /// Whether another entry might not fit.
    var isFull: Bool { count >= IndexRun.entriesMax || buffer.count + 10 > IndexRun.bytesMax }

    /// Appends an entry; the first of a run must be one that is there.
    mutating func append(_ offset: Offset?) {
        if count == 0 {
            guard let offset else { preconditionFailure("a run begins with a record that is there") }
            firstOffset = offset
            lastOffset = offset
            liveCount = 1
        } else if let offset {
            appendNumber(offset.rawValue - lastOffset.rawValue)
            lastOffset = offset
            liveCount += 1
        } else {
            buffer.append(UInt8(0))
        }
        count += 1
    }

    private mutating func appendNumber(_ value: UInt64) {
        precondition(value > 0)
        var rest = value
        while rest >= 128 {
            buffer.append(UInt8(truncatingIfNeeded: rest | 128))
            rest >>= 7
        }
        buffer.append(UInt8(rest))
    }

    /// The value, once all entries are in. What the records weigh and when the newest was taken is for
    /// retention.
    @_lifetime(&self)
    mutating func finish(recordBytes: Int, lastTime: Timestamp) -> RawSpan {
        buffer.patch(UInt32(count), at: 4)
        buffer.patch(firstOffset.rawValue, at: 8)
        buffer.patch(lastOffset.rawValue, at: 16)
        buffer.patch(UInt64(recordBytes), at: 24)
        buffer.patch(lastTime.microseconds, at: 32)
        buffer.patch(UInt64(liveCount), at: 40)
        let checksum = Checksum.of(buffer.bytes.extracting(4..<buffer.count))
        buffer.patch(checksum, at: 0)
        return buffer.bytes
    }
}
