import HubBytes
import HubConnection
package import HubModel
import HubProtocols
import HubSystem

/// An authority in a folder: its certificate and key, what it has issued, and the list of what it has taken back.
///
/// - `ca.pem`: the authority's certificate, for whoever shall believe it
/// - `ca.key`: its key, for its owner alone
/// - `crl.pem`: the revocation list, for hubs
/// - `issued.json`: what was issued
package struct CertificateFolder: Sendable {
    /// What is kept of a certificate that was issued.
    package struct Issued: Equatable, Sendable {
        /// The serial number in hexadecimal.
        package let serial: String
        /// The SHA-256 of the whole, in hexadecimal.
        package let fingerprint: String
        /// Whom it names: an agent, or the hosts of a server.
        package let subject: String
        /// Whether it is a server's.
        package let isServer: Bool
        /// When it was issued, ends, and was taken back.
        package var validity: Validity
    }

    /// Where the folder is.
    package let path: String

    /// The folder at a path.
    package init(path: String) { self.path = path }

    /// The authority's certificate.
    package var authorityPath: String { "\(path)/ca.pem" }
    /// The authority's key.
    package var keyPath: String { "\(path)/ca.key" }
    /// The revocation list.
    package var revocationsPath: String { "\(path)/crl.pem" }
    private var issuedPath: String { "\(path)/issued.json" }

    /// Makes the authority, with an empty revocation list.
    package func make(name: String, validDays: Int, now: Timestamp) throws(AccessError) {
        try SecretFile.system { () throws(SystemError) in try Directory.create(path) }
        try locked { () throws(AccessError) in
            for file in [authorityPath, keyPath] where Directory.exists(file) {
                throw AccessError(.absent, "\(file) is there already: an authority is not written over")
            }
            let authority = try Self.credential { () throws(CredentialError) in
                try CertificateAuthority.make(name: name, validDays: validDays)
            }
            try write(authority.keyPEM, to: keyPath)
            try write(authority.certificate.pem, to: authorityPath)
            try write([], authority, now)
        }
    }

    /// Issues a certificate for an agent, into two files that begin with `prefix` and must not be there yet.
    package func issue(
        agent name: TenantAgent, validDays: Int, into prefix: String, now: Timestamp
    ) throws(AccessError) -> Issued {
        var request = CertificateRequest.client(CertificateName.commonName(name.agent))
        request.uris = [CertificateName.uri(name)]
        request.validDays = validDays
        return try issue(request, subject: name.description, prefix, now)
    }

    /// Issues a certificate for a server that is reached under these names and addresses, into two files as above.
    package func issue(
        server names: [String], validDays: Int, into prefix: String, now: Timestamp
    ) throws(AccessError) -> Issued {
        guard let first = names.first else { throw AccessError(.content, "a server has one name at least") }
        var request = CertificateRequest(commonName: String(first.prefix(64)))
        request.isClient = false
        for name in names {
            if let address = IPAddress(name) {
                request.addresses.append(address.octets)
            } else {
                request.dnsNames.append(name)
            }
        }
        request.validDays = validDays
        return try issue(request, subject: names.joined(separator: " "), prefix, now)
    }

    private func issue(
        _ request: CertificateRequest, subject: String, _ prefix: String, _ now: Timestamp
    ) throws(AccessError) -> Issued {
        try locked { () throws(AccessError) in
            let authority = try load()
            for file in ["\(prefix).pem", "\(prefix).key"] where Directory.exists(file) {
                throw AccessError(.absent, "\(file) is there already, and is not written over")
            }
            let made = try Self.credential { () throws(CredentialError) in try authority.issue(request) }
            let identity = made.chain[0].identity
            let issued = Issued(
                serial: identity.serialText, fingerprint: identity.fingerprintText, subject: subject,
                isServer: request.isServer,
                validity: Validity(
                    created: now, expires: Timestamp(microseconds: identity.notAfter * 1_000_000)))
            // Noted before anybody has it: what is not in the list could not be taken back.
            try write(try list() + [issued], nil, now)
            try write(made.keyPEM, to: "\(prefix).key")
            try write(made.chainPEM, to: "\(prefix).pem")
            return issued
        }
    }

    /// Takes certificates back: those with a serial number, or all of a subject. A new revocation list is written; the
    /// ones that were taken back now are handed over.
    package func revoke(_ mark: String, now: Timestamp) throws(AccessError) -> [Issued] {
        try locked { () throws(AccessError) in
            var all = try list()
            var revoked: [Issued] = []
            let fitting = all.indices.filter { all[$0].serial == mark || all[$0].subject == mark }
            guard !fitting.isEmpty else {
                throw AccessError(
                    .absent, "no certificate was issued with the serial number or for the name \(mark)")
            }
            for index in fitting where all[index].validity.revoked == .none {
                all[index].validity.revoked = now
                revoked.append(all[index])
            }
            try write(all, try load(), now)
            return revoked
        }
    }

    /// Writes the revocation list anew: hubs refuse everyone once the one that they have is out of date.
    package func renewRevocations(now: Timestamp) throws(AccessError) {
        try locked { () throws(AccessError) in try write(try list(), try load(), now) }
    }

    /// All that was issued, the oldest first.
    package func list() throws(AccessError) -> [Issued] {
        guard Directory.exists(authorityPath) else {
            throw AccessError(.absent, "there is no authority in \(path): make one with agenthub certs ca")
        }
        guard Directory.exists(issuedPath) else { return [] }
        let value = try KeySetFile.read(issuedPath)
        var all: [Issued] = []
        for (index, element) in (value["certificates"]?.array ?? []).enumerated() {
            let reader = try DocumentReader(
                element, "\(issuedPath): certificates[\(index)]",
                knows: ["serial", "fingerprint", "subject", "server", "created", "expires", "revoked"])
            all.append(
                Issued(
                    serial: try reader.required("serial"), fingerprint: try reader.required("fingerprint"),
                    subject: try reader.required("subject"), isServer: try reader.flag("server") ?? false,
                    validity: try reader.validity()))
        }
        return all
    }

    // MARK: Files

    private func locked<Result>(_ body: () throws(AccessError) -> Result) throws(AccessError) -> Result {
        guard Directory.exists(path) else {
            throw AccessError(.absent, "there is no folder \(path): make an authority with agenthub certs ca")
        }
        return try SecretFile.locked("\(path)/lock", body)
    }

    private func load() throws(AccessError) -> CertificateAuthority {
        guard Directory.exists(authorityPath), Directory.exists(keyPath) else {
            throw AccessError(.absent, "there is no authority in \(path): make one with agenthub certs ca")
        }
        let key = try SecretFile.read(keyPath)
        return try Self.credential { () throws(CredentialError) in
            try CertificateAuthority(
                certificate: try Certificate.all(inFile: authorityPath)[0],
                key: try key.withBytes { (bytes) throws(CredentialError) in
                    try PrivateKey(pem: bytes, source: keyPath)
                })
        }
    }

    /// Writes what was issued, and with an authority the revocation list that goes with it.
    private func write(
        _ all: [Issued], _ authority: CertificateAuthority?, _ now: Timestamp
    ) throws(AccessError) {
        try write(IndentedJSON.bytes(["certificates": .array(all.map(\.json))]), to: issuedPath)
        guard let authority else { return }
        let entries = all.filter { $0.validity.revoked != .none }.compactMap { issued in
            Hexadecimal.bytes(issued.serial).map {
                (serial: $0, time: issued.validity.revoked.microseconds / 1_000_000)
            }
        }
        // Numbers must grow from list to list, and so does time.
        let list = try Self.credential { () throws(CredentialError) in
            try authority.revocations(entries, number: now.microseconds, validDays: Self.revocationDays)
        }
        try write(list.pem, to: revocationsPath)
    }

    /// How long a revocation list is good: `agenthub certs revoke` or `certs crl` makes the next.
    package static let revocationDays = 365

    private func write(_ bytes: [UInt8], to path: String) throws(AccessError) {
        try bytes.withBytes { (bytes) throws(AccessError) in try SecretFile.replace(path, bytes) }
    }

    private static func credential<Result>(
        _ body: () throws(CredentialError) -> Result
    ) throws(AccessError) -> Result {
        do throws(CredentialError) { return try body() } catch { throw AccessError(error) }
    }
}

extension CertificateFolder.Issued {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object["serial"] = .string(serial)
        object["fingerprint"] = .string(fingerprint)
        object["subject"] = .string(subject)
        object["server"] = .bool(isServer)
        let moments = [
            ("created", validity.created), ("expires", validity.expires), ("revoked", validity.revoked),
        ]
        for (name, moment) in moments where moment != .none { object[name] = .string(moment.description) }
        return .object(object)
    }
}

extension CertificateName {
    /// The common name of an agent's certificate: its id, or as much of it as fits into 64 bytes; the URI has it all.
    static func commonName(_ agent: AgentID) -> String {
        var name = ""
        for character in agent.text {
            guard name.utf8.count + character.utf8.count <= 64 else { break }
            name.append(character)
        }
        return name
    }
}
