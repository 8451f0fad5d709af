import Foundation

/// The bytes of a trace file made by hand, after the description in `FaultLayer.h`.
struct TraceBytes {
    private(set) var bytes = Array("FLTTRACE".utf8) + [1, 0, 0, 0, 0, 0, 0, 0]
    private var sequence: UInt64 = 0

    mutating func record(
        _ kind: UInt16, flags: UInt16 = 0, _ value: UInt64 = 0, length: UInt64? = nil,
        bytes payload: [UInt8] = []
    ) {
        if kind == 0 { sequence = 0 }
        put(0x4345_5246 as UInt32)
        put(kind)
        put(flags)
        put(sequence)
        put(value)
        put(length ?? UInt64(payload.count))
        put(0 as UInt64)
        bytes += payload
        sequence += 1
    }

    private mutating func put<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }
}

/// A folder of our own to work in, gone with its owner.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/faults-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}
