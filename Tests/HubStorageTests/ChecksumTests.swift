import HubBytes
import HubStorage
import Randomness
import Testing

@Suite struct ChecksumTests {
    @Test func `The checksum is CRC32C, as its known answers say`() {
        #expect("123456789".withBytes { Checksum.of($0) } == 0xe306_9283)
        #expect("123456789".withBytes { Checksum.portable($0) } == 0xe306_9283)
        // From RFC 3720, appendix B.4.
        #expect([UInt8](repeating: 0, count: 32).withBytes { Checksum.of($0) } == 0x8a91_36aa)
        #expect([UInt8](repeating: 0xff, count: 32).withBytes { Checksum.of($0) } == 0x62a8_ab43)
        #expect([UInt8](0..<32).withBytes { Checksum.of($0) } == 0x46dd_794e)
        #expect([UInt8]((0..<32).reversed()).withBytes { Checksum.of($0) } == 0x113f_db5c)
        #expect([UInt8]().withBytes { Checksum.of($0) } == 0)
    }

    @Test func `The processor's instruction and the table agree, whatever the length and alignment`() {
        var random = SplitMix64(seed: 1)
        let bytes = (0..<20_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        bytes.withBytes { all in
            for round in 0..<600 {
                let start = random.below(64)
                // Short ones, and those around the three lanes of long inputs.
                let length =
                    round < 200 ? round : round < 400 ? 2900 + random.below(400) : random.below(19_900)
                let part = all.extracting(start..<start + length)
                #expect(Checksum.of(part) == Checksum.portable(part), "\(length) bytes from \(start)")
            }
        }
    }

    @Test func `Each flipped bit changes the checksum`() {
        var bytes = [UInt8]((0..<200).map { UInt8($0) })
        let right = bytes.withBytes { Checksum.of($0) }
        for bit in 0..<bytes.count * 8 {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(bytes.withBytes { Checksum.of($0) } != right)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
    }
}
