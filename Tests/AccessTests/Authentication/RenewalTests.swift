import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubServer
import Testing

/// Connections that exist when the access file changes.
@Suite struct RenewalTests {
    private let access = SampleAccess()

    private func renewed(_ identity: Identity, after milliseconds: Int64 = 0) -> Identity? {
        try? access.authenticator.renew(identity, now: access.now.adding(milliseconds: milliseconds))
    }

    @Test("a token that was taken back, or whose agent has gone, ends its connections") func token() throws {
        let token = try access.token("a")
        try access.publish()
        let identity = try access.admit(bearer: token.text)
        #expect(renewed(identity) != nil && !access.authenticator.isOutdated(identity, now: access.now))
        let before = access.document
        _ = try access.document.revokeToken(token.id, now: access.now)
        try access.publish()
        #expect(renewed(identity) == nil && access.authenticator.isOutdated(identity, now: access.now))
        access.document = before
        _ = try access.document.removeAgent(SampleAccess.name("a"))
        try access.publish()
        #expect(renewed(identity) == nil)
        access.document = before
        access.document.tokens[0].validity.expires = access.now.adding(milliseconds: 10)
        try access.publish()
        let shorter = try #require(renewed(identity))
        #expect(!access.authenticator.isOutdated(shorter, now: access.now))
        #expect(access.authenticator.isOutdated(shorter, now: shorter.expires))
        #expect(shorter.expires == access.document.tokens[0].validity.expires)
        #expect(renewed(shorter, after: 10) == nil)
    }

    @Test("rights that changed are taken over, wherever they come from") func rights() throws {
        let token = try access.token("a", roles: ["worker"].filter { _ in false })
        access.document.roles = [try Role("worker", Role.agent.rights)]
        access.document.certificates.roles = ["worker"]
        try access.document.changeAgent(SampleAccess.name("a")) { $0.roles = ["worker"] }
        var issuer = JWTIssuer(keysFile: "k")
        issuer.roles = ["worker"]
        access.document.issuers = [issuer]
        let secret = [UInt8](repeating: 1, count: 32)
        access.keySets["k"] = [
            "keys": [["kty": "oct", "alg": "HS256", "k": .string(secret.withBytes { Base64URL.text($0) })]]
        ]
        try access.publish()
        let claims: JSONValue = [
            "sub": "b", "roles": ["worker"], "exp": .integer(access.now.microseconds / 1_000_000 + 60),
        ]
        let jwt = try #require(JWT.make(claims, signedBy: try JWTKey(id: "", secret: secret)))
        let authority = try CertificateAuthority.make(name: "test", .ed25519)
        let certificate = try authority.issue(.client("c"), .ed25519).chain[0].identity
        let identities = [
            try access.admit(bearer: token.text), try access.admit(bearer: jwt),
            try access.admit(certificate: certificate),
        ]
        for identity in identities { #expect(identity.rights.maySubscribe(.everything)) }
        // Nothing changed: the same object, so that what was decided stays known.
        for identity in identities { #expect(renewed(identity)?.rights === identity.rights) }
        access.document.roles = [try Role("worker", Rights())]
        try access.publish()
        // What the issuer may give has shrunk as well, and with it what its tokens stand for.
        for identity in identities {
            let now = try #require(renewed(identity))
            #expect(now.rights.rights.isEmpty && now.agent == identity.agent)
        }
        access.document.issuers = []
        access.document.certificates.roles = []
        try access.publish()
        #expect(renewed(identities[0]) != nil)
        #expect(renewed(identities[1]) == nil && renewed(identities[2]) == nil)
    }

    @Test("a web token's connection ends with the token") func expiry() throws {
        var shown = ShownCredentials()
        shown.agent = try AgentID("anybody")
        let identity = try access.authenticator.admit(shown, from: nil, .everyone, now: access.now)
        #expect(renewed(identity, after: 1_000_000_000_000) != nil)
    }
}
