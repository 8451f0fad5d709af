import HubBytes
import HubConnection
package import HubModel

/// What administration does to a document. Nothing is forgotten: what was taken back stays, with the moment.
extension AccessDocument {
    /// Registers an agent; throws if it is there.
    package mutating func addAgent(
        _ name: TenantAgent, roles: [String], rights: Rights = Rights(), expires: Timestamp = .none,
        now: Timestamp
    ) throws(AccessError) {
        try check(roles)
        guard index(of: name) == nil else {
            throw AccessError(
                .absent, "the agent \(name) is registered already: change it with agenthub agents rights")
        }
        var agent = RegisteredAgent(name, roles: roles, validity: Validity(created: now, expires: expires))
        agent.rights = rights
        agents.append(agent)
    }

    /// Registers an agent if it is not there.
    package mutating func ensureAgent(_ name: TenantAgent, roles: [String], now: Timestamp)
        throws(AccessError)
    {
        if index(of: name) == nil { try addAgent(name, roles: roles, now: now) }
    }

    /// Takes an agent out, with all its tokens and keys.
    package mutating func removeAgent(_ name: TenantAgent) throws(AccessError) -> (tokens: Int, keys: Int) {
        guard let index = index(of: name) else { throw Self.unknown(name) }
        agents.remove(at: index)
        let before = (tokens.count, keys.count)
        tokens.removeAll { $0.name == name }
        keys.removeAll { $0.name == name }
        return (before.0 - tokens.count, before.1 - keys.count)
    }

    /// Changes an agent.
    package mutating func changeAgent(
        _ name: TenantAgent, _ change: (inout RegisteredAgent) throws(AccessError) -> Void
    ) throws(AccessError) {
        guard let index = index(of: name) else { throw Self.unknown(name) }
        try change(&agents[index])
        try check(agents[index].roles)
    }

    /// The agent of a name; nil if it is not registered.
    package func agent(_ name: TenantAgent) -> RegisteredAgent? { index(of: name).map { agents[$0] } }

    /// What an agent may do in all, by its roles and beside them.
    package func rights(of agent: RegisteredAgent) -> Rights {
        var rights = AccessBook.union(agent.roles, rolesByName)
        rights.add(agent.rights)
        return rights.resolved(for: agent.name.agent)
    }

    /// Makes a token for an agent, and registers the agent if it is not there.
    package mutating func addToken(
        _ name: TenantAgent, roles: [String], expires: Timestamp, note: String, now: Timestamp
    ) throws(AccessError) -> BearerToken {
        try ensureAgent(name, roles: roles, now: now)
        let token = BearerToken.make()
        tokens.append(
            RegisteredToken(
                id: token.id, digest: token.digest, name: name,
                validity: Validity(created: now, expires: expires),
                note: note))
        return token
    }

    /// Takes a token back; whose it was.
    package mutating func revokeToken(_ id: String, now: Timestamp) throws(AccessError) -> TenantAgent {
        guard let index = tokens.firstIndex(where: { $0.id == id }) else {
            throw AccessError(.absent, "there is no token with the id \(id): agenthub tokens list shows them")
        }
        if tokens[index].validity.revoked == .none { tokens[index].validity.revoked = now }
        return tokens[index].name
    }

    /// Registers a public key for an agent, and the agent if it is not there; the key's id.
    package mutating func addKey(
        _ text: [UInt8], _ name: TenantAgent, roles: [String], expires: Timestamp, note: String,
        now: Timestamp
    ) throws(AccessError) -> String {
        let pem = try AgentKey.normalised(text)
        let id = AgentKey.id(ofPEM: pem)
        if let known = keys.first(where: { $0.id == id }) {
            throw AccessError(.absent, "the key \(id) is registered already, for \(known.name)")
        }
        try ensureAgent(name, roles: roles, now: now)
        keys.append(
            RegisteredKey(
                id: id, pem: String(decoding: pem, as: UTF8.self), name: name,
                validity: Validity(created: now, expires: expires), note: note))
        return id
    }

    /// Takes a key out; whose it was.
    package mutating func removeKey(_ id: String) throws(AccessError) -> TenantAgent {
        guard let index = keys.firstIndex(where: { $0.id == id }) else {
            throw AccessError(.absent, "there is no key with the id \(id): agenthub keys list shows them")
        }
        return keys.remove(at: index).name
    }

    private func index(of name: TenantAgent) -> Int? { agents.firstIndex { $0.name == name } }

    private static func unknown(_ name: TenantAgent) -> AccessError {
        AccessError(.absent, "there is no agent \(name): agenthub agents list shows them")
    }

    private func check(_ roles: [String]) throws(AccessError) {
        let known = rolesByName
        for role in roles where known[role] == nil {
            throw AccessError(
                .content,
                "there is no role \"\(role)\"; there are \(known.keys.sorted().joined(separator: ", "))")
        }
    }
}
