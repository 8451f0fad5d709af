import HubConnection
import HubModel
package import HubProtocols

extension AccessDocument {
    /// Reads a document and checks it as far as it can be checked by itself.
    package init(_ value: JSONValue) throws(AccessError) {
        let reader = try DocumentReader(
            value, "access",
            knows: ["format", "roles", "agents", "tokens", "keys", "issuers", "certificates"])
        guard reader.object["format"]?.integer == Int64(Self.format) else {
            throw reader.fail("format", "must be \(Self.format), the one form that this program reads")
        }
        self.init()
        try readRoles(reader.object["roles"])
        for (index, value) in (try reader.list("agents") ?? []).enumerated() {
            agents.append(try RegisteredAgent(value, "agents[\(index)]"))
        }
        for (index, value) in (try reader.list("tokens") ?? []).enumerated() {
            tokens.append(try RegisteredToken(value, "tokens[\(index)]"))
        }
        for (index, value) in (try reader.list("keys") ?? []).enumerated() {
            keys.append(try RegisteredKey(value, "keys[\(index)]"))
        }
        for (index, value) in (try reader.list("issuers") ?? []).enumerated() {
            issuers.append(try JWTIssuer(value, "issuers[\(index)]"))
        }
        if let value = reader.object["certificates"] { certificates = try CertificateRules(value) }
        try checkRoles()
        try checkDoubles()
    }

    private mutating func readRoles(_ value: JSONValue?) throws(AccessError) {
        guard let value else { return }
        guard let object = value.object else {
            throw AccessError(.content, "roles is \(value.noun); it must be an object")
        }
        for member in object.members {
            let rights = try Rights(member.value, "roles.\(member.name)")
            do throws(Refusal) {
                roles.append(try Role(member.name, rights))
            } catch {
                throw AccessError(error, in: "roles")
            }
        }
    }

    /// The roles by name, those of the file before the built-in ones.
    package var rolesByName: [String: Rights] {
        var all: [String: Rights] = [:]
        for role in Role.builtIn + roles { all[role.name] = role.rights }
        return all
    }

    private func checkRoles() throws(AccessError) {
        let known = rolesByName
        func check(_ names: [String], _ place: String) throws(AccessError) {
            for name in names where known[name] == nil {
                throw AccessError(
                    .content,
                    "\(place) has the role \"\(name)\"; there are \(known.keys.sorted().joined(separator: ", "))"
                )
            }
        }
        for agent in agents { try check(agent.roles, "the agent \(agent.name)") }
        for (index, issuer) in issuers.enumerated() { try check(issuer.roles, "issuers[\(index)]") }
        try check(certificates.roles, "certificates")
    }

    private func checkDoubles() throws(AccessError) {
        func check<Name: Hashable>(_ names: [Name], _ noun: String) throws(AccessError) {
            var seen: Set<Name> = []
            for name in names where !seen.insert(name).inserted {
                throw AccessError(.content, "the \(noun) \(name) is there twice")
            }
        }
        try check(agents.map(\.name), "agent")
        try check(tokens.map(\.id), "token")
        try check(keys.map(\.id), "key")
        try check(certificates.mappings.map(\.mark), "certificate mapping")
    }
}

extension RegisteredAgent {
    fileprivate init(_ value: JSONValue, _ place: String) throws(AccessError) {
        let reader = try DocumentReader(
            value, place, knows: ["agent", "tenant", "roles", "rights", "created", "expires", "revoked"])
        self.init(
            try reader.tenantAgent(), roles: try reader.texts("roles") ?? [], validity: try reader.validity())
        if let value = reader.object["rights"] { rights = try Rights(value, "\(place).rights") }
    }
}

extension RegisteredToken {
    fileprivate init(_ value: JSONValue, _ place: String) throws(AccessError) {
        let reader = try DocumentReader(
            value, place,
            knows: ["id", "agent", "tenant", "sha256", "created", "expires", "revoked", "note"])
        let id = try reader.required("id")
        guard BearerToken.isID(id) else { throw reader.fail("id", "is no id of a token") }
        guard let digest = Hexadecimal.bytes(try reader.required("sha256")), digest.count == Digest.byteCount
        else { throw reader.fail("sha256", "must have 64 hexadecimal digits") }
        self.init(
            id: id, digest: digest, name: try reader.tenantAgent(), validity: try reader.validity(),
            note: try reader.text("note") ?? "")
    }
}

extension RegisteredKey {
    fileprivate init(_ value: JSONValue, _ place: String) throws(AccessError) {
        let reader = try DocumentReader(
            value, place, knows: ["id", "agent", "tenant", "pem", "created", "expires", "revoked", "note"])
        self.init(
            id: try reader.required("id"), pem: try reader.required("pem"), name: try reader.tenantAgent(),
            validity: try reader.validity(), note: try reader.text("note") ?? "")
    }
}

extension JWTIssuer {
    fileprivate init(_ value: JSONValue, _ place: String) throws(AccessError) {
        let reader = try DocumentReader(
            value, place,
            knows: [
                "keys_file", "issuer", "audience", "requires_audience", "tenants", "roles", "agent_claim",
                "tenant_claim",
            ])
        self.init(keysFile: try reader.required("keys_file"))
        issuer = try reader.text("issuer") ?? issuer
        audience = try reader.text("audience") ?? audience
        requiresAudience = try reader.flag("requires_audience") ?? requiresAudience
        roles = try reader.texts("roles") ?? roles
        agentClaim = try reader.text("agent_claim") ?? agentClaim
        tenantClaim = try reader.text("tenant_claim") ?? tenantClaim
        guard let names = try reader.texts("tenants") else { return }
        tenants = []
        for name in names {
            tenants.append(try reader.checked("tenants") { () throws(Refusal) in try TenantName(name) })
        }
        guard !tenants.isEmpty else { throw reader.fail("tenants", "must name one at least") }
    }
}

extension CertificateRules {
    fileprivate init(_ value: JSONValue) throws(AccessError) {
        let reader = try DocumentReader(
            value, "certificates", knows: ["common_name", "tenant", "roles", "mappings"])
        self.init()
        usesCommonName = try reader.flag("common_name") ?? usesCommonName
        tenant = try reader.tenant()
        roles = try reader.texts("roles") ?? roles
        for (index, value) in (try reader.list("mappings") ?? []).enumerated() {
            mappings.append(try CertificateMapping(value, "certificates.mappings[\(index)]"))
        }
    }
}

extension CertificateMapping {
    fileprivate init(_ value: JSONValue, _ place: String) throws(AccessError) {
        let reader = try DocumentReader(
            value, place, knows: ["fingerprint", "common_name", "uri", "agent", "tenant"])
        let marks: [Mark] = [
            try reader.text("fingerprint").map { .fingerprint($0.lowercased()) },
            try reader.text("common_name").map { .commonName($0) }, try reader.text("uri").map { .uri($0) },
        ].compactMap { $0 }
        guard marks.count == 1 else {
            throw AccessError(.content, "\(place) must have one of fingerprint, common_name and uri")
        }
        self.init(marks[0], try reader.tenantAgent())
    }
}
