/// What a certificate to be issued shall say.
package struct CertificateRequest: Sendable {
    /// Bytes of a common name: more is against the standard, and refused by others.
    private static let commonNameBytesMax = 64
    private static let nameBytesMax = 253
    private static let uriBytesMax = 2048
    private static let namesMax = 100
    private static let validDaysMax = 36_500

    /// The name of the subject.
    package var commonName: String
    /// Names of hosts; the first label may be `*`.
    package var dnsNames: [String] = []
    /// Addresses, as 4 or 16 bytes.
    package var addresses: [[UInt8]] = []
    /// Identifiers such as `spiffe://example/agent`.
    package var uris: [String] = []
    /// Mail addresses.
    package var emails: [String] = []
    /// Whether it is good for answering connections.
    package var isServer = true
    /// Whether it is good for making them.
    package var isClient = true
    /// Valid from, in seconds since 1970; a few minutes ago if nothing is said.
    package var notBefore: Int64?
    /// For how long.
    package var validDays = 365

    /// A request for a name.
    package init(commonName: String) { self.commonName = commonName }

    /// A request of a server that is reached under these names and addresses.
    package static func server(_ names: String..., addresses: [[UInt8]] = []) -> CertificateRequest {
        var request = CertificateRequest(commonName: names.first ?? "server")
        request.dnsNames = names
        request.addresses = addresses
        request.isClient = false
        return request
    }

    /// A request of a client.
    package static func client(_ name: String) -> CertificateRequest {
        var request = CertificateRequest(commonName: name)
        request.isServer = false
        return request
    }

    /// Throws if it cannot stand in a certificate, or not without confusing those who read it.
    func check() throws(CredentialError) {
        let subject = "the certificate for \(commonName.debugDescription)"
        guard (1...Self.commonNameBytesMax).contains(commonName.utf8.count),
            commonName.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f })
        else {
            throw CredentialError(subject, "the name must have 1 to 64 bytes, and no control characters")
        }
        guard dnsNames.count + addresses.count + uris.count + emails.count <= Self.namesMax else {
            throw CredentialError(subject, "has more than \(Self.namesMax) alternative names")
        }
        for (names, limit) in [
            (dnsNames, Self.nameBytesMax), (emails, Self.nameBytesMax), (uris, Self.uriBytesMax),
        ] {
            for name in names {
                guard (1...limit).contains(name.utf8.count),
                    name.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
                else {
                    throw CredentialError(subject, "\(name.debugDescription) is no alternative name")
                }
            }
        }
        guard addresses.allSatisfy({ $0.count == 4 || $0.count == 16 }) else {
            throw CredentialError(subject, "an address must have 4 or 16 bytes")
        }
        guard isServer || isClient, (1...Self.validDaysMax).contains(validDays) else {
            throw CredentialError(subject, "must be good for something, for 1 to \(Self.validDaysMax) days")
        }
    }
}
