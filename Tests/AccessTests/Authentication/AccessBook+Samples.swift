import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubServer

/// A hub with some agents, for tests of who gets in.
final class SampleAccess {
    var document = AccessDocument()
    /// Key sets by file name.
    var keySets: [String: JSONValue] = [:]
    let slot = AccessSlot()
    let now = Timestamp(microseconds: 1_800_000_000_000_000)
    lazy var authenticator = Authenticator(slot: slot, hub: "hub.example")

    static func name(_ agent: String, _ tenant: String = "default") -> TenantAgent {
        TenantAgent(TenantName(unchecked: tenant), AgentID(unchecked: agent))
    }

    /// Takes the document over.
    func publish() throws {
        let keySets = keySets
        try slot.replace(with: document) { path throws(AccessError) in
            guard let set = keySets[path] else { throw AccessError(.absent, path) }
            return set
        }
    }

    func token(
        _ agent: String, tenant: String = "default", roles: [String] = ["agent"], expires: Timestamp = .none
    )
        throws -> BearerToken
    {
        try document.addToken(
            Self.name(agent, tenant), roles: roles, expires: expires, note: "", now: now)
    }

    func admit(
        bearer: String? = nil, certificate: PeerIdentity? = nil, agent: String? = nil, tenant: String? = nil,
        at moment: Timestamp? = nil
    ) throws(Refusal) -> Identity {
        var shown = ShownCredentials()
        shown.bearer = bearer
        shown.certificate = certificate
        shown.agent = agent.map { AgentID(unchecked: $0) }
        shown.tenant = tenant.map { TenantName(unchecked: $0) }
        return try authenticator.admit(shown, from: nil, .credentials, now: moment ?? now)
    }

    /// The refusal that something ends in.
    func refusal(_ body: () throws(Refusal) -> Identity) -> Refusal? {
        do throws(Refusal) {
            _ = try body()
            return nil
        } catch {
            return error
        }
    }
}

extension JSONValue {
    /// The same object with other members; nil takes one away.
    func with(_ changes: [(String, JSONValue?)]) -> JSONValue {
        var object = self.object ?? JSONObject()
        for (name, value) in changes { object[name] = value }
        return .object(object)
    }
}

/// Writes web tokens of any kind, also such as nobody should.
enum TokenWriter {
    static func part(_ value: JSONValue) -> String {
        var writer = JSONWriter()
        writer.value(value)
        return Base64URL.text(writer.bytes)
    }

    static func text(_ header: JSONValue, _ claims: JSONValue, _ sign: (RawSpan) throws -> [UInt8]) rethrows
        -> String
    {
        let signed = "\(part(header)).\(part(claims))"
        let signature = try signed.withBytes(sign)
        return "\(signed).\(signature.withBytes { Base64URL.text($0) })"
    }
}
