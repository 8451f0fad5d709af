import HubBytes
import HubModel
import NativeSamples
import Testing

@testable import HubProtocols

/// What is written is read as it was meant.
@Suite struct NativeRoundTripTests {
    @Test("what an agent writes is what the hub reads", arguments: 0..<8)
    func agentFrames(seed: Int) throws {
        var maker = FrameMaker(seed: UInt64(seed))
        for _ in 0..<500 {
            var batch = ByteBuffer()
            let frame = maker.agentFrame(&batch)
            var text = ByteBuffer()
            frame.append(in: batch.bytes, to: &text)
            var received = ByteBuffer()
            var reader = NativeReader(text.bytes)
            var read = try #require(try reader.next(&received))
            if case .heartbeat(var beat) = read {
                // What it said besides is kept as it was written, and nothing that is written from.
                beat.data = .empty
                read = .heartbeat(beat)
            }
            let end = try reader.next(&received)
            #expect(end == nil)
            #expect(
                description(of: read, in: received.bytes) == description(of: frame, in: batch.bytes),
                "\(text.bytes.text)")
        }
    }

    @Test("what the hub writes is what an agent reads", arguments: 0..<8)
    func hubFrames(seed: Int) throws {
        var maker = FrameMaker(seed: UInt64(seed) + 100)
        for _ in 0..<500 {
            var batch = ByteBuffer()
            let frame = maker.hubFrame(&batch)
            var text = ByteBuffer()
            #expect(frame.append(in: batch.bytes, to: &text))
            var received = ByteBuffer()
            var reader = NativeClientReader(text.bytes)
            let read = try #require(try reader.next(&received), "\(text.bytes.text)")
            #expect(
                description(of: read, in: received.bytes) == description(of: frame, in: batch.bytes),
                "\(text.bytes.text)")
        }
    }

    @Test("frames in one array are read in order, with spaces anywhere", arguments: 0..<4)
    func batches(seed: Int) throws {
        var maker = FrameMaker(seed: UInt64(seed) + 200)
        var batch = ByteBuffer()
        var wanted: [String] = []
        var text = ByteBuffer()
        text.append(" [\n")
        for index in 0..<200 {
            if index > 0 { text.append(" , ") }
            let one = maker.publication(&batch)
            wanted.append(description(of: one, in: batch.bytes))
            NativeFrame.publication(one).append(in: batch.bytes, to: &text)
        }
        text.append("\t]\r\n")
        var received = ByteBuffer()
        received.append("what is there already")
        var reader = NativeReader(text.bytes)
        var found: [NativeFrame] = []
        while let frame = try reader.next(&received) { found.append(frame) }
        let read = found.map { frame in
            guard case .publication(let one) = frame else { return "another frame" }
            return description(of: one, in: received.bytes)
        }
        #expect(read == wanted)
    }

    @Test("times are written as the model has them, and read back")
    func times() throws {
        var maker = FrameMaker(seed: 300)
        var times = (0..<2000).map { _ in
            Timestamp(microseconds: Int64.random(in: 1...253_402_300_799_999_999, using: &maker.random))
        }
        times += [0, 951_782_400_000_000, 951_868_799_999_999, 4_107_542_400_000_000].map {
            Timestamp(microseconds: $0)
        }
        for time in times {
            var buffer = ByteBuffer()
            buffer.append(time)
            #expect(buffer.bytes.text == time.description)
            #expect(TimestampText.parse(buffer.bytes, 0) == time)
        }
        for text in [
            "2026-02-29T10:18:54.000123Z", "2026-13-01T10:18:54.000123Z", "2026-11-20T24:18:54.000123Z",
            "2026-11-20 10:18:54.000123Z", "2026-11-20T10:18:54.00012xZ", "2026-11-20T10:18:60.000123Z",
        ] {
            #expect(text.withBytes { TimestampText.parse($0, 0) } == nil, "\(text)")
        }
    }

    @Test("numbers are written as Swift writes them")
    func numbers() {
        var maker = FrameMaker(seed: 400)
        var numbers: [UInt64] = [0, 9, 10, 99_999_999, 100_000_000, UInt64.max, 10_000_000_000_000_000]
        for bits in 1...64 {
            for _ in 0..<50 {
                numbers.append(UInt64.random(in: 0...UInt64.max, using: &maker.random) >> (64 - bits))
            }
        }
        for number in numbers {
            var buffer = ByteBuffer()
            buffer.append(decimal: number)
            #expect(buffer.bytes.text == "\(number)")
        }
    }
}
