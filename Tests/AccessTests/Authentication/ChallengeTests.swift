import HubBytes
import HubConnection
import HubModel
import HubServer
import Testing

/// Showing by a signature who one is: once, in time, on one connection, to one hub.
@Suite struct ChallengeTests {
    private let access = SampleAccess()
    private let name = SampleAccess.name("a")

    private func register(_ key: PrivateKey, for name: TenantAgent) throws {
        _ = try access.document.addKey(
            try key.publicKey.pem, name, roles: ["agent"], expires: .none, note: "", now: access.now)
        try access.publish()
    }

    /// How a challenge ends that is answered with what `sign` makes of its text.
    private func outcome(
        for name: TenantAgent? = nil, on connection: UInt64 = 7, after milliseconds: Int64 = 0,
        _ sign: (String) throws -> [UInt8]
    ) throws -> Result<Identity, Refusal> {
        let challenge = access.authenticator.challenge(name ?? self.name, connection: 7, now: access.now)
        let signature = try sign(challenge.text)
        let now = access.now.adding(milliseconds: milliseconds)
        do throws(Refusal) {
            return .success(
                try access.authenticator.admit(
                    challenge, signature: signature.span.bytes, connection: connection, from: nil, now: now))
        } catch {
            return .failure(error)
        }
    }

    @Test("every kind of key that can be registered lets its agent in") func kinds() throws {
        let kinds: [(PrivateKey.Kind, [SignatureAlgorithm])] = [
            (.ed25519, [.ed25519]), (.p256, [.ecdsaP256SHA256]),
            (.rsa(bits: 2048), [.rsaPKCS1SHA256, .rsaPSSSHA256]),
        ]
        for (kind, algorithms) in kinds {
            let key = try PrivateKey(kind)
            try register(key, for: name)
            for algorithm in algorithms {
                let identity = try outcome { text in try text.withBytes { try key.sign($0, algorithm) } }
                    .get()
                #expect(identity.agent == name.agent)
                #expect(identity.proof == .signature(key: AgentKey.id(ofPEM: try key.publicKey.pem)))
            }
        }
    }

    @Test("the text names hub, tenant, agent and connection, and never comes twice") func text() throws {
        var seen: Set<String> = []
        for _ in 0..<100 {
            let challenge = access.authenticator.challenge(
                SampleAccess.name("a", "acme"), connection: 42, now: access.now)
            let text = challenge.text
            #expect(seen.insert(text).inserted)
            let lines = text.split(separator: "\n")
            #expect(lines.count == 7 && lines[0] == "AgentHub sign-in 1")
            #expect(lines[1...4] == ["hub hub.example", "tenant acme", "agent a", "connection 42"])
            #expect(lines[5].utf8.count == 6 + 64)
        }
    }

    @Test("a late answer, another connection, another text, key, hub or agent: all the same refusal")
    func refused() throws {
        let key = try PrivateKey(.ed25519)
        let stranger = try PrivateKey(.ed25519)
        try register(key, for: name)
        try access.document.addAgent(SampleAccess.name("keyless"), roles: ["agent"], now: access.now)
        try access.publish()
        let sign: (String) throws -> [UInt8] = { text in try text.withBytes { try key.sign($0, .ed25519) } }
        #expect(throws: Never.self) { try outcome(sign).get() }
        #expect(throws: Never.self) { try outcome(after: 29_999, sign).get() }
        let attempts: [Result<Identity, Refusal>] = [
            try outcome(after: 30_000, sign), try outcome(on: 8, sign), try outcome { try sign($0 + "\n") },
            try outcome { try sign(String($0.split(separator: "\n")[5].dropFirst(6))) },
            try outcome { try sign($0.replacing("hub.example", with: "evil.example")) },
            try outcome { text in try text.withBytes { try stranger.sign($0, .ed25519) } },
            try outcome { _ in [] },
            try outcome { _ in Array(repeating: 0, count: 64) },
            try outcome { _ in Array(repeating: 1, count: 100_000) },
            try outcome(for: SampleAccess.name("nobody"), sign),
            try outcome(for: SampleAccess.name("keyless"), sign),
            try outcome(for: SampleAccess.name("a", "acme"), sign),
        ]
        var sentences: Set<String> = []
        for attempt in attempts {
            guard case .failure(let refusal) = attempt else {
                Issue.record("taken")
                continue
            }
            #expect(refusal.code == .unauthorized)
            sentences.insert(refusal.message)
        }
        #expect(sentences.count == 1)
        #expect(sentences.first?.contains("agenthub keys add") == true)
    }

