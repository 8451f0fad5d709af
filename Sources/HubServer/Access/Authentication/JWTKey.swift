import HubBytes
import HubConnection
package import HubProtocols

/// A key that web tokens are checked with, for one algorithm: what a token says of its algorithm is compared with the
/// key's, and chooses nothing.
package struct JWTKey: Sendable {
    /// How a token is signed.
    package enum Algorithm: String, CaseIterable, Sendable {
        /// HMAC with a shared secret.
        case hs256 = "HS256"
        /// RSA, PKCS #1 version 1.5.
        case rs256 = "RS256"
        /// ECDSA on P-256.
        case es256 = "ES256"
        /// Ed25519.
        case eddsa = "EdDSA"
    }

    private enum Material: Sendable {
        case secret([UInt8])
        case key(PublicKey, SignatureAlgorithm)
    }

    /// What tokens call it; empty if they need not.
    package let id: String
    /// The one algorithm that it is for.
    package let algorithm: Algorithm
    private let material: Material

    /// Bytes of a shared secret: fewer than the hash has could be tried out.
    package static let secretBytesMin = 32
    private static let secretBytesMax = 1024
    private static let idBytesMax = 255

    /// A shared secret.
    package init(id: String, secret: [UInt8]) throws(AccessError) {
        guard (Self.secretBytesMin...Self.secretBytesMax).contains(secret.count) else {
            throw AccessError(
                .content,
                "a secret for HS256 has \(Self.secretBytesMin) to \(Self.secretBytesMax) bytes, not \(secret.count)"
            )
        }
        self.id = id
        algorithm = .hs256
        material = .secret(secret)
    }

    /// A key as a JSON web key has it (RFC 7517). It must say its algorithm.
    package init(_ value: JSONValue, _ place: String) throws(AccessError) {
        func text(_ name: String) throws(AccessError) -> String {
            guard let text = value[name]?.text else {
                throw AccessError(.content, "\(place) has no \"\(name)\"")
            }
            return text
        }
        func octets(_ name: String) throws(AccessError) -> [UInt8] {
            let characters = try text(name)
            guard let bytes = characters.withBytes({ Base64Decoding.bytes($0, .url) }) else {
                throw AccessError(.content, "\(place).\(name) is not in base64url")
            }
            return bytes
        }
        guard let algorithm = Algorithm(rawValue: try text("alg")) else {
            let known = Algorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw AccessError(.content, "\(place).alg must be one of \(known)")
        }
        let id = value["kid"]?.text ?? ""
        guard id.utf8.count <= Self.idBytesMax else {
            throw AccessError(.content, "\(place).kid has more than \(Self.idBytesMax) bytes")
        }
        let kind = try text("kty")
        let curve = value["crv"]?.text ?? ""
        switch (algorithm, kind, curve) {
        case (.hs256, "oct", _):
            try self.init(id: id, secret: try octets("k"))
        case (.eddsa, "OKP", "Ed25519"):
            let point = try octets("x")
            self.init(
                id, algorithm,
                try Self.key { () throws(CredentialError) in
                    try point.withBytes { (x) throws(CredentialError) in try PublicKey(ed25519: x) }
                }, .ed25519)
        case (.rs256, "RSA", _):
            let (modulus, exponent) = (try octets("n"), try octets("e"))
            self.init(
                id, algorithm,
                try Self.key { () throws(CredentialError) in
                    try modulus.withBytes { (n) throws(CredentialError) in
                        try exponent.withBytes { (e) throws(CredentialError) in
                            try PublicKey(rsaModulus: n, exponent: e)
                        }
                    }
                }, .rsaPKCS1SHA256)
        case (.es256, "EC", "P-256"):
            let (x, y) = (try octets("x"), try octets("y"))
            guard x.count == 32, y.count == 32 else {
                throw AccessError(.content, "\(place) must have x and y of 32 bytes each")
            }
            self.init(
                id, algorithm,
                try Self.key { () throws(CredentialError) in
                    try x.withBytes { (x) throws(CredentialError) in
                        try y.withBytes { (y) throws(CredentialError) in try PublicKey(pointX: x, y: y) }
                    }
                }, .ecdsaP256SHA256)
        default:
            throw AccessError(
                .content, "\(place): a key of kind \(kind) \(curve) is not for \(algorithm.rawValue)")
        }
    }

    private init(_ id: String, _ algorithm: Algorithm, _ key: PublicKey, _ how: SignatureAlgorithm) {
        self.id = id
        self.algorithm = algorithm
        material = .key(key, how)
    }

    private static func key(_ body: () throws(CredentialError) -> PublicKey) throws(AccessError) -> PublicKey
    {
        do throws(CredentialError) { return try body() } catch { throw AccessError(error) }
    }

    /// Whether the signature is this key's under these bytes.
    package func verifies(_ signature: RawSpan, of signed: RawSpan) -> Bool {
        switch material {
        case .secret(let secret):
            let expected = secret.withBytes { Digest.hmacSHA256(key: $0, signed) }
            return expected.withBytes { Digest.areEqual($0, signature) }
        case .key(let key, let how): return key.verifies(signature, of: signed, how)
        }
    }

    /// Signs, if the key is a secret; for tokens that the hub itself gives out.
    package func sign(_ bytes: RawSpan) -> [UInt8]? {
        guard case .secret(let secret) = material else { return nil }
        return secret.withBytes { Digest.hmacSHA256(key: $0, bytes) }
    }

    /// All keys of a JSON web key set.
    package static func all(in set: JSONValue, _ place: String) throws(AccessError) -> [JWTKey] {
        guard let values = set["keys"]?.array, !values.isEmpty else {
            throw AccessError(.content, "\(place) is no key set: it must be an object with a list \"keys\"")
        }
        guard values.count <= keysMax else {
            throw AccessError(.content, "\(place) has \(values.count) keys; \(keysMax) are allowed")
        }
        var keys: [JWTKey] = []
        for (index, value) in values.enumerated() {
            keys.append(try JWTKey(value, "\(place): keys[\(index)]"))
        }
        return keys
    }

    private static let keysMax = 100
}
