import HubBytes
import HubConnection
import Testing

/// Text in hexadecimal to bytes; blanks count for nothing.
func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

@Suite struct DigestTests {
    @Test(
        "SHA-256 agrees with FIPS 180-2",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func sha256(_ text: String, _ digest: String) {
        #expect(text.withBytes { Digest.sha256($0) } == bytes(digest))
    }

    @Test(
        "HMAC-SHA256 agrees with RFC 4231",
        arguments: [
            (
                String(repeating: "0b", count: 20), "4869205468657265",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
            ),
            (
                String(repeating: "aa", count: 131),
                "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            // Not in the standard: nothing keyed with nothing, as Python's hmac has it.
            ("", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
        ])
    func hmac(_ key: String, _ data: String, _ digest: String) {
        let made = bytes(key).withBytes { key in
            bytes(data).withBytes { Digest.hmacSHA256(key: key, $0) }
        }
        #expect(made == bytes(digest))
    }

    @Test("Bytes are equal only if all of them are")
    func equality() {
        func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
            one.withBytes { one in other.withBytes { Digest.areEqual(one, $0) } }
        }
        #expect(areEqual([], []) && areEqual([1, 2, 3], [1, 2, 3]))
        #expect(!areEqual([1], []) && !areEqual([1, 2, 3], [1, 2, 4]) && !areEqual([0, 2, 3], [1, 2, 3]))
    }

    @Test("Random bytes do not repeat")
    func random() {
        #expect(RandomBytes.make(0).isEmpty)
        #expect(Set((0..<1000).map { _ in RandomBytes.make(16) }).count == 1000)
        #expect(Set((0..<1000).map { _ in RandomBytes.number() }).count == 1000)
    }
}