    @Test("a signature for one challenge is none for the next, so replaying it is no use") func replay()
        throws
    {
        let key = try PrivateKey(.ed25519)
        try register(key, for: name)
        var kept: [UInt8] = []
        #expect(throws: Never.self) {
            try outcome { text in
                kept = try text.withBytes { try key.sign($0, .ed25519) }
                return kept
            }.get()
        }
        #expect(throws: Refusal.self) { try outcome { _ in kept }.get() }
    }

    @Test("a key that was revoked, has ended, or whose agent is shut out, is none") func ended() throws {
        let key = try PrivateKey(.ed25519)
        try register(key, for: name)
        let sign: (String) throws -> [UInt8] = { text in try text.withBytes { try key.sign($0, .ed25519) } }
        let changes: [(inout AccessDocument) throws -> Void] = [
            { $0.keys[0].validity.revoked = access.now }, { $0.keys[0].validity.expires = access.now },
            { try $0.changeAgent(name) { $0.validity.revoked = access.now } },
            { try $0.changeAgent(name) { $0.validity.expires = access.now } }, { $0.agents = [] },
        ]
        let before = access.document
        for change in changes {
            access.document = before
            try change(&access.document)
            try access.publish()
            #expect(throws: Refusal.self) { try outcome(sign).get() }
        }
        access.document = before
        try access.publish()
        #expect(throws: Never.self) { try outcome(sign).get() }
    }

    @Test("keys that are too weak, private, or none are not registered") func weak() throws {
        for pem in [
            "", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "ssh-ed25519 AAAA",
            "ssh-dss AAAA x",
        ] {
            #expect(throws: AccessError.self) {
                try access.document.addKey(
                    Array(pem.utf8), name, roles: [], expires: .none, note: "", now: access.now)
            }
        }
        let key = try PrivateKey(.p256)
        let id = try access.document.addKey(
            key.pem, name, roles: [], expires: .none, note: "", now: access.now)
        #expect(access.document.keys[0].pem == String(decoding: try key.publicKey.pem, as: UTF8.self))
        #expect(id == AgentKey.id(ofPEM: try key.publicKey.pem))
        #expect(throws: AccessError.self) {
            try access.document.addKey(key.pem, name, roles: [], expires: .none, note: "", now: access.now)
        }
    }

    @Test("challenges between requests are redeemed once, in time, and their number is bounded") func table()
        throws
    {
        let table = ChallengeTable(waitingMax: 3, lifeSeconds: 300)
        let one = try table.issue(name, now: access.now)
        #expect(one.text.utf8.count == 64)
        #expect(table.redeem(one.text, now: access.now) == name)
        #expect(table.redeem(one.text, now: access.now) == nil)
        #expect(table.redeem("x", now: access.now) == nil)
        for _ in 0..<3 { _ = try table.issue(name, now: access.now) }
        let refusal = #expect(throws: Refusal.self) { try table.issue(name, now: access.now) }
        #expect(refusal?.code == .rateLimited)
        let later = access.now.adding(milliseconds: 299_999)
        #expect(throws: Refusal.self) { try table.issue(name, now: later) }
        let over = access.now.adding(milliseconds: 300_000)
        let next = try table.issue(name, now: over)
        #expect(table.waiting == 1 && table.redeem(next.text, now: over) == name)
        for _ in 0..<10_000 {
            let text = try table.issue(name, now: over).text
            _ = table.redeem(text, now: over)
        }
        #expect(table.waiting == 0)
    }
}
