import HubBytes
import HubModel

/// Who somebody is by a web token.
struct JWTProof {
    let book: AccessBook

    func identity(_ text: RawSpan, _ now: Timestamp) throws(JWTFault) -> Identity {
        let token = try JWT(text)
        let issuer = try issuer(of: token)
        let claims = try JWTClaims(try token.claims(signedBy: issuer.key), from: issuer.rules, now: now)
        let given = try given(claims, issuer)
        let registered: CompiledRights?
        do throws(AccessBook.ShutOut) {
            registered = try book.registered(claims.name, now)
        } catch {
            throw .expired
        }
        guard let rights = given.map({ book.compiled($0, for: claims.name.agent) }) ?? registered else {
            throw .noRights
        }
        // Also what is registered for the agent: an issuer that may give little cannot speak for somebody with more.
        guard issuer.allows(rights, for: claims.name) else { throw .wrongRights }
        return Identity(
            agent: claims.name.agent, tenant: claims.name.tenant, proof: .jwt(key: issuer.key.id),
            basis: given == nil ? .registered : .claimed(roles: claims.roles ?? [], rights: claims.rights),
            rights: rights, expires: claims.expires, generation: book.generation)
    }

    /// The key that the token names; without a name, the only one for its algorithm.
    private func issuer(of token: JWT) throws(JWTFault) -> AccessBook.Issuer {
        let fitting = book.issuers.filter {
            token.keyID.isEmpty ? $0.key.algorithm.rawValue == token.algorithm : $0.key.id == token.keyID
        }
        guard fitting.count == 1 else { throw .unknownKey }
        return fitting[0]
    }

    /// What the token gives, if it gives anything: never more than its issuer may.
    private func given(_ claims: JWTClaims, _ issuer: AccessBook.Issuer) throws(JWTFault) -> Rights? {
        guard claims.roles != nil || claims.rights != nil else { return nil }
        for role in claims.roles ?? [] where !issuer.rules.roles.contains(role) { throw .wrongRole }
        guard issuer.ceiling.covers(claims.rights ?? Rights()) else { throw .wrongRights }
        return book.claimed(claims.roles ?? [], claims.rights)
    }
}

extension AccessBook {
    /// What roles and rights give together.
    func claimed(_ names: [String], _ rights: Rights?) -> Rights {
        var all = Self.union(names, roles)
        if let rights { all.add(rights) }
        return all
    }
}
