import HubBytes
import HubConnection
import HubModel
import HubServer
import HubSystem
import Testing

/// Who gets in by what, and what those are told who do not.
@Suite struct AuthenticatorTests {
    private let access = SampleAccess()

    private func refusal(
        bearer: String? = nil, certificate: PeerIdentity? = nil, agent: String? = nil, tenant: String? = nil,
        at moment: Timestamp? = nil
    ) -> Refusal? {
        access.refusal { () throws(Refusal) in
            try access.admit(
                bearer: bearer, certificate: certificate, agent: agent, tenant: tenant, at: moment)
        }
    }

    @Test("a hub that asks for nothing takes everyone at his word") func word() throws {
        var shown = ShownCredentials()
        let nameless = access.refusal { () throws(Refusal) in
            try access.authenticator.admit(shown, from: nil, .everyone, now: access.now)
        }
        #expect(nameless?.code == .missingField)
        shown.agent = try AgentID("anybody")
        shown.bearer = "whatever"
        let identity = try access.authenticator.admit(shown, from: nil, .everyone, now: access.now)
        #expect(identity.agent.text == "anybody" && identity.proof == .word && identity.tenant == .default)
        #expect(identity.rights.may(.changeHub))
    }

    @Test("a token lets in its agent, in its tenant, with its rights, while it is good") func token() throws {
        let end = access.now.adding(milliseconds: 1000)
        let token = try access.token("a", tenant: "acme", roles: ["observer"], expires: end)
        try access.publish()
        let identity = try access.admit(bearer: token.text, agent: "a")
        #expect(identity.agent.text == "a" && identity.tenant.text == "acme")
        #expect(identity.proof == .token(id: token.id) && identity.expires == end)
        #expect(identity.rights.may(.readAgents) && !identity.rights.may(.changeAgents))
        #expect(refusal(bearer: token.text, at: end)?.code == .unauthorized)
        #expect(refusal(bearer: token.text, agent: "b")?.code == .forbidden)
        #expect(refusal(bearer: token.text, tenant: "default")?.code == .forbidden)
        #expect(refusal(bearer: token.text, agent: "a", tenant: "acme") == nil)
    }

