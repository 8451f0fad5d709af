import HubBytes
import HubConnection
import HubModel
package import HubProtocols
import Synchronization

/// The access file ready to be asked: never changed, replaced as a whole.
package final class AccessBook: Sendable {
    /// An agent with its rights as they are used.
    struct Agent: Sendable {
        let rights: CompiledRights
        let validity: Validity
    }

    /// A token, by its id.
    struct Token: Sendable {
        let digest: [UInt8]
        let name: TenantAgent
        let validity: Validity
    }

    /// A public key.
    struct Key: Sendable {
        let id: String
        let key: PublicKey
        let name: TenantAgent
        let validity: Validity
    }

    /// A key for web tokens, with whom it is believed for.
    struct Issuer: Sendable {
        let key: JWTKey
        let rules: JWTIssuer
        /// All that its roles give together.
        let ceiling: Rights

        /// Whether it may let in this agent with these rights.
        func allows(_ rights: CompiledRights, for name: TenantAgent) -> Bool {
            rules.tenants.contains(name.tenant) && ceiling.resolved(for: name.agent).covers(rights.rights)
        }
    }

    let agents: [TenantAgent: Agent]
    let tokens: [String: Token]
    let keys: [TenantAgent: [Key]]
    let issuers: [Issuer]
    let roles: [String: Rights]
    let certificates: CertificateRules
    let mappings: [CertificateMapping.Mark: TenantAgent]
    /// No other book of this process has it.
    let generation = BookNumber.next()
    private let pool: RightsPool

    /// Whether anybody can come in by what is in the file. Certificates are another way, which the settings of TLS open.
    package var hasCredentials: Bool {
        !tokens.isEmpty || !keys.isEmpty || !issuers.isEmpty || !agents.isEmpty
    }

    /// A book that lets nobody in.
    package static let empty = AccessBook(pool: RightsPool())

    private init(pool: RightsPool) {
        agents = [:]
        tokens = [:]
        keys = [:]
        issuers = []
        roles = AccessDocument().rolesByName
        certificates = CertificateRules()
        mappings = [:]
        self.pool = pool
    }

    /// Makes a book of a document. `readKeys` has the content of a file with keys of an issuer.
    package init(
        _ document: AccessDocument, pool: RightsPool,
        readKeys: (String) throws(AccessError) -> JSONValue
    ) throws(AccessError) {
        let roles = document.rolesByName
        self.roles = roles
        self.pool = pool
        certificates = document.certificates
        var agents: [TenantAgent: Agent] = [:]
        for agent in document.agents {
            var rights = Self.union(agent.roles, roles)
            rights.add(agent.rights)
            agents[agent.name] = Agent(
                rights: pool.compiled(rights.resolved(for: agent.name.agent)), validity: agent.validity)
        }
        self.agents = agents
        var tokens: [String: Token] = [:]
        for token in document.tokens {
            tokens[token.id] = Token(digest: token.digest, name: token.name, validity: token.validity)
        }
        self.tokens = tokens
        var keys: [TenantAgent: [Key]] = [:]
        for key in document.keys {
            let made = try AgentKey.read(key.pem, "the key \(key.id)")
            keys[key.name, default: []].append(
                Key(id: key.id, key: made, name: key.name, validity: key.validity))
        }
        self.keys = keys
        issuers = try Self.issuers(document, roles, readKeys)
        var mappings: [CertificateMapping.Mark: TenantAgent] = [:]
        for mapping in document.certificates.mappings { mappings[mapping.mark] = mapping.name }
        self.mappings = mappings
    }

    private static func issuers(
        _ document: AccessDocument, _ roles: [String: Rights],
        _ readKeys: (String) throws(AccessError) -> JSONValue
    ) throws(AccessError) -> [Issuer] {
        var issuers: [Issuer] = []
        var named: Set<String> = []
        for rules in document.issuers {
            let ceiling = union(rules.roles, roles)
            for key in try JWTKey.all(in: try readKeys(rules.keysFile), rules.keysFile) {
                if !key.id.isEmpty, !named.insert(key.id).inserted {
                    throw AccessError(.content, "\(rules.keysFile): the kid \(key.id) is there twice")
                }
                issuers.append(Issuer(key: key, rules: rules, ceiling: ceiling))
            }
        }
        return issuers
    }

    /// What some roles give together; roles that are not known give nothing.
    static func union(_ names: [String], _ roles: [String: Rights]) -> Rights {
        var rights = Rights()
        for name in names { if let role = roles[name] { rights.add(role) } }
        return rights
    }

    /// Rights as they are used, for one agent.
    func compiled(_ rights: Rights, for agent: AgentID) -> CompiledRights {
        pool.compiled(rights.resolved(for: agent))
    }

    /// The agent by this name, if it is registered and may come in; nil if it is not registered. Throws if it is shut
    /// out.
    func registered(_ name: TenantAgent, _ now: Timestamp) throws(ShutOut) -> CompiledRights? {
        guard let agent = agents[name] else { return nil }
        guard agent.validity.isGood(now) else { throw ShutOut() }
        return agent.rights
    }

    /// Somebody who showed who he is, and may not come in any more.
    struct ShutOut: Error {}
}

/// Numbers for books.
private enum BookNumber {
    private static let last = Atomic<UInt64>(0)

    static func next() -> UInt64 { last.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// Public keys of agents.
package enum AgentKey {
    /// Reads a key that challenges can be answered with.
    static func read(_ pem: String, _ place: String) throws(AccessError) -> PublicKey {
        do throws(CredentialError) {
            let key = try pem.withBytes { (bytes) throws(CredentialError) in try PublicKey(pem: bytes) }
            guard algorithms(of: key).isEmpty else { return key }
        } catch {
            throw AccessError(.content, "\(place): \(error.description)")
        }
        throw AccessError(
            .content, "\(place) is not for signatures here: Ed25519, EC P-256 and RSA from 2,048 bits are")
    }

    /// How owners of a key sign.
    static func algorithms(of key: PublicKey) -> [SignatureAlgorithm] {
        switch key.kind {
        case .ed25519: [.ed25519]
        case .p256: [.ecdsaP256SHA256]
        case .rsa(let bits): bits >= 2048 ? [.rsaPKCS1SHA256, .rsaPSSSHA256] : []
        case .other: []
        }
    }

    /// What a key is called: the beginning of the SHA-256 of its text.
    package static func id(ofPEM pem: [UInt8]) -> String {
        Hexadecimal.text(pem.withBytes { Digest.sha256($0) }.prefix(idBytes))
    }

    private static let idBytes = 8
}
