import COpenSSL
import HubBytes

/// A key that signatures are checked with. Never changed once made.
@safe package final class PublicKey: Sendable {
    // Safety: the key is OpenSSL's, owned by this object, and only read after init; OpenSSL's own lock guards
    // what it computes from a key on first use.
    nonisolated(unsafe) let handle: OpaquePointer

    // Safety: takes over a key that nobody else will free.
    init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit {
        // Safety: the one reference that this object owns.
        unsafe EVP_PKEY_free(handle)
    }

    /// A key in PEM, as `BEGIN PUBLIC KEY`.
    package convenience init(pem: RawSpan) throws(CredentialError) {
        OpenSSLError.clear()
        // Safety: the reader lives as long as the block, and so does the text; it is freed on every path.
        let key = unsafe PEMReader.read(pem) { unsafe copenssl_read_public_key($0) }
        guard let key = unsafe key else { throw .last("the public key", "cannot be read") }
        unsafe self.init(owning: key)
    }

    /// An Ed25519 key by its 32 bytes.
    package convenience init(ed25519 bytes: RawSpan) throws(CredentialError) {
        OpenSSLError.clear()
        // Safety: the bytes are read during the call only.
        let key = unsafe bytes.withOctets { start, count in
            unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, start, count)
        }
        guard let key = unsafe key else { throw .last("the Ed25519 key", "cannot be used") }
        unsafe self.init(owning: key)
    }

    /// Bytes of an RSA modulus, above which nobody has honest keys and checking one takes long.
    private static let modulusBytesMax = 1024

    /// An RSA key by its two numbers, highest byte first.
    package convenience init(rsaModulus modulus: RawSpan, exponent: RawSpan) throws(CredentialError) {
        let subject = "the RSA key"
        guard (256...Self.modulusBytesMax).contains(modulus.byteCount), (1...8).contains(exponent.byteCount)
        else { throw CredentialError(subject, "must have 2,048 to 8,192 bits, and a small exponent") }
        OpenSSLError.clear()
        // Safety: the bytes are read during the call only, and there are some, as just checked.
        let key = unsafe modulus.withOctets { n, nCount in
            unsafe exponent.withOctets { e, eCount in unsafe copenssl_rsa_public(n, nCount, e, eCount) }
        }
        guard let key = unsafe key else { throw .last(subject, "cannot be used") }
        unsafe self.init(owning: key)
    }

    /// A point on P-256 (coordinates of 32 bytes) or P-384 (48 bytes).
    package convenience init(pointX: RawSpan, y pointY: RawSpan) throws(CredentialError) {
        let subject = "the elliptic-curve key"
        guard pointX.byteCount == pointY.byteCount, pointX.byteCount == 32 || pointX.byteCount == 48 else {
            throw CredentialError(subject, "must have two coordinates of 32 or 48 bytes")
        }
        OpenSSLError.clear()
        // Safety: the bytes are read during the call only, and there are some, as just checked.
        let key = unsafe pointX.withOctets { x, count in
            unsafe pointY.withOctets { y, _ in unsafe copenssl_ec_public(x, y, count) }
        }
        guard let key = unsafe key else { throw .last(subject, "is not on the curve") }
        unsafe self.init(owning: key)
    }

    /// Whether this key's owner signed the bytes in this way. A key of another kind answers no.
    package func verifies(
        _ signature: RawSpan, of bytes: RawSpan, _ algorithm: SignatureAlgorithm
    ) -> Bool {
        // Safety: both spans are alive during the call and of the lengths given.
        let answer = unsafe signature.withOctets { signature, signatureCount in
            unsafe bytes.withOctets { data, count in
                unsafe copenssl_verify(handle, algorithm.code, data, count, signature, signatureCount)
            }
        }
        OpenSSLError.clear()
        return answer == 1
    }

    /// What a key can be.
    package enum Kind: Equatable, Sendable {
        case ed25519
        case p256
        case rsa(bits: Int)
        /// Something that signatures are not checked with.
        case other
    }

    /// What this key is.
    package var kind: Kind {
        // Safety: the key is alive during the calls, and they only read it.
        if unsafe copenssl_fits(handle, SignatureAlgorithm.ed25519.code) == 1 { return .ed25519 }
        if unsafe copenssl_fits(handle, SignatureAlgorithm.ecdsaP256SHA256.code) == 1 { return .p256 }
        guard unsafe copenssl_fits(handle, SignatureAlgorithm.rsaPKCS1SHA256.code) == 1 else { return .other }
        return .rsa(bits: Int(unsafe EVP_PKEY_get_bits(handle)))
    }

    /// The key in PEM.
    package var pem: [UInt8] {
        // Safety: the key is alive; the writer is only used inside the closure.
        unsafe PEMWriter.write { unsafe PEM_write_bio_PUBKEY($0, handle) == 1 }
    }
}
