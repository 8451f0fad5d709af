import HubBytes
import Testing

@testable import HubProtocols

/// Frames as they are written.
@Suite struct FrameWriterTests {
    private func bytes(_ body: (inout ByteBuffer) -> Void) -> [UInt8] {
        var output = ByteBuffer()
        body(&output)
        return output.bytes.array
    }

    @Test(
        "headers have the shortest length, and the size that is told beforehand",
        arguments: [0, 1, 125, 126, 127, 255, 256, 65535, 65536, 1 << 20])
    func headers(count: Int) {
        let payload = [UInt8](repeating: 3, count: count)
        for isMasked in [false, true] {
            var wanted = TestFrame(opcode: 2, payload: payload)
            if !isMasked { wanted.mask = nil }
            let key: UInt32? = isMasked ? 0xc433_a211 : nil
            let header = bytes { FrameWriter.header(.binary, payloadBytes: count, maskKey: key, to: &$0) }
            #expect(header.count == FrameWriter.headerBytes(payloadBytes: count, isMasked: isMasked))
            #expect(wanted.bytes.starts(with: header) && header.count + count == wanted.bytes.count)
            let frame = bytes { output in
                payload.withBytes { FrameWriter.frame(.binary, $0, maskKey: key, to: &output) }
            }
            #expect(frame == wanted.bytes)
        }
    }

    @Test("fragments and compressed messages have their bits")
    func bits() {
        #expect(bytes { FrameWriter.header(.text, payloadBytes: 1, isFinal: false, to: &$0) } == [0x01, 1])
        #expect(bytes { FrameWriter.header(.continuation, payloadBytes: 1, to: &$0) } == [0x80, 1])
        #expect(
            bytes { FrameWriter.header(.text, payloadBytes: 1, isCompressed: true, to: &$0) } == [0xc1, 1])
    }

    @Test("a close frame's reason is cut between two characters, or left out if it is not UTF-8")
    func close() {
        let long = String(repeating: "é", count: 70)
        let cut = bytes { output in long.withBytes { FrameWriter.close(.goingAway, reason: $0, to: &output) }
        }
        #expect(cut == [0x88, 124, 3, 0xe9] + Array(String(repeating: "é", count: 61).utf8))
        let bad = bytes { output in [0xff].withBytes { FrameWriter.close(.normal, reason: $0, to: &output) } }
        #expect(bad == [0x88, 2, 3, 0xe8])
        #expect(bytes { FrameWriter.close(.noStatus, reason: RawSpan(), to: &$0) } == [0x88, 0])
        let masked = bytes { output in
            "bye".withBytes { FrameWriter.close(.normal, reason: $0, maskKey: 0x0403_0201, to: &output) }
        }
        #expect(
            masked == TestFrame(opcode: 8, payload: [3, 0xe8] + Array("bye".utf8), mask: [1, 2, 3, 4]).bytes)
    }

    @Test("a key advanced by some bytes is that for the bytes behind")
    func keyAdvance() {
        let key: UInt32 = 0x4433_2211
        let wanted: [UInt32] = [0x4433_2211, 0x1144_3322, 0x2211_4433, 0x3322_1144, 0x4433_2211]
        for (count, advanced) in wanted.enumerated() {
            #expect(FrameMask.advance(key, by: count) == advanced)
        }
    }

    @Test("mask keys follow from the seed, and do not repeat soon")
    func keys() {
        var one = MaskKeys(seed: (1, 2)), same = MaskKeys(seed: (1, 2)), other = MaskKeys(seed: (1, 3))
        let keys = (0..<1000).map { _ in one.next() }
        #expect((0..<1000).map { _ in same.next() } == keys)
        #expect((0..<1000).map { _ in other.next() } != keys)
        #expect(Set(keys).count > 995)
    }
}
