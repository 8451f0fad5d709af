import HubBytes
import Randomness
import Testing

@testable import HubProtocols

/// The validator against the standard library's.
@Suite struct UTF8ValidatorTests {
    private func isValid(_ bytes: [UInt8]) -> Bool { bytes.withBytes { UTF8Validator.isValid($0) } }

    /// The first bytes of a text that cannot be continued to UTF-8, by the standard library alone.
    private func canBecomeValid(_ bytes: [UInt8]) -> Bool {
        let ends: [[UInt8]] = [
            [], [0x80], [0x80, 0x80], [0x80, 0x80, 0x80], [0x90, 0x80, 0x80], [0xa0, 0x80], [0x90, 0x80],
        ]
        return ends.contains { String(validating: bytes + $0, as: UTF8.self) != nil }
    }

    @Test("every sequence of one, two and three bytes is judged as by the standard library")
    func shortSequences() {
        var differences = 0
        for first in UInt8.min...UInt8.max {
            if isValid([first]) != (String(validating: [first], as: UTF8.self) != nil) { differences += 1 }
            for second in UInt8.min...UInt8.max {
                let pair = [first, second]
                if isValid(pair) != (String(validating: pair, as: UTF8.self) != nil) { differences += 1 }
            }
        }
        // All leads, with continuations at the borders of what is allowed behind some of them.
        let borders: [UInt8] = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]
        for first in UInt8(0x7f)...UInt8.max {
            for second in borders {
                for third in borders {
                    let triple = [first, second, third]
                    if isValid(triple) != (String(validating: triple, as: UTF8.self) != nil) {
                        differences += 1
                    }
                    for fourth in borders {
                        let four = triple + [fourth]
                        if isValid(four) != (String(validating: four, as: UTF8.self) != nil) {
                            differences += 1
                        }
                    }
                }
            }
        }
        #expect(differences == 0)
    }

    @Test("Unicode scalars are valid, in pieces too")
    func scalars() {
        var isRight = true
        let borders: [UInt32] = [0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x1_0000, 0x10_ffff]
        for value in borders + Array(stride(from: 0, to: 0x11_0000, by: 29)) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let bytes = Array(String(scalar).utf8)
            var validator = UTF8Validator()
            for (index, byte) in bytes.enumerated() {
                isRight = isRight && [byte].withBytes { validator.take($0) }
                isRight = isRight && validator.isComplete == (index == bytes.count - 1)
            }
            isRight = isRight && isValid(bytes)
        }
        #expect(isRight)
    }

    /// Mostly text, some of it damaged, at lengths around the steps of the loops.
    private func sample(_ random: inout SplitMix64) -> [UInt8] {
        let pieces: [[UInt8]] = [
            Array("a".utf8), Array("plain ASCII, and some more of it: 0123456789".utf8), Array("ä".utf8),
            Array("€".utf8), Array("😀".utf8), Array("日本語のテキスト".utf8), [0x80], [0xc0], [0xc1, 0x81],
            [0xe0, 0x9f],
            [0xed, 0xa0, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xf5], [0xff],
            [0xe2, 0x82],
        ]
        var bytes: [UInt8] = []
        let isDamaged = random.once(in: 2)
        for _ in 0..<random.below(20) { bytes += pieces[random.below(isDamaged ? pieces.count : 6)] }
        if isDamaged, !bytes.isEmpty, random.once(in: 3) {
            bytes[random.below(bytes.count)] ^= UInt8(1) << UInt8(random.below(8))
        }
        return bytes
    }

    @Test("random and damaged text is judged as by the standard library, at once and in pieces")
    func random() {
        var random = SplitMix64(seed: 11)
        for round in 0..<3000 {
            let bytes = sample(&random)
            let wanted = String(validating: bytes, as: UTF8.self) != nil
            #expect(isValid(bytes) == wanted, "round \(round)")
            var validator = UTF8Validator()
            var position = 0
            var isGood = true
            while position < bytes.count {
                let end = position + 1 + random.below(min(40, bytes.count - position))
                isGood = bytes.withBytes { validator.take($0.extracting(position..<end)) }
                position = end
                // The verdict falls with the first byte that spoils it, and does not change again.
                #expect(isGood == canBecomeValid(Array(bytes[..<end])), "round \(round) at \(end)")
            }
            #expect((isGood && validator.isComplete) == wanted, "round \(round)")
        }
    }
}