    @Test("nothing in a refusal tells an unknown token from a known one with another secret")
    func sameAnswer() throws {
        let token = try access.token("a")
        try access.publish()
        let wrongSecret = String(token.text.dropLast()) + (token.text.last == "0" ? "1" : "0")
        let unknown = BearerToken.make().text
        let answers = [wrongSecret, unknown, "ahub_", "x", token.id].map { refusal(bearer: $0) }
        for answer in answers { #expect(answer == answers[0] && answer?.code == .unauthorized) }
        #expect(answers[0]?.message.contains("agenthub tokens add") == true)
    }

    @Test("a token of an agent that is gone or shut out lets nobody in") func gone() throws {
        let token = try access.token("a")
        let name = SampleAccess.name("a")
        try access.document.changeAgent(name) { $0.validity.revoked = access.now }
        try access.publish()
        #expect(refusal(bearer: token.text)?.message.contains("revoked") == true)
        access.document.agents = []
        try access.publish()
        #expect(refusal(bearer: token.text)?.code == .unauthorized)
    }

    @Test("nothing shown is refused with what would be right") func nothing() throws {
        try access.publish()
        #expect(refusal(agent: "a")?.code == .unauthorized)
        #expect(refusal(agent: "a")?.message.contains("Authorization: Bearer") == true)
    }

    @Test(
        "the Authorization header carries one word behind Bearer",
        arguments: [
            ("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER   abc", "abc"), ("Bearer", nil),
            ("Bearer ", nil),
            ("Basic abc", nil), ("abc", nil), ("Bearer a b", nil), ("", nil),
        ])
    func header(value: String, expected: String?) {
        #expect(ShownCredentials.bearer(inAuthorization: value) == expected)
    }

    // MARK: Certificates

    private func certificate(_ change: (inout CertificateRequest) -> Void) throws -> PeerIdentity {
        let authority = try CertificateAuthority.make(name: "test", .ed25519)
        var request = CertificateRequest.client("a")
        change(&request)
        return try authority.issue(request, .ed25519).chain[0].identity
    }

    @Test("a certificate names its agent: mapped, by the hub's own URI, or by common name")
    func certificates() throws {
        try access.publish()
        let plain = try certificate { _ in }
        let identity = try access.admit(certificate: plain)
        #expect(identity.agent.text == "a" && identity.tenant == .default)
        #expect(identity.proof == .certificate(fingerprint: plain.fingerprintText))
        #expect(identity.expires.microseconds == plain.notAfter * 1_000_000)

        let long = SampleAccess.name("did:key:\(String(repeating: "z", count: 100))/ü", "acme")
        let own = try certificate { $0.uris = ["spiffe://x/y", CertificateName.uri(long)] }
        #expect(try access.admit(certificate: own).agent == long.agent)
        #expect(try access.admit(certificate: own).tenant == long.tenant)

        let two = try certificate { $0.uris = ["agenthub://default/a", "agenthub://default/b"] }
        #expect(refusal(certificate: two)?.code == .unauthorized)

        access.document.certificates.mappings = [
            CertificateMapping(.fingerprint(plain.fingerprintText), SampleAccess.name("mapped")),
            CertificateMapping(.uri("spiffe://x/y"), SampleAccess.name("by-uri")),
            CertificateMapping(.commonName("a"), SampleAccess.name("by-name")),
        ]
        try access.publish()
        #expect(try access.admit(certificate: plain).agent.text == "mapped")
        #expect(try access.admit(certificate: own).agent.text == "by-uri")
        #expect(try access.admit(certificate: two).agent.text == "by-name")
    }

    @Test("certificates give what the rules say, and nothing where these say nothing") func certificateRules()
        throws
    {
        let plain = try certificate { _ in }
        access.document.certificates.roles = ["observer"]
        try access.publish()
        #expect(try access.admit(certificate: plain).rights.may(.readAgents))
        try access.document.addAgent(SampleAccess.name("a"), roles: ["agent"], now: access.now)
        try access.publish()
        #expect(!(try access.admit(certificate: plain).rights.may(.readAgents)))
        try access.document.changeAgent(SampleAccess.name("a")) { $0.validity.revoked = access.now }
        try access.publish()
        #expect(refusal(certificate: plain)?.code == .unauthorized)
        access.document.agents = []
        access.document.certificates.roles = []
        try access.publish()
        #expect(refusal(certificate: plain)?.code == .unauthorized)
        access.document.certificates.roles = ["agent"]
        access.document.certificates.usesCommonName = false
        try access.publish()
        #expect(refusal(certificate: plain)?.message.contains("names no agent") == true)
    }

    @Test("a certificate and a token must agree on who it is") func both() throws {
        let mine = try access.token("a")
        let others = try access.token("b")
        let elsewhere = try access.token("a", tenant: "acme")
        try access.publish()
        let plain = try certificate { _ in }
        #expect(try access.admit(bearer: mine.text, certificate: plain).proof == .token(id: mine.id))
        for token in [others, elsewhere] {
            #expect(refusal(bearer: token.text, certificate: plain)?.code == .unauthorized)
        }
        #expect(refusal(bearer: "x", certificate: plain)?.code == .unauthorized)
    }

    // MARK: Limits

    @Test("an address that fails too often waits, others and this machine do not") func limited() throws {
        let token = try access.token("a")
        try access.publish()
        var shown = ShownCredentials()
        let addresses = try ["203.0.113.7", "127.0.0.1", "2001:db8::1"].map { try #require(IPAddress($0)) }
        func attempt(_ bearer: String, _ address: IPAddress?, after milliseconds: Int64 = 0) -> Refusal? {
            shown.bearer = bearer
            return access.refusal { () throws(Refusal) in
                try access.authenticator.admit(
                    shown, from: address, .credentials, now: access.now.adding(milliseconds: milliseconds))
            }
        }
        for _ in 0..<10 {
            for address in addresses { #expect(attempt("x", address)?.code == .unauthorized) }
        }
        for address in [addresses[0], addresses[2], try #require(IPAddress("2001:db8::ffff"))] {
            let refusal = attempt(token.text, address)
            #expect(refusal?.code == .rateLimited && refusal?.retryAfterMilliseconds == 6000)
            #expect(attempt(token.text, address, after: 5999)?.code == .rateLimited)
            #expect(attempt(token.text, address, after: 6000) == nil)
        }
        for address in [addresses[1], nil, IPAddress("203.0.113.8"), IPAddress("2001:db8:0:1::1")] {
            #expect(attempt(token.text, address) == nil)
        }
        // One more is free after each interval, and all are after ten of them.
        #expect(attempt("x", addresses[0], after: 6000)?.code == .unauthorized)
        #expect(attempt("x", addresses[0], after: 6001)?.code == .rateLimited)
        // A clock that goes back a year locks nobody out for longer than the limit.
        #expect(attempt("x", addresses[0], after: -31_536_000_000)?.retryAfterMilliseconds ?? 0 <= 6000)
    }

    @Test("the limiter's memory is bounded") func bounded() throws {
        var settings = AttemptLimiter.Settings()
        settings.addressesMax = 3
        let limiter = AttemptLimiter(settings)
        for last in 1...5 { limiter.failed(IPAddress("203.0.113.\(last)"), now: access.now) }
        #expect(limiter.count == 3 && limiter.overflows == 2)
        // Those whose time is over make room.
        limiter.failed(IPAddress("203.0.113.9"), now: access.now.adding(milliseconds: 6001))
        #expect(limiter.count == 1)
    }
}
