import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubServer
import Testing

/// What a web token with a good signature may claim.
@Suite struct JWTClaimsTests {
    private let access = SampleAccess()
    private let secret = [UInt8](repeating: 9, count: 32)
    private var seconds: Int64 { access.now.microseconds / 1_000_000 }

    private func prepare(_ change: (inout JWTIssuer) -> Void = { _ in }) throws {
        var issuer = JWTIssuer(keysFile: "keys.json")
        issuer.tenants = [TenantName(unchecked: "acme"), TenantName(unchecked: "other")]
        issuer.roles = ["agent", "observer"]
        change(&issuer)
        access.document.issuers = [issuer]
        access.keySets = [
            "keys.json": [
                "keys": [
                    [
                        "kty": "oct", "alg": "HS256", "kid": "one",
                        "k": .string(secret.withBytes { Base64URL.text($0) }),
                    ]
                ]
            ]
        ]
        try access.publish()
    }

    private var good: JSONValue {
        ["sub": "a", "exp": .integer(seconds + 600), "iat": .integer(seconds), "roles": ["agent"]]
    }

    private func text(_ claims: JSONValue, header: JSONValue = ["alg": "HS256", "kid": "one"]) -> String {
        TokenWriter.text(header, claims) { signed in secret.withBytes { Digest.hmacSHA256(key: $0, signed) } }
    }

    private func fault(_ claims: JSONValue) -> JWTFault? {
        guard let refusal = access.refusal({ () throws(Refusal) in try access.admit(bearer: text(claims)) })
        else {
            return nil
        }
        #expect(refusal.code == .unauthorized)
        return JWTFault.allCases.first { refusal.message == "the web token is not accepted: \($0.rawValue)" }
    }

    @Test("times are kept to, with a minute for clocks that differ") func times() throws {
        try prepare()
        let rows: [(String, JSONValue?, JWTFault?)] = [
            ("exp", nil, .noExpiry), ("exp", .null, .badTime), ("exp", "1", .badTime), ("exp", -1, .badTime),
            ("exp", .double(1e300), .badTime), ("exp", .integer(seconds), nil),
            ("exp", .integer(seconds - 59), nil),
            ("exp", .integer(seconds - 60), .expired), ("exp", 0, .expired),
            ("exp", .double(Double(seconds) + 0.5), nil), ("nbf", .integer(seconds + 60), nil),
            ("nbf", .integer(seconds + 61), .notYet), ("nbf", "x", .badTime),
            ("iat", .integer(seconds + 61), .notYet),
            ("iat", .integer(seconds + 60), nil), ("iat", [], .badTime), ("iat", nil, nil),
        ]
        for (name, value, expected) in rows {
            #expect(fault(good.with([(name, value)])) == expected, "\(name) \(String(describing: value))")
        }
    }

