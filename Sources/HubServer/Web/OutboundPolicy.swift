package import HubSystem

/// Where connections of the hub's own may go.
///
/// URLs come from agents too. Whoever may name one could otherwise reach through the hub what only the hub can reach:
/// services of its own machine, of networks behind it, and those by which clouds hand out credentials. What is judged is
/// the address that is connected to, at that moment: a name says nothing, since its owner may have it lead elsewhere
/// between a check and the connection.
package struct OutboundPolicy: Sendable {
    /// Why a connection is not made.
    package enum Refusal: String, Error, CaseIterable, Sendable {
        case loopback = "the address is this machine's own"
        case privateNetwork = "the address is in a private network"
        case linkLocal = "the address is on one link only, or a cloud's service for its machines"
        case noPeer = "nobody has this address: it stands for none, for many, or is reserved"
        case denied = "the address is among those that are denied"
    }

    /// This machine's own addresses.
    package var allowsLoopback = true
    /// Networks that are not part of the internet.
    package var allowsPrivate = true
    /// Addresses of one link, among them those by which clouds tell machines their credentials.
    package var allowsLinkLocal = false
    /// Never, whatever else is said.
    package var denied: [IPNetwork] = []
    /// Exceptions from all of the above but `denied`.
    package var allowed: [IPNetwork] = []

    /// Everything but what is on one link only.
    package init() {}

    /// The internet only: for hubs whose agents say where they can be reached and are not to be trusted with more.
    package static var internetOnly: OutboundPolicy {
        var policy = OutboundPolicy()
        policy.allowsLoopback = false
        policy.allowsPrivate = false
        return policy
    }

    /// Why there is no connection to an address; nil if there may be one. A Unix socket is never what a name leads to:
    /// whoever asks for one means it.
    package func refusal(of address: SocketAddress) -> Refusal? {
        guard case .ip(let ip, _) = address else { return nil }
        // An IPv6 address that leads to an IPv4 one must pass as both.
        return refusal(of: ip) ?? ip.embedded.flatMap { refusal(of: $0) }
    }

    /// Those of a host's addresses to which there may be a connection, in their order.
    package func permitted(_ addresses: [SocketAddress]) -> [SocketAddress] {
        addresses.filter { refusal(of: $0) == nil }
    }

    private func refusal(of ip: IPAddress) -> Refusal? {
        if denied.contains(where: { $0.contains(ip) }) { return .denied }
        if allowed.contains(where: { $0.contains(ip) }) { return nil }
        for (networks, refusal) in Self.kinds where networks.contains(where: { $0.contains(ip) }) {
            switch refusal {
            case .loopback: return allowsLoopback ? nil : refusal
            case .privateNetwork: return allowsPrivate ? nil : refusal
            case .linkLocal: return allowsLinkLocal ? nil : refusal
            case .noPeer, .denied: return refusal
            }
        }
        return nil
    }

    /// The first kind that an address is of counts: some services of clouds lie in private networks.
    private static let kinds: [(networks: [IPNetwork], refusal: Refusal)] = [
        (
            networks(
                "169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "100.100.100.200", "192.0.0.192",
                "168.63.129.16"),
            .linkLocal
        ),
        // Linux takes 0.0.0.0 and :: for itself.
        (networks("0.0.0.0/8", "::", "224.0.0.0/4", "240.0.0.0/4", "ff00::/8"), .noPeer),
        (networks("127.0.0.0/8", "::1"), .loopback),
        (
            networks(
                "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10"),
            .privateNetwork
        ),
    ]

    private static func networks(_ texts: String...) -> [IPNetwork] {
        texts.map { text in
            guard let network = IPNetwork(text) else { preconditionFailure("\(text) is no network") }
            return network
        }
    }
}
