package import HubModel

/// What the access file says: who may come in, by what, and with which rights.
package struct AccessDocument: Equatable, Sendable {
    /// The form that is written.
    package static let format = 1

    /// Roles that are defined here; the built-in ones are there besides.
    package var roles: [Role] = []
    /// Agents that are known by name.
    package var agents: [RegisteredAgent] = []
    /// Tokens, by their digests.
    package var tokens: [RegisteredToken] = []
    /// Public keys that challenges are answered with.
    package var keys: [RegisteredKey] = []
    /// Who may sign web tokens.
    package var issuers: [JWTIssuer] = []
    /// How certificates name agents.
    package var certificates = CertificateRules()

    /// One that lets nobody in.
    package init() {}
}

/// A name inside a tenant. The same name in another tenant is somebody else.
package struct TenantAgent: Hashable, Sendable, CustomStringConvertible {
    /// The tenant.
    package let tenant: TenantName
    /// The agent.
    package let agent: AgentID

    /// An agent of a tenant.
    package init(_ tenant: TenantName, _ agent: AgentID) {
        self.tenant = tenant
        self.agent = agent
    }

    /// As `acme/worker-1`, or the agent alone for the default tenant.
    package var description: String { tenant == .default ? agent.text : "\(tenant)/\(agent)" }
}

/// When something that lets somebody in was made, ends, and was taken back.
package struct Validity: Equatable, Sendable {
    /// When it was made.
    package var created = Timestamp.none
    /// From when on it is no longer good; none if it does not end.
    package var expires = Timestamp.none
    /// When it was taken back; none if it was not.
    package var revoked = Timestamp.none

    /// Made at a moment, for a time or for good.
    package init(created: Timestamp = .none, expires: Timestamp = .none) {
        self.created = created
        self.expires = expires
    }

    /// Whether it is good at a moment.
    package func isGood(_ now: Timestamp) -> Bool {
        revoked == .none && (expires == .none || now < expires)
    }
}

/// An agent with its roles and rights.
package struct RegisteredAgent: Equatable, Sendable {
    /// Who it is.
    package let name: TenantAgent
    /// Its roles, by name.
    package var roles: [String]
    /// What it may besides.
    package var rights = Rights()
    /// Until when it may come in at all; revoking it shuts it out whatever it shows.
    package var validity: Validity

    /// An agent.
    package init(_ name: TenantAgent, roles: [String], validity: Validity) {
        self.name = name
        self.roles = roles
        self.validity = validity
    }
}

/// A token as the hub knows it: not by its text.
package struct RegisteredToken: Equatable, Sendable {
    /// Its id, which is part of its text.
    package let id: String
    /// The SHA-256 of its text.
    package let digest: [UInt8]
    /// Whose it is.
    package let name: TenantAgent
    /// How long it is good.
    package var validity: Validity
    /// What it is for, in somebody's words.
    package var note = ""
}

/// A public key of an agent.
package struct RegisteredKey: Equatable, Sendable {
    /// Its id: the beginning of the SHA-256 of the key.
    package let id: String
    /// The key in PEM.
    package let pem: String
    /// Whose it is.
    package let name: TenantAgent
    /// How long it is good.
    package var validity: Validity
    /// What it is for, in somebody's words.
    package var note = ""
}

/// Somebody whose signature under a web token is believed, and how far.
package struct JWTIssuer: Equatable, Sendable {
    /// The file with the keys, a JSON web key set; a path from the folder of the access file.
    package var keysFile: String
    /// What `iss` must be; empty if nothing is asked.
    package var issuer = ""
    /// What `aud` must hold. A token without `aud` is refused if `requiresAudience`.
    package var audience = "agenthub"
    /// Whether a token must have `aud`.
    package var requiresAudience = false
    /// The tenants that it may speak for. The first is that of tokens that name none.
    package var tenants: [TenantName] = [.default]
    /// The roles that it may give; rights in a token must be covered by these.
    package var roles = ["agent"]
    /// Where a token names the agent.
    package var agentClaim = "sub"
    /// Where a token names the tenant.
    package var tenantClaim = "tenant"

    /// An issuer with these keys.
    package init(keysFile: String) { self.keysFile = keysFile }
}

/// How certificates name agents.
package struct CertificateRules: Equatable, Sendable {
    /// Whether the common name is the agent's id where nothing else says who it is.
    package var usesCommonName = true
    /// The tenant of agents that are named by common name.
    package var tenant = TenantName.default
    /// The roles of agents that are not registered; with none of them, such an agent is refused.
    package var roles = ["agent"]
    /// Certificates that stand for an agent whatever they say.
    package var mappings: [CertificateMapping] = []

    /// The usual rules.
    package init() {}
}

/// A certificate that stands for an agent.
package struct CertificateMapping: Equatable, Sendable {
    /// What a certificate is known by.
    package enum Mark: Hashable, Sendable {
        /// The SHA-256 of the whole, in hexadecimal.
        case fingerprint(String)
        /// The common name.
        case commonName(String)
        /// An alternative name that is a URI.
        case uri(String)
    }

    /// What it is known by.
    package let mark: Mark
    /// The agent that it stands for.
    package let name: TenantAgent

    /// A mapping.
    package init(_ mark: Mark, _ name: TenantAgent) {
        self.mark = mark
        self.name = name
    }
}
