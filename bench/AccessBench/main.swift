import Glibc
import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubServer

// Measures what asking for rights costs on the way of every message, and what it costs to let somebody in.
// `docs/performance.md` says what the figures mean.

/// Nanoseconds that this thread has had of a processor: others who use it as well do not count.
func processorTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Runs something many times, in rounds, and prints what one run took: the least of the rounds and their middle.
func measure(_ name: String, runs: Int, _ body: () throws -> Void) rethrows {
    var times: [Double] = []
    for _ in 0..<9 {
        let start = processorTime()
        for _ in 0..<runs { try body() }
        times.append(Double(processorTime() - start) / Double(runs))
    }
    times.sort()
    let tenths = [times[0], times[times.count / 2]].map { Int(($0 * 10).rounded()) }
    print("\(name): \(tenths.map { "\($0 / 10).\($0 % 10)" }.joined(separator: " to ")) ns")
}

let now = Timestamp(microseconds: 1_800_000_000_000_000)
let pool = RightsPool()

func rights(_ publish: [String]) throws -> CompiledRights {
    var rights = Rights()
    rights.publish = try Grants(publish)
    return pool.compiled(rights)
}

func measureChecks() throws {
    let few = try rights(["jobs.>", "sensors.*.temperature", "agent:worker-*"])
    let many = try rights((0..<100).map { "jobs.*.region-\($0).>" } + ["agent:*-\(0)"])
    let all = pool.compiled(Role.agent.rights)
    let topics = (0..<1000).map { Array("jobs.new.region-\($0 % 100).customer-\($0)".utf8) }
    var checks = AccessChecks()
    for (name, rights) in [("everything", all), ("3 patterns", few), ("100 patterns", many)] {
        var place = 0
        measure("publish, known topic, \(name)", runs: 1_000_000) {
            place = place == topics.count - 1 ? 0 : place + 1
            let topic = topics[place]
            let allowed = checks.mayPublish(rights, topic: topic.span.bytes)
            precondition(allowed)
        }
    }
    for (name, rights) in [("3 patterns", few), ("100 patterns", many)] {
        var place = 0
        measure("publish, decided anew, \(name)", runs: 100_000) {
            place = place == topics.count - 1 ? 0 : place + 1
            let topic = topics[place]
            let allowed = rights.rights.publish.allows(topic: topic.span.bytes)
            precondition(allowed)
        }
    }
}

func measureProofs() throws {
    var document = AccessDocument()
    for index in 0..<2000 {
        _ = try document.addToken(
            TenantAgent(.default, try AgentID("agent-\(index)")), roles: ["agent"], expires: .none, note: "",
            now: now)
    }
    let name = TenantAgent(.default, try AgentID("agent-0"))
    let token = try document.addToken(name, roles: [], expires: .none, note: "", now: now)
    let keys = [try PrivateKey(.ed25519), try PrivateKey(.p256), try PrivateKey(.rsa(bits: 2048))]
    var issuer = JWTIssuer(keysFile: "keys")
    issuer.roles = ["agent"]
    document.issuers = [issuer]
    let secret = [UInt8](repeating: 1, count: 32)
    let slot = AccessSlot()
    try slot.replace(with: document) { _ throws(AccessError) in
        ["keys": [["kty": "oct", "alg": "HS256", "k": .string(secret.withBytes { Base64URL.text($0) })]]]
    }
    let start = processorTime()
    try slot.replace(with: document) { _ throws(AccessError) in
        ["keys": [["kty": "oct", "alg": "HS256", "k": .string(secret.withBytes { Base64URL.text($0) })]]]
    }
    print(
        "a book of 2,000 agents with a token each: \((processorTime() - start) / 1_000_000) ms"
    )
    let authenticator = Authenticator(slot: slot, hub: "hub")
    var shown = ShownCredentials()
    shown.bearer = token.text
    try measure("token of 2,000", runs: 20_000) {
        _ = try authenticator.admit(shown, from: nil, .credentials, now: now)
    }
    let claims: JSONValue = [
        "sub": "agent-1", "exp": 1_800_000_600, "iat": 1_800_000_000, "roles": ["agent"],
    ]
    shown.bearer = JWT.make(claims, signedBy: try JWTKey(id: "", secret: secret))
    try measure("web token, HS256", runs: 5000) {
        _ = try authenticator.admit(shown, from: nil, .credentials, now: now)
    }
    for (key, algorithm) in zip(keys, [SignatureAlgorithm.ed25519, .ecdsaP256SHA256, .rsaPKCS1SHA256]) {
        document.keys = []
        _ = try document.addKey(try key.publicKey.pem, name, roles: [], expires: .none, note: "", now: now)
        try slot.replace(with: document) { _ throws(AccessError) in
            ["keys": [["kty": "oct", "alg": "HS256", "k": .string(secret.withBytes { Base64URL.text($0) })]]]
        }
        let text = Array(
            "what was signed, about as long as a challenge is, which is a few lines of text".utf8)
        let signature = try text.withBytes { try key.sign($0, algorithm) }
        measure("signature, \(algorithm)", runs: 500) {
            let signer = authenticator.signer(name, signature.span.bytes, of: text.span.bytes, now: now)
            precondition(signer != nil)
        }
    }
}

try measureChecks()
try measureProofs()
