import HubBytes
import HubConnection
import HubProtocols

extension AgentKey {
    /// A public key in PEM, from PEM or from the line that OpenSSH writes. Of a private key the public half is taken,
    /// and the rest is not kept.
    package static func normalised(_ text: [UInt8]) throws(AccessError) -> [UInt8] {
        let source = "the key"
        guard text.count <= textBytesMax else {
            throw AccessError(.content, "\(source) has more than \(textBytesMax) bytes")
        }
        let key: PublicKey
        let words = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        do throws(CredentialError) {
            if let kind = words.first, kind.hasPrefix("ssh-") || kind.hasPrefix("ecdsa-") {
                key = try ssh(words, source)
            } else if words.starts(with: ["-----BEGIN", "PRIVATE", "KEY-----"]) {
                key = try text.withBytes { (bytes) throws(CredentialError) in
                    try PrivateKey(pem: bytes, source: source).publicKey
                }
            } else {
                key = try text.withBytes { (bytes) throws(CredentialError) in try PublicKey(pem: bytes) }
            }
        } catch {
            throw AccessError(.content, error.description)
        }
        let pem = key.pem
        _ = try read(String(decoding: pem, as: UTF8.self), source)
        return pem
    }

    private static let textBytesMax = 16_384

    /// A kind, base64 of the same kind and its numbers, and a comment.
    private static func ssh(_ words: [Substring], _ source: String) throws(CredentialError) -> PublicKey {
        guard words.count >= 2,
            let bytes = String(words[1]).withBytes({ Base64Decoding.bytes($0, .standard) })
        else { throw CredentialError(source, "is no line of OpenSSH: a kind, base64, and a comment") }
        var fields = SSHFields(rest: bytes[...])
        guard fields.next().map({ $0.elementsEqual(words[0].utf8) }) == true else {
            throw CredentialError(source, "says two different kinds of itself")
        }
        return try ssh(kind: words[0], &fields, source)
    }

    private static func ssh(
        kind: Substring, _ fields: inout SSHFields, _ source: String
    ) throws(CredentialError) -> PublicKey {
        let damaged = CredentialError(source, "is damaged: its fields do not fit its kind")
        switch kind {
        case "ssh-ed25519":
            guard let point = fields.next(), fields.rest.isEmpty, point.count == 32 else { throw damaged }
            return try point.withBytes { (bytes) throws(CredentialError) in try PublicKey(ed25519: bytes) }
        case "ssh-rsa":
            guard let exponent = fields.next(), let modulus = fields.next(), fields.rest.isEmpty else {
                throw damaged
            }
            // A number whose highest bit is set has a zero before it.
            let plain = Array(modulus.drop { $0 == 0 })
            return try plain.withBytes { (n) throws(CredentialError) in
                try exponent.withBytes { (e) throws(CredentialError) in
                    try PublicKey(rsaModulus: n, exponent: e)
                }
            }
        case "ecdsa-sha2-nistp256":
            guard let curve = fields.next(), curve.elementsEqual("nistp256".utf8), let point = fields.next(),
                fields.rest.isEmpty, point.count == 65, point[0] == 4
            else { throw damaged }
            let (x, y) = (Array(point[1..<33]), Array(point[33...]))
            return try x.withBytes { (x) throws(CredentialError) in
                try y.withBytes { (y) throws(CredentialError) in try PublicKey(pointX: x, y: y) }
            }
        default:
            throw CredentialError(
                source, "is of the kind \(kind); ssh-ed25519, ecdsa-sha2-nistp256 and ssh-rsa can be used")
        }
    }
}

/// Fields as SSH writes them: four bytes of length, highest first, and so many bytes.
private struct SSHFields {
    var rest: ArraySlice<UInt8>

    mutating func next() -> [UInt8]? {
        guard rest.count >= 4 else { return nil }
        let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard count <= rest.count - 4 else { return nil }
        let field = Array(rest.dropFirst(4).prefix(count))
        rest = rest.dropFirst(4 + count)
        return field
    }
}
