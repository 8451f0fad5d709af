import HubBytes
import HubConnection
import Testing

/// Signatures, against vectors that others have published and between keys of ours.
@Suite struct SignatureTests {
    private func verifies(
        _ key: PublicKey, _ signature: [UInt8], _ data: [UInt8], _ algorithm: SignatureAlgorithm
    ) -> Bool {
        signature.withBytes { signature in data.withBytes { key.verifies(signature, of: $0, algorithm) } }
    }

    /// Right as it is, and wrong with any of a few bits turned or a byte more or less.
    private func check(
        _ key: PublicKey, _ signature: [UInt8], _ data: [UInt8], _ algorithm: SignatureAlgorithm
    ) {
        #expect(verifies(key, signature, data, algorithm))
        for place in [0, signature.count / 2, signature.count - 1] {
            var changed = signature
            changed[place] ^= 1
            #expect(!verifies(key, changed, data, algorithm))
        }
        #expect(!verifies(key, signature, data + [0], algorithm))
        #expect(!verifies(key, signature + [0], data, algorithm))
        #expect(!verifies(key, signature.dropLast(), data, algorithm))
        #expect(!verifies(key, [], data, algorithm))
        for other in SignatureAlgorithm.allCases where other != algorithm {
            #expect(!verifies(key, signature, data, other), "\(algorithm) taken for \(other)")
        }
    }

    @Test(
        "Ed25519 agrees with RFC 8032",
        arguments: [
            (
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                    + "d25bf5f0595bbe24655141438e7a100b"
            ),
            (
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                    + "387b2eaeb4302aeeb00d291612bb0c00"
            ),
            (
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                    + "4a7c15e9716ed28dc027beceea1ec40a"
            ),
        ])
    func ed25519(_ key: String, _ data: String, _ signature: String) throws {
        let key = try bytes(key).withBytes { try PublicKey(ed25519: $0) }
        check(key, bytes(signature), bytes(data), .ed25519)
    }

    /// What is signed in the examples of RFC 7515; the header says how.
    private static let claims =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    @Test("RSA with PKCS #1 agrees with RFC 7515, A.2")
    func rsa() throws {
        let modulus = bytes(
            """
            a1f8160ae2e3c9b465ce8d2d656263362b927dbe29e1f02477fc1625cc90a136e38bd93497c5b6ea63dd7711
            e67c7429f956b0fb8a8f089adc4b69893cc1333f53edd019b87784252fec914fe4857769594bea4280d32c0f
            55bf62944f130396bc6e9bdf6ebdd2bda3678eeca0c668f701b38dbffb38c8342ce2fe6d27fade4a5a487497
            9dd4b9cf9adec4c75b05852c2c0f5ef8a5c1750392f944e8ed64c110c6b647609aa4783aeb9c6c9ad7553130
            50638b83665c6f6f7a82a396702a1f641b82d3ebf2392219491fb686872c5716f50af8358d9a8b9d17c34072
            8f7f87d89a18d8fcab67ad84590c2ecf759339363c07034d6f606f9e21e05456cae5e9a1
            """)
        let signature = bytes(
            """
            702e218943e88fd11eb5d82dbf7845f34106ae1b81fff7731116add1717d83656d420afd3c96eedd73a2663e
            5166687b000b87226e0187ed1073f945e582adfcef16d85a798ee8c66ddb3db8975b17d09402beedd5d9d970
            07108db28160d5f8040ca7445762b81fbe7ff9d92e0ae76f24f25b33bbe6f44ae61eb1040acb20044d3ef912
            8ed40130795bd4bd3b41eecad066ab651981fde48df77f372dc38b9fafdd3befb18b5da3cc3c2eb02f9e3a41
            d612caad15911273a05f23b9e838faaf849d698429ef5a1e88798236c3d40e604522a544c8f27a7a2db80663
            d16cf7caea56de405cb2215a45b2c25566b55ac1a748a070dfc8a32a469543d019eefb47
            """)
        let key = try modulus.withBytes { modulus in
            try [1, 0, 1].withBytes { try PublicKey(rsaModulus: modulus, exponent: $0) }
        }
        check(key, signature, Array("eyJhbGciOiJSUzI1NiJ9.\(Self.claims)".utf8), .rsaPKCS1SHA256)
    }

