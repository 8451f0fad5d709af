import HubBytes

/// Frames that go out together, in one array.
final class FrameBatch {
    var bytes = ByteBuffer(capacity: 4096)
}

/// Batches that nobody fills at the moment. One that was sent has grown to its size, and the next begins with that.
struct FrameBatches {
    private var spare: [FrameBatch] = []

    /// More are not kept: as many as there are connections that are told something in the same turn.
    private static let keptMax = 16
    private static let keptBytes = 256 << 10

    /// An empty one.
    mutating func take() -> FrameBatch { spare.popLast() ?? FrameBatch() }

    /// Takes one back that was sent.
    mutating func giveBack(_ batch: FrameBatch) {
        guard spare.count < Self.keptMax else { return }
        batch.bytes.removeAll()
        batch.bytes.shrink(toCapacity: Self.keptBytes)
        spare.append(batch)
    }
}
