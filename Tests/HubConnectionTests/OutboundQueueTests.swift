import Glibc
import HubBytes
import Testing

@testable import HubConnection
@testable import HubSystem

/// What waits to be sent comes out as it went in, however it is cut.
@Suite struct OutboundQueueTests {
    /// A small generator: the same numbers for the same seed.
    private struct Dice {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }

        mutating func bytes() -> [UInt8] {
            let count = [1, 7, 100, 512, 513, 2000, 9000][below(7)]
            return (0..<count).map { _ in UInt8(truncatingIfNeeded: below(256)) }
        }
    }

    /// The bytes that a call would send.
    private static func content(_ list: borrowing GatherList) -> [UInt8] {
        var bytes: [UInt8] = []
        _ = list.withEntries { entries, count in
            for index in 0..<Int(count) {
                let entry = entries.load(fromByteOffset: index * MemoryLayout<iovec>.stride, as: iovec.self)
                bytes += UnsafeRawBufferPointer(start: entry.iov_base, count: entry.iov_len)
            }
            return 0
        }
        return bytes
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `Any mixture of copied and shared pieces comes out in order`(_ seed: UInt64) {
        var dice = Dice(state: seed)
        var queue = OutboundQueue()
        var expected: [UInt8] = []
        var sent: [UInt8] = []
        var moved = ByteBuffer()
        var isCounted = true
        for _ in 0..<200 {
            switch dice.below(5) {
            case 0, 1:
                let bytes = dice.bytes()
                bytes.withBytes { queue.append($0) }
                expected += bytes
            case 2:
                let bytes = dice.bytes()
                var buffer = ByteBuffer()
                bytes.withBytes { buffer.append($0) }
                queue.append(SharedBytes(buffer))
                expected += bytes
            case 3:
                // As a transform does, which takes pieces out.
                moved.removeAll()
                queue.move(upTo: dice.below(5000), to: &moved)
                sent += moved.bytes.array
            default:
                // As a socket does, which takes some of what is listed.
                var list = GatherList(capacity: 1 + dice.below(40))
                queue.gather(&list)
                let listed = list.byteCount
                let taken = listed == 0 ? 0 : dice.below(listed + 1)
                sent += Self.content(list).prefix(taken)
                queue.advance(taken)
                if dice.below(8) == 0 { queue.releaseMemory() }
            }
            isCounted = isCounted && sent.count + queue.count == expected.count
        }
        moved.removeAll()
        queue.move(upTo: Int.max, to: &moved)
        sent += moved.bytes.array
        let isEmpty = queue.isEmpty
        #expect(sent == expected && isEmpty && isCounted)
        queue.releaseMemory()
        let holdsMemory = queue.holdsMemory
        #expect(!holdsMemory)
    }
}
