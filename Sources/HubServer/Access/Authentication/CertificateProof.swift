import HubConnection
import HubModel

/// Who somebody is by his certificate, which TLS has verified.
struct CertificateProof {
    let book: AccessBook

    func identity(_ certificate: PeerIdentity, _ now: Timestamp) throws(Refusal) -> Identity {
        guard let name = name(certificate) else {
            throw Refusal(
                .unauthorized,
                "the certificate names no agent: its common name must be the agent's id, or whoever runs the hub maps it"
            )
        }
        guard let rights = try? book.rights(ofCertified: name, now) else {
            throw Refusal(
                .unauthorized, "the certificate's agent is not registered here, or may not come in any more")
        }
        return Identity(
            agent: name.agent, tenant: name.tenant,
            proof: .certificate(fingerprint: certificate.fingerprintText), basis: .certified, rights: rights,
            expires: Timestamp(microseconds: certificate.notAfter * 1_000_000), generation: book.generation)
    }

    /// A mapping first, the most exact of them first of all; then the name that the hub's own authority writes; then the
    /// common name.
    private func name(_ certificate: PeerIdentity) -> TenantAgent? {
        if let name = book.mappings[.fingerprint(certificate.fingerprintText)] { return name }
        for uri in certificate.uris { if let name = book.mappings[.uri(uri)] { return name } }
        if let name = book.mappings[.commonName(certificate.commonName)] { return name }
        let own = certificate.uris.compactMap(CertificateName.read)
        // Two names in one certificate are one too many to choose from.
        if own.count > 1 { return nil }
        if let name = own.first { return name }
        guard book.certificates.usesCommonName else { return nil }
        return OwnName.made { () throws(Refusal) in
            TenantAgent(book.certificates.tenant, try AgentID(certificate.commonName))
        }
    }
}

extension AccessBook {
    /// The rights of an agent that a certificate names; nil if it gets none.
    func rights(ofCertified name: TenantAgent, _ now: Timestamp) throws(ShutOut) -> CompiledRights? {
        if let known = try registered(name, now) { return known }
        guard !certificates.roles.isEmpty else { throw ShutOut() }
        return compiled(Self.union(certificates.roles, roles), for: name.agent)
    }
}

/// An agent of a tenant as an alternative name of a certificate: `agenthub://TENANT/AGENT`, with `%` and two digits for
/// what a URI cannot hold. It has room for ids that are longer than the 64 bytes of a common name.
package enum CertificateName {
    private static let scheme = "agenthub://"

    /// The URI of an agent.
    package static func uri(_ name: TenantAgent) -> String {
        "\(scheme)\(escaped(name.tenant.text))/\(escaped(name.agent.text))"
    }

    /// The agent that a URI names; nil if it is none of these.
    static func read(_ uri: String) -> TenantAgent? {
        guard uri.hasPrefix(scheme) else { return nil }
        let parts = uri.dropFirst(scheme.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let tenant = unescaped(parts[0]), let agent = unescaped(parts[1]) else {
            return nil
        }
        return OwnName.made { () throws(Refusal) in
            TenantAgent(try TenantName(tenant), try AgentID(agent))
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%\(Hexadecimal.text([byte]))"
            }
        }
        return result
    }

    private static func unescaped(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Hexadecimal.value),
                let low = rest.popFirst().flatMap(Hexadecimal.value)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
