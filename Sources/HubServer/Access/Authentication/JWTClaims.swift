package import HubModel
package import HubProtocols

/// What a web token claims, checked against what its issuer may claim.
package struct JWTClaims: Sendable {
    /// Who it is for.
    package let name: TenantAgent
    /// When it ends.
    package let expires: Timestamp
    /// The roles that it gives; nil if it names none.
    package let roles: [String]?
    /// The rights that it gives; nil if it names none.
    package let rights: Rights?

    /// Clocks of others that are a little wrong shall not lock anybody out.
    package static let leewaySeconds: Double = 60
    private static let rolesMax = 32

    /// Checks times, issuer, audience and names. Roles and rights are compared with the issuer's by who knows the
    /// roles.
    package init(
        _ claims: JSONObject, from issuer: JWTIssuer, now: Timestamp
    ) throws(JWTFault) {
        expires = try Self.checkTimes(claims, now)
        if !issuer.issuer.isEmpty, claims["iss"]?.text != issuer.issuer { throw .wrongIssuer }
        try Self.checkAudience(claims["aud"], issuer)
        name = try Self.name(claims, issuer)
        roles = try Self.roles(claims["roles"])
        if let value = claims["rights"] {
            do throws(AccessError) { rights = try Rights(value, "rights") } catch { throw .wrongRights }
        } else {
            rights = nil
        }
    }

    private static func checkTimes(_ claims: JSONObject, _ now: Timestamp) throws(JWTFault) -> Timestamp {
        func seconds(_ name: String) throws(JWTFault) -> Double? {
            guard let value = claims[name] else { return nil }
            // Beyond the year 9999 nobody means it, and sums could overflow.
            guard let number = value.number, (0...253_402_300_799).contains(number) else { throw .badTime }
            return number
        }
        let moment = Double(now.microseconds) / 1_000_000
        guard let end = try seconds("exp") else { throw .noExpiry }
        guard moment < end + leewaySeconds else { throw .expired }
        if let start = try seconds("nbf"), moment < start - leewaySeconds { throw .notYet }
        if let issued = try seconds("iat"), moment < issued - leewaySeconds { throw .notYet }
        return Timestamp(microseconds: Int64((end + leewaySeconds) * 1_000_000))
    }

    private static func checkAudience(_ value: JSONValue?, _ issuer: JWTIssuer) throws(JWTFault) {
        switch value {
        case nil: if issuer.requiresAudience { throw .wrongAudience }
        case .string(let one): if one != issuer.audience { throw .wrongAudience }
        case .array(let several): if !several.contains(.string(issuer.audience)) { throw .wrongAudience }
        default: throw .wrongAudience
        }
    }

    private static func name(_ claims: JSONObject, _ issuer: JWTIssuer) throws(JWTFault) -> TenantAgent {
        guard let text = claims[issuer.agentClaim]?.text,
            let agent = OwnName.made({ () throws(Refusal) in
                try AgentID(text)
            })
        else { throw .noAgent }
        guard let value = claims[issuer.tenantClaim] else {
            guard let first = issuer.tenants.first else { throw .wrongTenant }
            return TenantAgent(first, agent)
        }
        guard let tenant = issuer.tenants.first(where: { JSONValue.string($0.text) == value }) else {
            throw .wrongTenant
        }
        return TenantAgent(tenant, agent)
    }

    private static func roles(_ value: JSONValue?) throws(JWTFault) -> [String]? {
        guard let value else { return nil }
        // Some write several words into one text, as scopes are written.
        if let text = value.text { return text.split(separator: " ").prefix(rolesMax + 1).map(String.init) }
        guard let values = value.array, values.count <= rolesMax else { throw .wrongRole }
        var roles: [String] = []
        for value in values {
            guard let text = value.text else { throw .wrongRole }
            roles.append(text)
        }
        return roles
    }
}
