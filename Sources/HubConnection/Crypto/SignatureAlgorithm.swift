import COpenSSL

/// How something is signed. ECDSA signatures are two numbers of equal length one behind the other, as JSON web
/// tokens have them.
package enum SignatureAlgorithm: CaseIterable, Sendable {
    case ed25519
    case ecdsaP256SHA256
    case ecdsaP384SHA384
    case rsaPKCS1SHA256
    case rsaPSSSHA256

    var code: Int32 {
        switch self {
        case .ed25519: Int32(copenssl_ed25519.rawValue)
        case .ecdsaP256SHA256: Int32(copenssl_ecdsa_sha256.rawValue)
        case .ecdsaP384SHA384: Int32(copenssl_ecdsa_sha384.rawValue)
        case .rsaPKCS1SHA256: Int32(copenssl_rsa_pkcs1_sha256.rawValue)
        case .rsaPSSSHA256: Int32(copenssl_rsa_pss_sha256.rawValue)
        }
    }
}
