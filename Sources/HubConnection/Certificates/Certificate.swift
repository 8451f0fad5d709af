import COpenSSL
import HubBytes

/// An X.509 certificate. Never changed once made.
@safe package final class Certificate: Sendable {
    // Safety: the certificate is OpenSSL's, owned by this object, and only read after init; OpenSSL's own lock
    // guards what it computes from a certificate on first use.
    nonisolated(unsafe) let handle: OpaquePointer

    // Safety: takes over a certificate that nobody else will free.
    init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit {
        // Safety: the one reference that this object owns.
        unsafe X509_free(handle)
    }

    /// Certificates in one file: a bundle of all public authorities has 150.
    private static let bundleMax = 2000

    /// All certificates in a text in PEM, in their order; other things between them are passed over. `source` is
    /// what an error calls it.
    package static func all(
        inPEM pem: RawSpan, source: String = "the certificates"
    ) throws(CredentialError) -> [Certificate] {
        OpenSSLError.clear()
        var found: [Certificate] = []
        // Safety: each certificate that was read is handed over to an object at once.
        unsafe PEMReader.read(pem) { reader in
            while found.count <= bundleMax, let handle = unsafe copenssl_read_certificate(reader) {
                unsafe found.append(Certificate(owning: handle))
            }
            return ()
        }
        try PEMReader.checkEnd(found.count, limit: bundleMax, source, "certificate")
        return found
    }

    /// The certificate in PEM.
    package var pem: [UInt8] {
        // Safety: the certificate is alive; the writer is only used inside the closure.
        unsafe PEMWriter.write { unsafe PEM_write_bio_X509($0, handle) == 1 }
    }

    /// What it says of its owner.
    // Safety: the certificate is alive during the call.
    package var identity: PeerIdentity { unsafe PeerIdentity(handle) }

    /// Whether the key is this certificate's.
    package func belongs(to key: PrivateKey) -> Bool {
        defer { OpenSSLError.clear() }
        // Safety: both are alive during the call.
        return unsafe X509_check_private_key(handle, key.handle) == 1
    }
}

/// A list of revoked certificates, signed by their issuer. Never changed once made.
@safe package final class RevocationList: Sendable {
    // Safety: as with `Certificate`.
    nonisolated(unsafe) let handle: OpaquePointer

    // Safety: takes over a list that nobody else will free.
    init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit {
        // Safety: the one reference that this object owns.
        unsafe X509_CRL_free(handle)
    }

    private static let bundleMax = 100

    /// All lists in a text in PEM. `source` is what an error calls it.
    package static func all(
        inPEM pem: RawSpan, source: String = "the revocation lists"
    ) throws(CredentialError) -> [RevocationList] {
        OpenSSLError.clear()
        var found: [RevocationList] = []
        // Safety: each list that was read is handed over to an object at once.
        unsafe PEMReader.read(pem) { reader in
            while found.count <= bundleMax, let handle = unsafe copenssl_read_revocations(reader) {
                unsafe found.append(RevocationList(owning: handle))
            }
            return ()
        }
        try PEMReader.checkEnd(found.count, limit: bundleMax, source, "revocation list")
        return found
    }

    /// The list in PEM.
    package var pem: [UInt8] {
        // Safety: the list is alive; the writer is only used inside the closure.
        unsafe PEMWriter.write { unsafe PEM_write_bio_X509_CRL($0, handle) == 1 }
    }

    /// When the next list is due, in seconds since 1970: after that, nobody whom this one covers gets in.
    package var nextUpdate: Int64 {
        // Safety: the time belongs to the list, which is alive.
        unsafe CertificateTime.seconds(X509_CRL_get0_nextUpdate(handle))
    }

    /// The serial numbers of the revoked certificates, with the seconds since 1970 at which they were.
    package var entries: [(serial: [UInt8], time: Int64)] {
        // Safety: the entries belong to the list, which is alive.
        let count = unsafe copenssl_revocations_count(handle)
        return (0..<count).compactMap { index in
            guard let entry = unsafe copenssl_revocations_at(handle, index) else { return nil }
            return unsafe (
                CertificateText.octets(of: X509_REVOKED_get0_serialNumber(entry)),
                CertificateTime.seconds(X509_REVOKED_get0_revocationDate(entry))
            )
        }
    }
}

extension PEMReader {
    /// Throws if reading stopped before the end of the text, found nothing, or found too much.
    fileprivate static func checkEnd(
        _ count: Int, limit: Int, _ source: String, _ noun: String
    ) throws(CredentialError) {
        guard count <= limit else { throw CredentialError(source, "has more than \(limit) of them") }
        guard copenssl_read_to_end() == 1 else {
            throw count == 0 && ERR_peek_error() == 0
                ? CredentialError(source, "has no \(noun) in PEM")
                : .last(source, "has a damaged \(noun), number \(count + 1)")
        }
        OpenSSLError.clear()
        guard count > 0 else { throw CredentialError(source, "has no \(noun) in PEM") }
    }
}
