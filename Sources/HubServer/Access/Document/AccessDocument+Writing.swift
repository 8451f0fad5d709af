import HubModel
package import HubProtocols

extension AccessDocument {
    /// The document as JSON, the same for the same content.
    package var json: JSONValue {
        var object = JSONObject()
        object["format"] = .integer(Int64(Self.format))
        if !roles.isEmpty {
            var named = JSONObject()
            for role in roles { named[role.name] = role.rights.json }
            object["roles"] = .object(named)
        }
        object["agents"] = .array(agents.map(\.json))
        object["tokens"] = .array(tokens.map(\.json))
        object["keys"] = .array(keys.map(\.json))
        if !issuers.isEmpty { object["issuers"] = .array(issuers.map(\.json)) }
        if certificates != CertificateRules() { object["certificates"] = certificates.json }
        return .object(object)
    }
}

extension Rights {
    /// The rights as JSON; what is not granted is left out.
    package var json: JSONValue {
        var object = JSONObject()
        for (name, texts) in lists where !texts.isEmpty { object[name] = .array(texts.map { .string($0) }) }
        return .object(object)
    }

    /// The lists with their names.
    package var lists: [(name: String, texts: [String])] {
        [
            ("publish", publish.texts), ("subscribe", subscribe.texts), ("command", command.texts),
            ("sessions", sessions.map(\.text)), ("admin", admin.map(\.text)),
        ]
    }
}

extension JSONObject {
    fileprivate mutating func put(_ name: TenantAgent) {
        self["agent"] = .string(name.agent.text)
        if name.tenant != .default { self["tenant"] = .string(name.tenant.text) }
    }

    fileprivate mutating func put(_ validity: Validity) {
        let moments = [
            ("created", validity.created), ("expires", validity.expires), ("revoked", validity.revoked),
        ]
        for (name, moment) in moments where moment != .none { self[name] = .string(moment.description) }
    }

    fileprivate mutating func put(note: String) {
        if !note.isEmpty { self["note"] = .string(note) }
    }
}

extension RegisteredAgent {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object.put(name)
        object["roles"] = .array(roles.map { .string($0) })
        if !rights.isEmpty { object["rights"] = rights.json }
        object.put(validity)
        return .object(object)
    }
}

extension RegisteredToken {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object["id"] = .string(id)
        object.put(name)
        object["sha256"] = .string(Hexadecimal.text(digest))
        object.put(validity)
        object.put(note: note)
        return .object(object)
    }
}

extension RegisteredKey {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object["id"] = .string(id)
        object.put(name)
        object["pem"] = .string(pem)
        object.put(validity)
        object.put(note: note)
        return .object(object)
    }
}

extension JWTIssuer {
    fileprivate var json: JSONValue {
        let usual = JWTIssuer(keysFile: "")
        var object = JSONObject()
        object["keys_file"] = .string(keysFile)
        if issuer != usual.issuer { object["issuer"] = .string(issuer) }
        if audience != usual.audience { object["audience"] = .string(audience) }
        if requiresAudience { object["requires_audience"] = .bool(true) }
        object["tenants"] = .array(tenants.map { .string($0.text) })
        object["roles"] = .array(roles.map { .string($0) })
        if agentClaim != usual.agentClaim { object["agent_claim"] = .string(agentClaim) }
        if tenantClaim != usual.tenantClaim { object["tenant_claim"] = .string(tenantClaim) }
        return .object(object)
    }
}

extension CertificateRules {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object["common_name"] = .bool(usesCommonName)
        if tenant != .default { object["tenant"] = .string(tenant.text) }
        object["roles"] = .array(roles.map { .string($0) })
        if !mappings.isEmpty { object["mappings"] = .array(mappings.map(\.json)) }
        return .object(object)
    }
}

extension CertificateMapping {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        switch mark {
        case .fingerprint(let text): object["fingerprint"] = .string(text)
        case .commonName(let text): object["common_name"] = .string(text)
        case .uri(let text): object["uri"] = .string(text)
        }
        object.put(name)
        return .object(object)
    }
}
