package import HubConnection
package import HubModel

/// What a connection shows of itself when it wants in.
package struct ShownCredentials: Sendable {
    /// The certificate that TLS has verified.
    package var certificate: PeerIdentity?
    /// The text behind `Bearer`, or the token of a hello: a token of this hub's, or a web token.
    package var bearer: String?
    /// Who it says it is; nil if only the credentials say so.
    package var agent: AgentID?
    /// The tenant that it says it belongs to.
    package var tenant: TenantName?

    /// Nothing.
    package init() {}

    /// What an `Authorization` header carries: its value if that is `Bearer` and a text, else nil.
    package static func bearer(inAuthorization value: String) -> String? {
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let text = parts[1].drop { $0 == " " }
        return text.isEmpty || text.contains(" ") ? nil : String(text)
    }
}
