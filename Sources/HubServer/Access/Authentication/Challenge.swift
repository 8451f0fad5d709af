import HubModel

/// What an agent signs to show that it has its key: made for one connection, answered once.
///
/// It has no copy: answering consumes it, so an answer cannot be tried twice, nor on another connection. The text names
/// what it is for, so that it is no signature of anything else, and a signature of anything else is none of it; it names
/// the hub, which the agent compares with the one that it means to talk to.
package struct Challenge: ~Copyable, Sendable {
    /// The first line of each.
    package static let domain = "AgentHub sign-in 1"
    /// How long there is to answer.
    package static let lifeSeconds: Int64 = 30

    /// The text to sign, as UTF-8.
    package let text: String
    let name: TenantAgent
    let connection: UInt64
    let deadline: Timestamp

    /// A challenge with a nonce that was never used.
    init(hub: String, name: TenantAgent, connection: UInt64, nonce: [UInt8], now: Timestamp) {
        self.name = name
        self.connection = connection
        deadline = now.adding(milliseconds: Self.lifeSeconds * 1000)
        // No name has a line end or a space in it, so no field can look like another.
        text = [
            Self.domain, "hub \(hub)", "tenant \(name.tenant)", "agent \(name.agent)",
            "connection \(connection)", "nonce \(Hexadecimal.text(nonce))", "until \(deadline)",
        ].joined(separator: "\n")
    }
}