    @Test("issuer and audience must be those that are configured") func parties() throws {
        try prepare { $0.issuer = "https://id.example" }
        let named = good.with([("iss", "https://id.example")])
        let rows: [(JSONValue, JWTFault?)] = [
            (good, .wrongIssuer), (good.with([("iss", "https://id.example/")]), .wrongIssuer), (named, nil),
            (named.with([("aud", "agenthub")]), nil), (named.with([("aud", ["x", "agenthub"])]), nil),
            (named.with([("aud", "AgentHub")]), .wrongAudience), (named.with([("aud", [])]), .wrongAudience),
            (named.with([("aud", .null)]), .wrongAudience), (named.with([("aud", 1)]), .wrongAudience),
        ]
        for (claims, expected) in rows { #expect(fault(claims) == expected) }
        try prepare { $0.requiresAudience = true }
        #expect(fault(good) == .wrongAudience)
        #expect(fault(good.with([("aud", "agenthub")])) == nil)
    }

    @Test("names, tenants, roles and rights are the issuer's to give or not") func names() throws {
        try prepare()
        let rows: [(String, JSONValue?, JWTFault?)] = [
            ("sub", nil, .noAgent), ("sub", "", .noAgent), ("sub", "a b", .noAgent), ("sub", 7, .noAgent),
            ("sub", .string(String(repeating: "x", count: 251)), .noAgent), ("tenant", "acme", nil),
            ("tenant", "other", nil), ("tenant", "default", .wrongTenant), ("tenant", 1, .wrongTenant),
            ("tenant", .null, .wrongTenant), ("roles", ["agent", "observer"], nil),
            ("roles", "agent observer", nil),
            ("roles", [], nil), ("roles", ["admin"], .wrongRole), ("roles", ["agent", 1], .wrongRole),
            ("roles", 1, .wrongRole), ("roles", nil, .noRights), ("rights", ["publish": ["jobs.>"]], nil),
            ("rights", ["admin": ["dead.read"]], nil), ("rights", ["admin": ["dead.change"]], .wrongRights),
            ("rights", ["admin": ["$hub.read"]], .wrongRights),
            ("rights", ["publish": ["$dead.x"]], .wrongRights),
            ("rights", ["publish": [1]], .wrongRights), ("rights", [], .wrongRights),
            ("rights", ["nonsense": []], .wrongRights),
        ]
        for (name, value, expected) in rows {
            #expect(fault(good.with([(name, value)])) == expected, "\(name) \(String(describing: value))")
        }
    }

    @Test("what a token gives is what the agent may, and it ends with the token") func rights() throws {
        try prepare()
        let claims = good.with([
            ("tenant", "other"), ("roles", nil), ("rights", ["publish": ["own.{agent}"]]),
        ])
        let identity = try access.admit(bearer: text(claims))
        #expect(identity.agent.text == "a" && identity.tenant.text == "other")
        #expect(identity.proof == .jwt(key: "one"))
        #expect(identity.rights.rights.publish.texts == ["own.a"] && identity.rights.rights.subscribe.isEmpty)
        #expect(identity.expires.microseconds == (seconds + 660) * 1_000_000)
        #expect(identity.hasExpired(identity.expires) && !identity.hasExpired(access.now))
    }

    @Test("a token without roles and rights has those of the registered agent") func registered() throws {
        try prepare()
        try access.document.addAgent(SampleAccess.name("a", "acme"), roles: ["observer"], now: access.now)
        try access.publish()
        let bare = good.with([("roles", nil)])
        #expect(try access.admit(bearer: text(bare)).rights.rights.admin.map(\.text) == ["*.read"])
        #expect(try access.admit(bearer: text(good)).rights.rights.admin.isEmpty)
        // An issuer that may not make admins does not speak for one either.
        try access.document.changeAgent(SampleAccess.name("a", "acme")) { $0.roles = ["admin"] }
        try access.publish()
        #expect(fault(bare) == .wrongRights && fault(good) == nil)
        try access.document.changeAgent(SampleAccess.name("a", "acme")) { $0.roles = ["observer"] }
        // Somebody who was shut out stays out, whatever his issuer signs.
        try access.document.changeAgent(SampleAccess.name("a", "acme")) { $0.validity.revoked = access.now }
        try access.publish()
        #expect(fault(good) == .expired && fault(bare) == .expired)
        #expect(fault(good.with([("sub", "b")])) == nil)
    }

    @Test("the key is found by its name, or is the only one for the algorithm") func keyIDs() throws {
        try prepare()
        func outcome(_ header: JSONValue) -> Refusal? {
            access.refusal { () throws(Refusal) in try access.admit(bearer: text(good, header: header)) }
        }
        #expect(outcome(["alg": "HS256"]) == nil)
        #expect(outcome(["alg": "HS256", "kid": "one"]) == nil)
        for header: JSONValue in [["alg": "HS256", "kid": "two"], ["alg": "RS256"], ["alg": "none"]] {
            #expect(outcome(header)?.message.contains(JWTFault.unknownKey.rawValue) == true)
        }
        let other = [UInt8](repeating: 8, count: 32).withBytes { Base64URL.text($0) }
        var keys = access.keySets["keys.json"]?["keys"]?.array ?? []
        keys.append(["kty": "oct", "alg": "HS256", "kid": "two", "k": .string(other)])
        access.keySets["keys.json"] = ["keys": .array(keys)]
        try access.publish()
        #expect(outcome(["alg": "HS256"]) != nil)
        #expect(outcome(["alg": "HS256", "kid": "one"]) == nil)
        #expect(
            outcome(["alg": "HS256", "kid": "two"])?.message.contains(JWTFault.badSignature.rawValue) == true)
        keys.append(keys[0])
        access.keySets["keys.json"] = ["keys": .array(keys)]
        #expect(throws: AccessError.self) { try access.publish() }
    }

    @Test("a hub's own token is taken by it") func own() throws {
        try prepare()
        let key = try JWTKey(id: "one", secret: secret)
        let token = try #require(JWT.make(good, signedBy: key))
        #expect(try access.admit(bearer: token).agent.text == "a")
    }
}
