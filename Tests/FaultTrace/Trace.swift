import Foundation

/// What a process did to the traced file, in order: the record FaultLayer wrote, checked.
///
/// The format is described in `FaultLayer.h`.
package struct Trace: Sendable {
    /// One step of the process.
    package enum Operation: Equatable, Sendable {
        /// A process began; several that ran one after the other may share a trace.
        case start(process: Int)
        /// The file was opened and had this size.
        case opened(size: Int)
        /// Bytes were written; a durable write was on stable storage when it returned.
        case write(offset: Int, bytes: ArraySlice<UInt8>, isDurable: Bool)
        /// Everything done before was brought to stable storage.
        case sync
        /// A sync reported an error: what it was to save may be lost, even if a later one succeeds.
        case syncFailed
        /// The size was set.
        case truncate(size: Int)
        /// Space was allocated, or a range was made to read as zeros.
        case allocate(offset: Int, length: Int, keepsSize: Bool, zeroes: Bool)
        /// `fault_mark` was called.
        case mark(UInt64)
        /// The file was mapped for writing: what was stored through the mapping is not in the trace.
        case mapped(offset: Int, length: Int)
    }

    /// The operations, in the order in which they took effect.
    package let operations: [Operation]
    /// Whether the last record is incomplete, as a killed process may leave it; it is left out.
    package let isCut: Bool

    /// A trace made by hand.
    package init(operations: [Operation]) {
        self.operations = operations
        isCut = false
    }

    /// Reads a trace file.
    package init(contentsOf path: String) throws {
        // Mapped, so that the bytes are in memory once and not twice.
        try self.init(bytes: [UInt8](Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)))
    }

    /// Reads the bytes of a trace file; the writes keep slices of them.
    package init(bytes: [UInt8]) throws(TraceError) {
        var reader = TraceReader(bytes: bytes)
        try reader.readHeader()
        var operations: [Operation] = []
        while let operation = try reader.readRecord() { operations.append(operation) }
        self.operations = operations
        isCut = reader.position < bytes.count
    }

    /// Whether stores through a mapping are missing: crash states made from such a trace prove nothing.
    package var hasWritableMapping: Bool {
        operations.contains { if case .mapped = $0 { true } else { false } }
    }

    /// The values of all marks, in order.
    package var marks: [UInt64] {
        operations.compactMap { if case .mark(let value) = $0 { value } else { nil } }
    }
}

/// Why bytes are not a trace.
package enum TraceError: Error, Equatable {
    /// No header, or one of another version.
    case notATrace
    /// The record at this position contradicts the format or does not follow the one before it.
    case damaged(position: Int, reason: String)
}

/// A cursor over the bytes of a trace.
private struct TraceReader {
    static let headerSize = 16
    static let recordSize = 40
    static let recordMagic: UInt32 = 0x4345_5246

    let bytes: [UInt8]
    private(set) var position = 0
    // Of the next record; nil before the first, which has to be a start.
    private var sequence: UInt64?

    init(bytes: [UInt8]) { self.bytes = bytes }

    private func load<Value: FixedWidthInteger>(_ offset: Int, as type: Value.Type) -> Value {
        bytes.withUnsafeBytes {
            Value(littleEndian: $0.loadUnaligned(fromByteOffset: position + offset, as: Value.self))
        }
    }

    private func damaged(_ reason: String) -> TraceError { .damaged(position: position, reason: reason) }

    mutating func readHeader() throws(TraceError) {
        guard bytes.count >= Self.headerSize, bytes.starts(with: Array("FLTTRACE".utf8)),
            load(8, as: UInt32.self) == 1, load(12, as: UInt32.self) == 0
        else { throw .notATrace }
        position = Self.headerSize
    }

    /// The next operation, or nil at the end or before an incomplete record.
    mutating func readRecord() throws(TraceError) -> Trace.Operation? {
        guard bytes.count - position >= Self.recordSize else { return nil }
        guard load(0, as: UInt32.self) == Self.recordMagic else { throw damaged("no record begins here") }
        let kind = load(4, as: UInt16.self)
        guard load(32, as: UInt64.self) == 0 else { throw damaged("reserved bits set") }
        guard load(8, as: UInt64.self) == (kind == 0 ? 0 : sequence) else { throw damaged("out of sequence") }
        let length = try small(load(24, as: UInt64.self))
        var next = position + Self.recordSize
        if kind == 1 {
            guard length <= bytes.count - next else { return nil }
            next += length
        }
        let operation = try decode(kind, flags: load(6, as: UInt16.self), length: length)
        sequence = load(8, as: UInt64.self) + 1
        position = next
        return operation
    }

    // Sums of two such values must not overflow anywhere later; no file is half as large.
    private func small(_ value: UInt64) throws(TraceError) -> Int {
        guard value < 1 << 62 else { throw damaged("a value out of range") }
        return Int(value)
    }

    private func decode(_ kind: UInt16, flags: UInt16, length: Int) throws(TraceError) -> Trace.Operation {
        let raw = load(16, as: UInt64.self)
        if kind == 5 { return .mark(raw) }
        let value = try small(raw)
        switch kind {
        case 0: return .start(process: value)
        case 1:
            let first = position + Self.recordSize
            return .write(offset: value, bytes: bytes[first..<first + length], isDurable: flags & 1 != 0)
        case 2: return .sync
        case 3: return .truncate(size: value)
        case 4:
            return .allocate(offset: value, length: length, keepsSize: flags & 2 != 0, zeroes: flags & 4 != 0)
        case 6: return .syncFailed
        case 7: return .mapped(offset: value, length: length)
        case 8: return .opened(size: value)
        default: throw damaged("unknown kind \(kind)")
        }
    }
}
