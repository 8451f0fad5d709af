import HubModel

/// What consumers said of messages that they gave up or refused. It is for people and for dead letters; what a restart
/// forgets of it is not missed by anyone.
struct Remarks {
    private struct Key: Hashable {
        let consumer: ConsumerHandle
        let message: Offset
    }

    private static let countMax = 10_000
    private static let bytesMax = 255
    private var remarks: [Key: [UInt8]] = [:]

    init() {}

    mutating func set(_ remark: String, of message: Offset, by consumer: ConsumerHandle) {
        if remarks.count >= Self.countMax { remarks.removeAll(keepingCapacity: true) }
        var bytes = Array(remark.utf8.prefix(Self.bytesMax))
        // A character that was cut in two is no character.
        while String(validating: bytes, as: UTF8.self) == nil { bytes.removeLast() }
        remarks[Key(consumer: consumer, message: message)] = bytes
    }

    mutating func take(_ message: Offset, by consumer: ConsumerHandle) -> [UInt8] {
        remarks.removeValue(forKey: Key(consumer: consumer, message: message)) ?? []
    }
}
