package import HubModel

/// Who is at the other end of a connection, as shown by credentials, and what he may do.
package struct Identity: Sendable {
    /// How somebody showed who he is, with the name of the credential for logs: never the credential itself.
    package enum Proof: Hashable, Sendable {
        /// He said so, to a hub that asks for no more.
        case word
        /// By a certificate, of this fingerprint.
        case certificate(fingerprint: String)
        /// By a token, of this id.
        case token(id: String)
        /// By a web token that was signed with this key.
        case jwt(key: String)
        /// By signing a challenge with this key.
        case signature(key: String)
    }

    /// The agent.
    package let agent: AgentID
    /// Its tenant: it never sees anything of another.
    package let tenant: TenantName
    /// How it was shown.
    package let proof: Proof
    /// Where its rights come from, so that they can be found anew when the book changes.
    let basis: Basis
    /// What it may do.
    package let rights: CompiledRights
    /// When the credential ends, and with it the connection; none if it does not.
    package let expires: Timestamp
    /// Which book all of this is by. Taken from the book itself: a number asked for before or behind could be that of
    /// another one.
    package let generation: UInt64

    /// Where rights come from.
    enum Basis: Sendable {
        /// The hub asks nobody.
        case everything
        /// What is registered for the agent.
        case registered
        /// The same, or else what certificates give.
        case certified
        /// A web token.
        case claimed(roles: [String], rights: Rights?)
    }

    /// Whether the credential has ended.
    package func hasExpired(_ now: Timestamp) -> Bool { expires != .none && now >= expires }
}

extension Identity {
    /// The same by another book; nil if the credential is no longer good there.
    func renewed(_ book: AccessBook, _ now: Timestamp) -> Identity? {
        let name = TenantAgent(tenant, agent)
        guard !hasExpired(now), let ends = proof.ends(in: book, name, now) else { return nil }
        let found: CompiledRights?
        do throws(AccessBook.ShutOut) {
            switch basis {
            case .everything: found = rights
            case .registered: found = try book.registered(name, now)
            case .certified: found = try book.rights(ofCertified: name, now)
            case .claimed(let roles, let rights):
                _ = try book.registered(name, now)
                found = book.compiled(book.claimed(roles, rights), for: agent)
            }
        } catch {
            return nil
        }
        guard let found, proof.allows(found, name, book) else { return nil }
        return Identity(
            agent: agent, tenant: tenant, proof: proof, basis: basis, rights: found,
            expires: ends == .none ? expires : ends, generation: book.generation)
    }
}

extension Identity.Proof {
    /// Whether the credential still stands for these rights: a web token no further than its issuer may.
    fileprivate func allows(_ rights: CompiledRights, _ name: TenantAgent, _ book: AccessBook) -> Bool {
        guard case .jwt(let id) = self else { return true }
        return book.issuers.contains { $0.key.id == id && $0.allows(rights, for: name) }
    }

    /// When the credential ends by a book, none if the book does not say; nil if it is no longer good.
    fileprivate func ends(in book: AccessBook, _ name: TenantAgent, _ now: Timestamp) -> Timestamp? {
        switch self {
        case .word, .certificate: return Timestamp.none
        case .token(let id):
            guard let token = book.tokens[id], token.name == name, token.validity.isGood(now) else {
                return nil
            }
            return token.validity.expires
        case .signature(let id):
            let key = (book.keys[name] ?? []).first { $0.id == id && $0.validity.isGood(now) }
            return key.map(\.validity.expires)
        case .jwt(let id): return book.issuers.contains { $0.key.id == id } ? Timestamp.none : nil
        }
    }
}

extension Identity.Proof {
    /// The kind in a word, for logs and figures.
    package var word: String {
        switch self {
        case .word: "none"
        case .certificate: "certificate"
        case .token: "token"
        case .jwt: "jwt"
        case .signature: "signature"
        }
    }
}

extension TenantName {
    /// The tenant of those who name none.
    package static let `default` = TenantName(unchecked: "default")
}
