import HubBytes
import HubModel
package import HubProtocols

/// A JSON web token (RFC 7519) with a signature, taken apart. Of what it says nothing is believed before the signature
/// was found good: until then only the key's name is looked at.
package struct JWT: Sendable {
    /// The longest token.
    package static let bytesMax = 8192
    private static let headerBytesMax = 1024
    private static let keyIDBytesMax = 255

    /// What it says of its algorithm, to be compared with the key's.
    package let algorithm: String
    /// Which key it says it was signed with; empty if it does not say.
    package let keyID: String
    private let signed: [UInt8]
    private let signature: [UInt8]
    private let payload: [UInt8]

    /// Whether a text looks like a web token, whatever is in it.
    package static func isLikely(_ text: RawSpan) -> Bool { dots(text, atMost: 3).count == 2 }

    /// Takes a token apart; throws what is wrong with its form.
    package init(_ text: RawSpan) throws(JWTFault) {
        guard text.byteCount <= Self.bytesMax else { throw .tooLarge }
        let dots = Self.dots(text, atMost: 3)
        guard dots.count == 2 else { throw .malformed }
        let headerText = text.extracting(0..<dots[0])
        guard headerText.byteCount <= Self.headerBytesMax else { throw .tooLarge }
        guard let header = Base64Decoding.bytes(headerText, .url),
            let payload = Base64Decoding.bytes(text.extracting(dots[0] + 1..<dots[1]), .url),
            let signature = Base64Decoding.bytes(text.extracting(dots[1] + 1..<text.byteCount), .url)
        else { throw .malformed }
        let fields = try Self.object(header)
        guard let algorithm = fields["alg"]?.text else { throw .malformed }
        // Extensions that must be understood are not understood; a payload that is not encoded is one of them.
        guard fields["crit"] == nil, fields["b64"] == nil else { throw .unknownExtension }
        let keyID = fields["kid"] ?? .string("")
        guard let keyID = keyID.text, keyID.utf8.count <= Self.keyIDBytesMax else { throw .malformed }
        self.algorithm = algorithm
        self.keyID = keyID
        self.signed = text.extracting(0..<dots[1]).array
        self.signature = signature
        self.payload = payload
    }

    /// What it claims, if the key signed it.
    package func claims(signedBy key: JWTKey) throws(JWTFault) -> JSONObject {
        // `none` is no algorithm of any key, and a public key is never taken for a secret.
        guard algorithm == key.algorithm.rawValue else { throw .wrongAlgorithm }
        let isGood = signature.withBytes { signature in signed.withBytes { key.verifies(signature, of: $0) } }
        guard isGood else { throw .badSignature }
        return try Self.object(payload)
    }

    /// A token of the hub's own, signed with a secret; nil if the key is none.
    package static func make(_ claims: JSONValue, signedBy key: JWTKey) -> String? {
        var header: JSONValue = ["alg": .string(key.algorithm.rawValue), "typ": "JWT"]
        if !key.id.isEmpty, var fields = header.object {
            fields["kid"] = .string(key.id)
            header = .object(fields)
        }
        let text = [header, claims].map { part in
            var writer = JSONWriter(capacity: 256)
            writer.value(part)
            return Base64URL.text(writer.bytes)
        }.joined(separator: ".")
        guard let signature = text.withBytes({ key.sign($0) }) else { return nil }
        return "\(text).\(signature.withBytes { Base64URL.text($0) })"
    }

    private static func dots(_ text: RawSpan, atMost limit: Int) -> [Int] {
        var dots: [Int] = []
        var position = 0
        while position < text.byteCount, dots.count < limit {
            if text.load(position, as: UInt8.self) == UInt8(ascii: ".") { dots.append(position) }
            position += 1
        }
        return dots
    }

    private static let rules: JSONRules = {
        var rules = JSONRules.strict
        rules.bytesMax = bytesMax
        rules.depthMax = 8
        rules.valuesMax = 2000
        return rules
    }()

    /// Strict JSON, no name twice: two readers that differ on what a token says are a way in.
    private static func object(_ bytes: [UInt8]) throws(JWTFault) -> JSONObject {
        do throws(JSONTextError) {
            let value = try bytes.withBytes { (bytes) throws(JSONTextError) in
                try JSONReader.value(bytes, rules)
            }
            if let object = value.object { return object }
        } catch {
            throw .malformed
        }
        throw .malformed
    }
}

/// Why a web token is not believed.
package enum JWTFault: String, Error, CaseIterable, Sendable {
    case tooLarge = "it is too large"
    case malformed = "it is not a signed JSON web token"
    case unknownExtension = "it has extensions in crit that are not supported"
    case unknownKey = "no key is known by its kid and alg"
    case wrongAlgorithm = "its alg is not that of the key"
    case badSignature = "its signature is wrong"
    case noExpiry = "it has no exp, the time at which it ends"
    case badTime = "one of exp, nbf and iat is no time"
    case expired = "it has expired"
    case notYet = "it is not valid yet"
    case wrongIssuer = "its iss is not the one expected"
    case wrongAudience = "its aud does not name this hub"
    case noAgent = "it names no agent"
    case wrongTenant = "its issuer does not speak for this tenant"
    case wrongRole = "its issuer does not give these roles"
    case wrongRights = "its issuer does not give these rights"
    case noRights = "it names neither roles nor rights, and the agent is not registered"
}