    @Test("ECDSA on P-256 agrees with RFC 7515, A.3")
    func ecdsa() throws {
        let x = bytes("7fcdce2770f6c45d4183cbee6fdb4b7b580733357be9ef13bacf6e3c7bd15445")
        let y = bytes("c7f144cd1bbd9b7e872cdfedb9eeb9f4b3695d6ea90b24ad8a4623288588e5ad")
        let signature = bytes(
            """
            0ed1215379636c483c2f7f155807d402a3b228033af97c7e17819ac3169ea665c50a07d38c3c70e5d8f12daf
            084a5480a66590c5f293509a8f3f7f8a83a354d5
            """)
        let key = try x.withBytes { x in try y.withBytes { try PublicKey(pointX: x, y: $0) } }
        check(key, signature, Array("eyJhbGciOiJFUzI1NiJ9.\(Self.claims)".utf8), .ecdsaP256SHA256)
        // A point beside the curve is no key.
        #expect(throws: CredentialError.self) {
            try x.withBytes { _ = try PublicKey(pointX: $0, y: $0) }
        }
    }

    @Test(
        "What a key signs, its other half verifies, and no other",
        arguments: [
            (SignatureAlgorithm.ed25519, 64), (.ecdsaP256SHA256, 64), (.rsaPKCS1SHA256, 256),
            (.rsaPSSSHA256, 256),
        ])
    func roundTrip(_ algorithm: SignatureAlgorithm, _ size: Int) throws {
        let kind: PrivateKey.Kind =
            switch algorithm {
            case .ed25519: .ed25519
            case .rsaPKCS1SHA256, .rsaPSSSHA256: .rsa(bits: 2048)
            default: .p256
            }
        let key = try PrivateKey(kind)
        let data = Array("what is signed".utf8)
        let signature = try data.withBytes { try key.sign($0, algorithm) }
        #expect(signature.count == size)
        check(try key.publicKey, signature, data, algorithm)
        let stranger = try PrivateKey(kind)
        #expect(!verifies(try stranger.publicKey, signature, data, algorithm))
        // By way of PEM it is still the same key.
        let again = try key.pem.withBytes { try PrivateKey(pem: $0) }
        #expect(verifies(try again.publicKey, signature, data, algorithm))
        let other = try key.publicKey.pem.withBytes { try PublicKey(pem: $0) }
        #expect(verifies(other, signature, data, algorithm))
    }

    @Test("A key signs only as it can", arguments: SignatureAlgorithm.allCases)
    func kinds(_ algorithm: SignatureAlgorithm) throws {
        let fits: [SignatureAlgorithm] = [.ed25519]
        let key = try PrivateKey(.ed25519)
        var isRefused = false
        do {
            _ = try [1, 2, 3].withBytes { try key.sign($0, algorithm) }
        } catch {
            isRefused = true
        }
        #expect(isRefused != fits.contains(algorithm))
    }

    @Test(
        "What is no key is refused",
        arguments: [
            [], Array("garbage".utf8),
            Array("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n".utf8),
        ])
    func notKeys(_ text: [UInt8]) {
        #expect(throws: CredentialError.self) { _ = try text.withBytes { try PublicKey(pem: $0) } }
        #expect(throws: CredentialError.self) { _ = try text.withBytes { try PrivateKey(pem: $0) } }
        #expect(throws: CredentialError.self) { _ = try text.withBytes { try PublicKey(ed25519: $0) } }
        #expect(throws: CredentialError.self) {
            _ = try text.withBytes { try PublicKey(rsaModulus: $0, exponent: $0) }
        }
        #expect(throws: CredentialError.self) { _ = try text.withBytes { try PublicKey(pointX: $0, y: $0) } }
    }
}
