import HubBytes
import Randomness
import Testing

@testable import HubProtocols

/// Streams of frames made at random, cut anywhere.
@Suite struct FramePropertyTests {
    /// A stream with everything in it.
    static let variety: [TestFrame] = [
        .text("Hello"), TestFrame(opcode: 9, payload: [1, 2, 3]), TestFrame(opcode: 1),
        TestFrame(opcode: 1, payload: Array("Grüße, ".utf8), isFinal: false),
        TestFrame(opcode: 10, payload: [9]),
        TestFrame(opcode: 0, payload: Array("日本".utf8.dropLast()), isFinal: false), TestFrame(opcode: 9),
        TestFrame(opcode: 0, payload: [Array("日本".utf8).last ?? 0]),
        TestFrame(opcode: 2, payload: (0..<130).map { UInt8($0) }),
        TestFrame(opcode: 2, payload: [], isFinal: false), TestFrame(opcode: 0),
        TestFrame(opcode: 8, payload: [3, 0xe8] + Array("end".utf8)), .text("never read"),
    ]

    @Test("a stream cut at any two bytes gives the same events, and little stays in the receive buffer")
    func everySplit() {
        let stream = Self.variety.bytes
        var run = ReadingRun()
        let wanted = run.events(stream)
        #expect(wanted.count == 9 && wanted.last == .close(1000, Array("end".utf8)))
        var isSame = true
        for first in 0...stream.count {
            isSame = isSame && run.events(stream, cutAt: [first]) == wanted
            for second in stride(from: first, through: stream.count, by: 3) {
                isSame = isSame && run.events(stream, cutAt: [first, second]) == wanted
            }
        }
        isSame = isSame && run.events(stream, cutAt: Array(0...stream.count)) == wanted
        #expect(isSame)
        #expect(run.leftoverMax <= FrameReader.leftoverBytesMax)
        let plain = Self.variety.map(\.plain).bytes
        run.role = .client
        for cut in 0...plain.count { isSame = isSame && run.events(plain, cutAt: [cut]) == wanted }
        #expect(isSame)
    }

    @Test("each fault is the same wherever the stream is cut", arguments: FrameReaderTests.faults)
    func everySplitOfFaults(frames: [TestFrame], fault: FrameFault) {
        let stream = ([.text("before")] + frames + [.text("after")]).bytes
        var run = ReadingRun()
        let wanted: [Seen] = [.text("before"), .failure(fault)]
        var isSame = true
        let step = max(1, stream.count / 500)
        for cut in stride(from: 0, through: stream.count, by: step) {
            isSame = isSame && run.events(stream, cutAt: [cut]) == wanted
        }
        #expect(isSame)
    }

    /// Frames that keep the rules, and what a reader must say of them.
    private func valid(_ random: inout SplitMix64) -> (frames: [TestFrame], events: [Seen]) {
        var frames: [TestFrame] = []
        var events: [Seen] = []
        func masked(_ frame: TestFrame) -> TestFrame {
            var frame = frame
            frame.mask = (0..<4).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            return frame
        }
        func control() {
            let payload = (0..<random.below(random.once(in: 4) ? 126 : 8)).map { UInt8($0) }
            let isPing = random.once(in: 2)
            frames.append(masked(TestFrame(opcode: isPing ? 9 : 10, payload: payload)))
            events.append(isPing ? .ping(payload) : .pong(payload))
        }
        for _ in 0..<random.below(8) {
            if random.once(in: 3) { control() }
            let isText = random.once(in: 2)
            let unit: [UInt8] = isText ? Array("aé日😀".utf8) : [0, 0x80, 0xff, 7, 0xc0]
            let payload = Array(
                repeatElement(unit, count: random.below(random.once(in: 8) ? 9000 : 30)).joined())
            var rest = payload[...]
            var opcode: UInt8 = isText ? 1 : 2
            while random.once(in: 2) {
                let piece = rest.prefix(random.below(rest.count + 1))
                frames.append(masked(TestFrame(opcode: opcode, payload: Array(piece), isFinal: false)))
                rest = rest.dropFirst(piece.count)
                opcode = 0
                if random.once(in: 4) { control() }
            }
            frames.append(masked(TestFrame(opcode: opcode, payload: Array(rest))))
            events.append(isText ? .text(payload) : .binary(payload))
        }
        return (frames, events)
    }

    @Test("random frames read as they were meant, cut at random")
    func random() {
        for seed in 0..<300 {
            var random = SplitMix64(seed: UInt64(seed))
            let (frames, wanted) = valid(&random)
            let stream = frames.bytes
            var run = ReadingRun()
            #expect(run.events(stream) == wanted, "seed \(seed)")
            for _ in 0..<5 {
                let cuts = (0..<random.below(12)).map { _ in random.below(stream.count + 1) }.sorted()
                #expect(run.events(stream, cutAt: cuts) == wanted, "seed \(seed) cut at \(cuts)")
            }
            #expect(run.leftoverMax <= FrameReader.leftoverBytesMax)
        }
    }

    @Test("random bytes give the same events however they are cut")
    func noise() {
        var random = SplitMix64(seed: 5)
        for round in 0..<3000 {
            var stream = (0..<random.below(60)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            // A first byte that makes sense, so that not all end at once.
            if !stream.isEmpty { stream[0] = [0x81, 0x01, 0x82, 0x88, 0x89, 0x02][random.below(6)] }
            if stream.count > 1 { stream[1] = 0x80 | UInt8(random.below(20)) }
            var run = ReadingRun(messageBytesMax: 40)
            let wanted = run.events(stream)
            #expect(run.events(stream, cutAt: Array(0..<stream.count)) == wanted, "round \(round)")
        }
    }

    @Test("a message of 1-byte fragments takes time in proportion to them")
    func manyFragments() {
        var stream = TestFrame(opcode: 2, payload: [0], isFinal: false).bytes
        let piece = TestFrame(opcode: 0, payload: [0], isFinal: false).bytes
        for _ in 0..<100_000 { stream += piece }
        stream += TestFrame(opcode: 0).bytes
        var run = ReadingRun()
        let clock = ContinuousClock()
        let start = clock.now
        #expect(run.events(stream) == [.binary([UInt8](repeating: 0, count: 100_001))])
        // About a tenth of a second without optimisation; squared it would be minutes.
        #expect(clock.now - start < .seconds(20))
    }
}
