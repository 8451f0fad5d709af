import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubServer
import Testing

/// Web tokens: signatures as others write them, and everything that is no reason to believe one.
@Suite struct JWTTests {
    /// Examples of RFC 7515 (A.1, A.3) and RFC 8037 (A.4).
    private static let published: [(key: JSONValue, token: String, claims: Bool)] = [
        (
            [
                "kty": "oct", "alg": "HS256",
                "k":
                    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
            ],
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
                + "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
                + "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", true
        ),
        (
            [
                "kty": "EC", "alg": "ES256", "crv": "P-256",
                "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            ],
            "eyJhbGciOiJFUzI1NiJ9."
                + "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
                + "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
            true
        ),
        (
            [
                "kty": "OKP", "alg": "EdDSA", "crv": "Ed25519",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            ],
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
                + "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
            false
        ),
    ]

    private func claims(_ text: String, _ key: JWTKey) -> Result<JSONObject, JWTFault> {
        do throws(JWTFault) {
            let token = try text.withBytes { (bytes) throws(JWTFault) in try JWT(bytes) }
            return .success(try token.claims(signedBy: key))
        } catch {
            return .failure(error)
        }
    }

    @Test("the examples of the standards have good signatures, and bad ones after any change")
    func published() throws {
        for example in Self.published {
            let key = try JWTKey(example.key, "example")
            switch claims(example.token, key) {
            case .success(let claims): #expect(example.claims && claims["iss"]?.text == "joe")
            // Its content is a sentence and no claims: found after the signature was.
            case .failure(let fault): #expect(!example.claims && fault == .malformed)
            }
            let dots = example.token.utf8.count { $0 == UInt8(ascii: ".") }
            #expect(dots == 2)
            for place in stride(from: example.token.utf8.count - 80, to: example.token.utf8.count - 2, by: 3)
            {
                var changed = Array(example.token.utf8)
                guard changed[place] != UInt8(ascii: ".") else { continue }
                changed[place] = changed[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                let text = String(decoding: changed, as: UTF8.self)
                guard case .failure = claims(text, key) else {
                    Issue.record("taken with byte \(place) changed")
                    continue
                }
            }
        }
    }

    @Test("RS256 with a key of ours") func rsa() throws {
        let own = try PrivateKey(.rsa(bits: 2048))
        let lines = String(decoding: try own.publicKey.pem, as: UTF8.self).split(separator: "\n")
        let der = try #require(
            lines.dropFirst().dropLast().joined().withBytes { Base64Decoding.bytes($0, .standard) })
        // With 2,048 bits the modulus always stands in the same place, and the exponent is 65,537.
        let modulus = Array(der[33..<289])
        let key = try JWTKey(
            [
                "kty": "RSA", "alg": "RS256", "e": "AQAB",
                "n": .string(modulus.withBytes { Base64URL.text($0) }),
            ], "x")
        let text = try TokenWriter.text(["alg": "RS256"], ["sub": "a"]) {
            try own.sign($0, .rsaPKCS1SHA256)
        }
        #expect(try claims(text, key).get()["sub"] == "a")
        let pss = try TokenWriter.text(["alg": "RS256"], ["sub": "a"]) {
            try own.sign($0, .rsaPSSSHA256)
        }
        #expect(throws: JWTFault.badSignature) { try claims(pss, key).get() }
        // The classic: the public key, known to all, as the secret of an HMAC.
        for secret in [try own.publicKey.pem, modulus] {
            let forged = TokenWriter.text(["alg": "HS256"], ["sub": "a"]) { signed in
                secret.withBytes { Digest.hmacSHA256(key: $0, signed) }
            }
            #expect(throws: JWTFault.wrongAlgorithm) { try claims(forged, key).get() }
        }
    }

    @Test(
        "none is no algorithm, however it is spelled, and no token may do without a signature",
        arguments: ["none", "None", "NONE", "", "HS384", "hs256", "HS256 ", "RS256"])
    func algorithms(name: String) throws {
        let secret = [UInt8](repeating: 7, count: 32)
        let key = try JWTKey(id: "", secret: secret)
        for signature in [[], secret] {
            let text = TokenWriter.text(["alg": .string(name)], ["sub": "a"]) { _ in signature }
            #expect(throws: JWTFault.wrongAlgorithm) { try claims(text, key).get() }
        }
    }

    @Test("a token that is none is refused before any key is looked at") func malformed() throws {
        let good = JWT.make(
            ["sub": "a"], signedBy: try JWTKey(id: "k", secret: Array(repeating: 7, count: 32)))
        let text = try #require(good)
        let parts = text.split(separator: ".").map(String.init)
        func fault(_ text: String) -> JWTFault? {
            do throws(JWTFault) {
                _ = try text.withBytes { (bytes) throws(JWTFault) in try JWT(bytes) }
                return nil
            } catch {
                return error
            }
        }
        #expect(fault(text) == nil)
        let header = { (value: JSONValue) in "\(TokenWriter.part(value)).\(parts[1]).\(parts[2])" }
        let rows: [(String, JWTFault)] = [
            ("", .malformed), ("..", .malformed), ("a.b", .malformed), ("\(text).x", .malformed),
            (" \(text)", .malformed), ("\(text)\n", .malformed), ("\(text)=", .malformed),
            ("\(parts[0])==.\(parts[1]).\(parts[2])", .malformed), (header([]), .malformed),
            (header([:]), .malformed),
            (header(["alg": 1]), .malformed), (header(["alg": "HS256", "kid": 1]), .malformed),
            (header(["alg": "HS256", "kid": .string(String(repeating: "k", count: 256))]), .malformed),
            (header(["alg": "HS256", "crit": ["b64"]]), .unknownExtension),
            (header(["alg": "HS256", "b64": false]), .unknownExtension),
            (header(["alg": "HS256", "x": .string(String(repeating: "x", count: 1000))]), .tooLarge),
            (String(repeating: "a", count: 9000), .tooLarge),
            // The same name twice: which of the two another reader takes, nobody knows.
            (
                "\(Array("{\"alg\":\"HS256\",\"alg\":\"none\"}".utf8).withBytes { Base64URL.text($0) }).\(parts[1]).x",
                .malformed
            ),
        ]
        for (text, expected) in rows { #expect(fault(text) == expected, "\(text.prefix(60))") }
    }

    private static let badKeys: [(JSONValue, String)] = [
        (["kty": "oct", "k": "AAAA"], "has no \"alg\""),
        (["kty": "oct", "alg": "none", "k": "AAAA"], "alg must be one of"),
        (["kty": "oct", "alg": "HS256", "k": "AAAA"], "has 32 to 1024 bytes, not 3"),
        (["kty": "oct", "alg": "RS256", "k": "AAAA"], "a key of kind oct  is not for RS256"),
        (["kty": "RSA", "alg": "HS256", "n": "AAAA", "e": "AQAB"], "a key of kind RSA  is not for HS256"),
        (["kty": "RSA", "alg": "RS256", "n": "AAAA", "e": "AQAB"], "2,048 to 8,192 bits"),
        (["kty": "OKP", "alg": "EdDSA", "crv": "X25519", "x": "AAAA"], "X25519 is not for EdDSA"),
        (["kty": "OKP", "alg": "EdDSA", "crv": "Ed25519", "x": "AAAA"], "cannot be used"),
        (["kty": "OKP", "alg": "EdDSA", "crv": "Ed25519", "x": "A+A="], "not in base64url"),
        (["kty": "EC", "alg": "ES256", "crv": "P-384", "x": "AAAA", "y": "AAAA"], "P-384 is not for ES256"),
        (["kty": "EC", "alg": "ES256", "crv": "P-256", "x": "AAAA", "y": "AAAA"], "x and y of 32 bytes"),
    ]

    @Test("a key must say what it is for, and be it", arguments: badKeys)
    func keys(key: JSONValue, sentence: String) {
        let error = #expect(throws: AccessError.self) { try JWTKey(key, "keys[0]") }
        #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
    }
}
