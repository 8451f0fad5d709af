import HubBytes
import HubModel
import HubProtocols
import HubServer
import Testing

/// What the access file may say, and what is said of it when it is wrong.
@Suite struct AccessDocumentTests {
    private func read(_ text: String) throws -> AccessDocument {
        try AccessDocument(try text.withBytes { try JSONReader.value($0) })
    }

    private func full() throws -> AccessDocument {
        try read(
            """
            {"format": 1,
             "roles": {"worker": {"publish": ["jobs.>", "agent:*"], "sessions": ["run-*"], "admin": ["dead.read"]}},
             "agents": [
               {"agent": "a", "roles": ["worker"], "created": "2026-01-02T03:04:05.000000Z"},
               {"agent": "a", "tenant": "acme", "roles": [], "rights": {"subscribe": ["x"]},
                "expires": "2027-01-01T00:00:00Z", "revoked": "2026-06-01T00:00:00Z"}],
             "tokens": [{"id": "0123456789ab", "agent": "a", "note": "it's \\"mine\\"",
                "sha256": "\(String(repeating: "ab", count: 32))"}],
             "keys": [{"id": "k", "agent": "a", "pem": "-----BEGIN PUBLIC KEY-----"}],
             "issuers": [{"keys_file": "jwks.json", "issuer": "https://id.example", "audience": "hub",
                "requires_audience": true, "tenants": ["acme", "b"], "roles": ["worker"], "agent_claim": "agent_id",
                "tenant_claim": "tenant_id"}],
             "certificates": {"common_name": false, "tenant": "acme", "roles": ["observer"], "mappings": [
                {"fingerprint": "ABCD", "agent": "a"}, {"common_name": "CN", "agent": "b", "tenant": "acme"},
                {"uri": "spiffe://x/y", "agent": "c"}]}}
            """)
    }

    @Test("a document comes back from its own text") func roundTrip() throws {
        for document in [AccessDocument(), try full()] {
            let text = IndentedJSON.bytes(document.json)
            #expect(try AccessDocument(try text.withBytes { try JSONReader.value($0) }) == document)
            #expect(text == IndentedJSON.bytes(document.json))
        }
    }

    @Test("everything that is written is read") func read() throws {
        let document = try full()
        #expect(document.roles.map(\.name) == ["worker"])
        #expect(document.agents[1].name.description == "acme/a")
        #expect(document.agents[1].validity.revoked.description == "2026-06-01T00:00:00.000000Z")
        #expect(document.tokens[0].note == "it's \"mine\"")
        #expect(document.issuers[0].tenants.map(\.text) == ["acme", "b"])
        #expect(document.certificates.mappings[0].mark == .fingerprint("abcd"))
    }

    @Test(
        "what is wrong is said with its place",
        arguments: [
            ("[]", "access is a list; it must be an object"), ("{}", "access.format must be 1"),
            (#"{"format": 2}"#, "access.format must be 1"),
            (
                #"{"format": 1, "agent": []}"#,
                "\"agent\", which means nothing there; known are format, roles, agents"
            ),
            (#"{"format": 1, "agents": {}}"#, "access.agents is an object; it must be a list"),
            (#"{"format": 1, "agents": [{"roles": []}]}"#, "agents[0] has no \"agent\""),
            (#"{"format": 1, "agents": [{"agent": "a b"}]}"#, "agents[0].agent: the agent id has a space"),
            (
                #"{"format": 1, "agents": [{"agent": "a", "tenant": ""}]}"#,
                "agents[0].tenant: the tenant name is empty"
            ),
            (
                #"{"format": 1, "agents": [{"agent": "a", "roles": "x"}]}"#,
                "agents[0].roles is text; it must be a list"
            ),
            (#"{"format": 1, "agents": [{"agent": "a", "roles": [1]}]}"#, "has a whole number in it"),
            (
                #"{"format": 1, "agents": [{"agent": "a", "roles": ["x"]}]}"#,
                "the agent a has the role \"x\"; there are admin"
            ),
            (#"{"format": 1, "agents": [{"agent": "a"}, {"agent": "a"}]}"#, "the agent a is there twice"),
            (
                #"{"format": 1, "agents": [{"agent": "a", "rights": {"publsh": []}}]}"#,
                "agents[0].rights has \"publsh\""
            ),
            (
                #"{"format": 1, "agents": [{"agent": "a", "rights": {"publish": ["a..b"]}}]}"#,
                "agents[0].rights.publish: the topic pattern has an empty token"
            ),
            (
                #"{"format": 1, "agents": [{"agent": "a", "expires": "noon"}]}"#,
                "agents[0].expires is \"noon\"; it must be a time"
            ),
            (#"{"format": 1, "roles": {"Worker": {}}}"#, "\"Worker\" is no name of a role"),
            (
                #"{"format": 1, "tokens": [{"id": "x", "agent": "a", "sha256": ""}]}"#,
                "tokens[0].id is no id of a token"
            ),
            (
                #"{"format": 1, "tokens": [{"id": "0123456789ab", "agent": "a", "sha256": "abc"}]}"#,
                "tokens[0].sha256 must have 64"
            ),
            (
                #"{"format": 1, "issuers": [{"keys_file": "x", "tenants": []}]}"#,
                "issuers[0].tenants must name one"
            ),
            (
                #"{"format": 1, "issuers": [{"keys_file": "x", "roles": ["y"]}]}"#,
                "issuers[0] has the role \"y\""
            ),
            (
                #"{"format": 1, "certificates": {"mappings": [{"agent": "a"}]}}"#,
                "must have one of fingerprint"
            ),
            (
                #"{"format": 1, "certificates": {"mappings": [{"agent": "a", "uri": "x", "common_name": "y"}]}}"#,
                "must have one of"
            ),
        ])
    func wrong(text: String, sentence: String) throws {
        let error = #expect(throws: AccessError.self) { try read(text) }
        #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
        #expect(error?.kind == .content)
    }

    @Test("changes leave a trail, and an agent goes with its tokens and keys") func changes() throws {
        let now = Timestamp(microseconds: 1_800_000_000_000_000)
        var document = AccessDocument()
        let name = TenantAgent(.default, try AgentID("a"))
        let token = try document.addToken(name, roles: ["agent"], expires: .none, note: "", now: now)
        #expect(document.tokens[0].digest == token.digest)
        #expect(
            !String(decoding: IndentedJSON.bytes(document.json), as: UTF8.self).contains(
                token.text.dropFirst(18)))
        #expect(try document.revokeToken(token.id, now: now) == name)
        #expect(document.tokens[0].validity.revoked == now)
        _ = try document.revokeToken(token.id, now: now.adding(milliseconds: 5))
        #expect(document.tokens[0].validity.revoked == now)
        #expect(throws: AccessError.self) { try document.addAgent(name, roles: ["agent"], now: now) }
        #expect(throws: AccessError.self) { try document.changeAgent(name) { $0.roles = ["nope"] } }
        let gone = try document.removeAgent(name)
        #expect(gone == (tokens: 1, keys: 0) && document.tokens.isEmpty)
        #expect(throws: AccessError.self) { try document.removeAgent(name) }
        #expect(throws: AccessError.self) { try document.revokeToken(token.id, now: now) }
        #expect(throws: AccessError.self) { try document.removeKey("x") }
    }
}
