import COpenSSL
import HubBytes
import HubSystem

/// A small authority: makes itself, issues certificates for hubs and agents, and revokes them.
package struct CertificateAuthority: Sendable {
    /// The authority's own certificate, for others to trust.
    package let certificate: Certificate
    private let key: PrivateKey

    /// An authority by its certificate and key.
    package init(certificate: Certificate, key: PrivateKey) throws(CredentialError) {
        guard certificate.belongs(to: key) else {
            throw CredentialError("the authority", "certificate and private key do not belong together")
        }
        self.certificate = certificate
        self.key = key
    }

    /// A new authority with a key of its own. Times are in seconds since 1970.
    package static func make(
        name: String, _ kind: PrivateKey.Kind = .p256, notBefore: Int64? = nil, validDays: Int = 3650
    ) throws(CredentialError) -> CertificateAuthority {
        let key = try PrivateKey(kind)
        var request = CertificateRequest(commonName: name)
        request.validDays = validDays
        request.notBefore = notBefore
        let certificate = try build(request, key, isAuthority: true, issuer: nil, issuerKey: key)
        return try CertificateAuthority(certificate: certificate, key: key)
    }

    /// The authority's key in PEM: who has it can issue in its name.
    package var keyPEM: [UInt8] { key.pem }

    /// An authority below this one.
    package func makeIntermediate(
        name: String, _ kind: PrivateKey.Kind = .p256, validDays: Int = 1825
    ) throws(CredentialError) -> CertificateAuthority {
        let own = try PrivateKey(kind)
        var request = CertificateRequest(commonName: name)
        request.validDays = validDays
        let certificate = try Self.build(request, own, isAuthority: true, issuer: certificate, issuerKey: key)
        return try CertificateAuthority(certificate: certificate, key: own)
    }

    /// A certificate, with a new key for it.
    package func issue(
        _ request: CertificateRequest, _ kind: PrivateKey.Kind = .p256
    ) throws(CredentialError) -> TLSCredentials {
        let own = try PrivateKey(kind)
        let made = try Self.build(request, own, isAuthority: false, issuer: certificate, issuerKey: key)
        return try TLSCredentials(chain: [made], key: own)
    }

    /// A list of what is revoked: serial numbers with the seconds since 1970 at which they were. The number must
    /// grow from list to list.
    package func revocations(
        _ entries: [(serial: [UInt8], time: Int64)], number: Int64, thisUpdate: Int64? = nil,
        validDays: Int = 30
    ) throws(CredentialError) -> RevocationList {
        OpenSSLError.clear()
        let from = thisUpdate ?? Self.now - Self.clockSlack
        // Safety: the list is handed to its owner at once, who frees it on every path.
        guard
            let handle = unsafe copenssl_revocations_new(
                certificate.handle, from, from + Int64(validDays) * Self.day, number)
        else { throw .last("the revocation list", "cannot be made") }
        let list = unsafe RevocationList(owning: handle)
        for entry in entries {
            let added = unsafe entry.serial.span.bytes.withOctets { serial, count in
                unsafe copenssl_revocations_add(list.handle, serial, Int32(count), entry.time)
            }
            guard added == 1 else { throw .last("the revocation list", "cannot take an entry") }
        }
        guard unsafe copenssl_revocations_sign(list.handle, key.handle) == 1 else {
            throw .last("the revocation list", "cannot be signed")
        }
        return list
    }

    private static let day: Int64 = 86_400
    /// Clocks of agents that are a little behind shall not refuse what was just issued.
    private static let clockSlack: Int64 = 300
    private static let serialBytes = 16
    private static var now: Int64 { SystemClock.wallMicroseconds() / 1_000_000 }

    private static func build(
        _ request: CertificateRequest, _ key: PrivateKey, isAuthority: Bool, issuer: Certificate?,
        issuerKey: PrivateKey
    ) throws(CredentialError) -> Certificate {
        try request.check()
        OpenSSLError.clear()
        var serial = RandomBytes.make(serialBytes)
        // Positive, and never shorter than its 16 bytes.
        serial[0] = serial[0] & 0x3f | 0x40
        let from = request.notBefore ?? now - clockSlack
        let usage =
            isAuthority
            ? copenssl_usage_authority.rawValue
            : (request.isServer ? copenssl_usage_server.rawValue : 0)
                | (request.isClient ? copenssl_usage_client.rawValue : 0)
        let names = try AlternativeNames(request)
        // Safety: all that is passed is alive during the call; what it makes is handed to its owner at once.
        let made = unsafe serial.span.bytes.withOctets { serial, count -> OpaquePointer? in
            unsafe copenssl_certificate_make(
                key.handle, request.commonName, names.handle, serial, Int32(count), from,
                from + Int64(request.validDays) * day, Int32(usage), issuer?.handle, issuerKey.handle)
        }
        guard let made = unsafe made else { throw .last("the certificate", "cannot be made") }
        return unsafe Certificate(owning: made)
    }
}

/// Alternative names on their way into a certificate.
@safe private struct AlternativeNames: ~Copyable {
    let handle: OpaquePointer?

    init(_ request: CertificateRequest) throws(CredentialError) {
        let names =
            request.dnsNames.map { (GEN_DNS, Array($0.utf8)) }
            + request.uris.map { (GEN_URI, Array($0.utf8)) }
            + request.emails.map { (GEN_EMAIL, Array($0.utf8)) } + request.addresses.map { (GEN_IPADD, $0) }
        guard !names.isEmpty else {
            unsafe handle = nil
            return
        }
        // Safety: freed in deinit, or here if a name cannot be added.
        guard let made = unsafe copenssl_names_new() else { throw .last("the names", "cannot be made") }
        for (kind, bytes) in names {
            let added = unsafe bytes.span.bytes.withOctets { start, count in
                unsafe copenssl_names_add(made, kind, start, count)
            }
            guard added == 1 else {
                unsafe copenssl_names_free(made)
                throw .last("the names", "cannot be set")
            }
        }
        unsafe handle = made
    }

    deinit {
        // Safety: the one reference that this value owns.
        unsafe copenssl_names_free(handle)
    }
}
