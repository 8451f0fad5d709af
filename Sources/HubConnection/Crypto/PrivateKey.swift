import COpenSSL
import HubBytes

/// A key that signs. Never changed once made.
@safe package final class PrivateKey: Sendable {
    /// What a new key can be.
    package enum Kind: Sendable {
        case p256
        case ed25519
        case rsa(bits: Int)
    }

    // Safety: as with `PublicKey`.
    nonisolated(unsafe) let handle: OpaquePointer

    // Safety: takes over a key that nobody else will free.
    private init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit {
        // Safety: the one reference that this object owns. OpenSSL wipes what it frees.
        unsafe EVP_PKEY_free(handle)
    }

    /// A new key.
    package convenience init(_ kind: Kind) throws(CredentialError) {
        OpenSSLError.clear()
        // Safety: each of the calls makes a key that is ours to free.
        let key =
            switch kind {
            case .p256: unsafe copenssl_generate_p256()
            case .ed25519: unsafe copenssl_generate_ed25519()
            case .rsa(let bits): unsafe copenssl_generate_rsa(min(max(bits, 2048), 8192))
            }
        guard let key = unsafe key else { throw .last("a new key", "cannot be made") }
        unsafe self.init(owning: key)
    }

    /// A key in PEM, without a password. `source` is what an error calls it.
    package convenience init(pem: RawSpan, source: String = "the private key") throws(CredentialError) {
        OpenSSLError.clear()
        // Safety: the reader lives as long as the block, and so does the text; it is freed on every path.
        let key = unsafe PEMReader.read(pem) { unsafe copenssl_read_private_key($0) }
        guard let key = unsafe key else {
            if PEMReader.mentions("ENCRYPTED", in: pem) {
                throw CredentialError(source, "is protected by a password, which a hub cannot be asked for")
            }
            throw .last(source, "is not a private key in PEM")
        }
        unsafe self.init(owning: key)
    }

    /// The key in PEM, without a password: whoever stores it sees to it that nobody else reads it.
    package var pem: [UInt8] {
        // Safety: the key is alive; the writer is only used inside the closure.
        unsafe PEMWriter.write {
            unsafe PEM_write_bio_PKCS8PrivateKey($0, handle, nil, nil, 0, nil, nil) == 1
        }
    }

    /// The other half.
    package var publicKey: PublicKey {
        get throws(CredentialError) {
            // Safety: the key is alive; the writer is only used inside the closure.
            let pem = unsafe PEMWriter.write { unsafe PEM_write_bio_PUBKEY($0, handle) == 1 }
            return try pem.withBytes { bytes throws(CredentialError) in try PublicKey(pem: bytes) }
        }
    }

    /// Room for a signature of an RSA key with 8,192 bits, the largest there is.
    private static let signatureBytesMax = 1024

    /// Signs; fails if the key is of another kind.
    package func sign(
        _ bytes: RawSpan, _ algorithm: SignatureAlgorithm
    ) throws(CredentialError) -> [UInt8] {
        OpenSSLError.clear()
        // Safety: the span is alive during the call, and what was written is no longer than the room given.
        let signature = unsafe [UInt8](unsafeUninitializedCapacity: Self.signatureBytesMax) { room, filled in
            guard let start = room.baseAddress else { return }
            filled = unsafe bytes.withOctets { data, count in
                unsafe copenssl_sign(handle, algorithm.code, data, count, start, Self.signatureBytesMax)
            }
        }
        guard !signature.isEmpty else {
            throw CredentialError("the private key", "cannot sign as \(algorithm)")
        }
        return signature
    }
}
