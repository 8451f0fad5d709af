import HubBytes

/// SHA-1 (RFC 3174). It proves nothing any more against somebody who makes both messages up. WebSocket asks for it in
/// the handshake, to show that the peer knows the protocol, and mask keys need no more than that their numbers cannot
/// be guessed without the seed.
struct SHA1 {
    /// Twenty bytes as five words, the first byte the highest of the first word.
    private(set) var words: InlineArray<5, UInt32> = [
        0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0,
    ]

    /// The digest of bytes.
    init(_ bytes: RawSpan) {
        var position = 0
        while position + 64 <= bytes.byteCount {
            mix(bytes.extracting(position..<position + 64))
            position += 64
        }
        // One bit, zeros, and the length in bits at the end of a block.
        var last = ByteBuffer(capacity: 128)
        last.append(bytes.extracting(position..<bytes.byteCount))
        last.append(UInt8(0x80))
        last.append(zeros: (120 - last.count) % 64)
        last.append(UInt64(bytes.byteCount * 8).byteSwapped)
        mix(last.bytes.extracting(0..<64))
        if last.count == 128 { mix(last.bytes.extracting(64..<128)) }
    }

    /// Appends the twenty bytes.
    func append(to output: inout ByteBuffer) {
        for index in words.indices { output.append(words[index].byteSwapped) }
    }

    private mutating func mix(_ block: RawSpan) {
        var schedule = InlineArray<80, UInt32>(repeating: 0)
        for index in 0..<16 { schedule[index] = block.load(index * 4, as: UInt32.self).byteSwapped }
        for index in 16..<80 {
            let word = schedule[index - 3] ^ schedule[index - 8] ^ schedule[index - 14] ^ schedule[index - 16]
            schedule[index] = Self.rotate(word, 1)
        }
        var (a, b, c, d, e) = (words[0], words[1], words[2], words[3], words[4])
        for round in 0..<80 {
            let (choice, constant): (UInt32, UInt32) =
                switch round {
                case 0..<20: (b & c | ~b & d, 0x5a82_7999)
                case 20..<40: (b ^ c ^ d, 0x6ed9_eba1)
                case 40..<60: (b & c | b & d | c & d, 0x8f1b_bcdc)
                default: (b ^ c ^ d, 0xca62_c1d6)
                }
            let next = Self.rotate(a, 5) &+ choice &+ e &+ constant &+ schedule[round]
            (a, b, c, d, e) = (next, a, Self.rotate(b, 30), c, d)
        }
        words[0] &+= a
        words[1] &+= b
        words[2] &+= c
        words[3] &+= d
        words[4] &+= e
    }

    private static func rotate(_ word: UInt32, _ bits: UInt32) -> UInt32 {
        word << bits | word >> (32 - bits)
    }
}
