import HubBytes
import Testing

@testable import HubRouter

@Suite struct PackedNumbersTests {
    /// Zero, both ends, and both sides of every power of two.
    private static let numbers: [UInt64] =
        [0, UInt64.max]
        + (0..<64).flatMap { bit -> [UInt64] in [(1 << bit) &- 1, 1 << bit, (1 << bit) &+ 1] }

    private static func read(_ bytes: [UInt8]) -> UInt64? {
        bytes.withBytes { span in
            var reader = NumberReader(span)
            let value = reader.next()
            return reader.hasFailed ? nil : value
        }
    }

    private static func expectEnd(_ reader: borrowing NumberReader) {
        let (isAtEnd, hasFailed) = (reader.isAtEnd, reader.hasFailed)
        #expect(isAtEnd && !hasFailed)
    }

    /// It has failed, and nothing more comes of it.
    private static func expectFailed(_ reader: consuming NumberReader) {
        let (isAtEnd, hasFailed) = (reader.isAtEnd, reader.hasFailed)
        #expect(isAtEnd && hasFailed)
        let (number, signed, isEmpty) = (reader.next(), reader.nextSigned(), reader.nextBytes().isEmpty)
        #expect(number == 0 && signed == 0 && isEmpty)
        let stillFailed = reader.hasFailed
        #expect(stillFailed)
    }

    @Test func `A number comes back as it was, whatever its size`() {
        let bytes = packed { packer in
            for number in Self.numbers { packer.put(number) }
        }
        bytes.withBytes { span in
            var reader = NumberReader(span)
            for number in Self.numbers {
                let found = reader.next()
                #expect(found == number)
            }
            Self.expectEnd(reader)
        }
    }

    @Test func `A number that may be negative comes back as it was`() {
        let numbers = Self.numbers.flatMap { [Int64(bitPattern: $0), 0 &- Int64(bitPattern: $0)] }
        let bytes = packed { packer in
            for number in numbers { packer.put(signed: number) }
        }
        bytes.withBytes { span in
            var reader = NumberReader(span)
            for number in numbers {
                let found = reader.nextSigned()
                #expect(found == number)
            }
            Self.expectEnd(reader)
        }
    }

    @Test(arguments: [
        (UInt64(0), 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3), (UInt64(Int64.max), 9), (1 << 63, 10),
        (UInt64.max, 10),
    ])
    func `A number takes a byte for each seven bits`(number: UInt64, size: Int) {
        #expect(packed { $0.put(number) }.count == size)
    }

    @Test(arguments: [(Int64(0), 1), (-1, 1), (-64, 1), (63, 1), (64, 2), (-65, 2), (Int64.min, 10)])
    func `Numbers near zero are short on both sides of it`(number: Int64, size: Int) {
        #expect(packed { $0.put(signed: number) }.count == size)
    }

    @Test func `Bytes come back between numbers`() {
        for length in [0, 1, 127, 128, 1000] {
            let content = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            let bytes = packed { packer in
                packer.put(7)
                content.withBytes { packer.put($0) }
                packer.put(8)
            }
            bytes.withBytes { span in
                var reader = NumberReader(span)
                let before = reader.next()
                let between = reader.nextBytes().array
                let after = reader.next()
                #expect(before == 7 && between == content && after == 8)
                Self.expectEnd(reader)
            }
        }
    }

    @Test func `A packer that is reset has forgotten`() {
        let bytes = packed { packer in
            packer.put(1)
            packer.reset()
            packer.put(2)
        }
        #expect(bytes == [2])
    }

    @Test func `A number that is cut short fails, and it stays failed`() {
        for number in Self.numbers {
            let bytes = packed { $0.put(number) }
            for length in 0..<bytes.count {
                Array(bytes.prefix(length)).withBytes { span in
                    var reader = NumberReader(span)
                    let found = reader.next()
                    #expect(found == 0)
                    Self.expectFailed(reader)
                }
            }
        }
    }

    @Test(arguments: [
        Array(repeating: UInt8(0xff), count: 10) + [0],
        Array(repeating: UInt8(0x80), count: 9) + [2],
        Array(repeating: UInt8(0x80), count: 10) + [0],
        Array(repeating: UInt8(0x80), count: 64) + [1],
    ])
    func `A number of more than 64 bits fails, and what follows is not read`(bytes: [UInt8]) {
        (bytes + [5, 5, 5]).withBytes { span in
            var reader = NumberReader(span)
            let found = reader.next()
            #expect(found == 0)
            Self.expectFailed(reader)
        }
    }

    @Test(arguments: [UInt64(4), 5, 1 << 31, UInt64(Int64.max), UInt64.max])
    func `Bytes that claim to be more than there are fail`(count: UInt64) {
        (packed { $0.put(count) } + [1, 2, 3]).withBytes { span in
            var reader = NumberReader(span)
            let isEmpty = reader.nextBytes().isEmpty
            #expect(isEmpty)
            Self.expectFailed(reader)
        }
    }

    @Test func `Whatever the bytes are, reading them ends`() {
        var dice = Dice(seed: 1)
        for _ in 0..<100_000 {
            let bytes = dice.bytes(upTo: 24)
            bytes.withBytes { span in
                var reader = NumberReader(span)
                var steps = 0
                while !reader.isAtEnd, steps <= bytes.count {
                    switch dice.below(3) {
                    case 0: _ = reader.next()
                    case 1: _ = reader.nextSigned()
                    default: _ = reader.nextBytes()
                    }
                    steps += 1
                }
                if steps > bytes.count { Issue.record("\(bytes) took \(steps) steps") }
            }
        }
    }
}
