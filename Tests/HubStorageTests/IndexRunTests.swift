import HubBytes
import HubModel
import Randomness
import Testing

@testable import HubStorage

@Suite struct IndexRunTests {
    /// The value of a run with these entries.
    private func encoded(_ entries: [UInt64?]) -> [UInt8] {
        var builder = IndexRunBuilder()
        for entry in entries { builder.append(entry.map { Offset($0) }) }
        let bytes = builder.finish(recordBytes: 1234, lastTime: Timestamp(microseconds: 99))
        return bytes.array
    }

    private func decoded(_ bytes: [UInt8]) -> [UInt64?]? {
        bytes.withBytes { bytes in
            guard let run = IndexRun(bytes) else { return nil }
            var entries: [UInt64?] = []
            let isWhole = run.forEach { index, offset in
                #expect(index == entries.count)
                entries.append(offset?.rawValue)
                return true
            }
            return isWhole ? entries : nil
        }
    }

    @Test(
        arguments: [
            [5], [0, 1, 2], [0, nil, 1], [7, 8, nil, nil, 500, nil], [1, 128, 129, 16_512, 1 << 40],
            [UInt64(Int64.max) - 1],
        ] as [[UInt64?]])
    func `A run reads back as it was written, removed entries included`(_ entries: [UInt64?]) {
        let bytes = encoded(entries)
        #expect(decoded(bytes) == entries)
        bytes.withBytes { bytes in
            guard let run = IndexRun(bytes) else { return }
            #expect(run.count == entries.count && run.liveCount == entries.compactMap(\.self).count)
            #expect(run.firstOffset.rawValue == entries[0])
            #expect(run.lastOffset.rawValue == entries.last { $0 != nil })
            #expect(run.recordBytes == 1234 && run.lastTime.microseconds == 99)
        }
    }

    @Test func `Random runs read back, and are full before they are too large`() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<200 {
            var builder = IndexRunBuilder()
            var entries: [UInt64?] = []
            var offset = UInt64(random.below(1 << 30))
            let distance = 1 << random.below(30)
            while !builder.isFull {
                let isThere = entries.isEmpty || !random.once(in: 5)
                entries.append(isThere ? offset : nil)
                builder.append(isThere ? Offset(offset) : nil)
                offset += 1 + UInt64(random.below(distance))
            }
            let bytes = builder.finish(recordBytes: 0, lastTime: .none)
            #expect(bytes.byteCount <= IndexRun.bytesMax)
            #expect(decoded(bytes.array) == entries)
            #expect(entries.count <= IndexRun.entriesMax)
        }
    }

    @Test func `A builder that is reset begins anew`() {
        var builder = IndexRunBuilder()
        builder.append(Offset(9))
        builder.append(nil)
        builder.reset()
        builder.append(Offset(3))
        let bytes = builder.finish(recordBytes: 1, lastTime: .none)
        #expect(decoded(bytes.array) == [3])
    }

    @Test func `A walk stops when it is told to`() {
        encoded([1, 2, 3]).withBytes { bytes in
            var seen = 0
            IndexRun(bytes)?.forEach { _, _ in
                seen += 1
                return seen < 2
            }
            #expect(seen == 2)
        }
    }

    @Test func `A run with any bit flipped, or cut short, is none`() {
        let bytes = encoded([10, nil, 300, 301, 70_000])
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(decoded(flipped) == nil, "bit \(bit)")
        }
        for length in 0..<bytes.count { #expect(decoded(Array(bytes.prefix(length))) == nil) }
        #expect(decoded(bytes + [0]) == nil)
    }
}
