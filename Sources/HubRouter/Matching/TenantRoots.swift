import HubModel

/// The first level of the trie: each tenant that has subscriptions, its root, and their generation.
///
/// A generation is a number that no other state of any tenant's subscriptions ever had. So what was made from one is
/// right as long as the number is the same, even if the tenant went away and came back in between.
struct TenantRoots: ~Copyable {
    private struct Root {
        var tenant: NameID
        var node: Int32
        var generation: UInt64
    }

    private var roots: [Root] = []
    private var free: [Int] = []
    private var index = HashIndex()
    private var lastGeneration: UInt64 = 0

    init() {}

    /// A tenant's root and the generation of its subscriptions; nil if it has none.
    func subscriptions(of tenant: NameID) -> (node: Int32, generation: UInt64)? {
        guard let number = number(of: tenant) else { return nil }
        return (roots[number].node, roots[number].generation)
    }

    /// A tenant's root, if it has subscriptions.
    func root(of tenant: NameID) -> Int32? { number(of: tenant).map { roots[$0].node } }

    /// A tenant's root, new if need be.
    mutating func root(of tenant: NameID, _ nodes: inout TrieNodes) -> Int32 {
        if let known = root(of: tenant) { return known }
        let root = Root(tenant: tenant, node: nodes.addRoot(), generation: 0)
        let number = free.popLast() ?? roots.count
        if number == roots.count { roots.append(root) } else { roots[number] = root }
        index.insert(number, Self.hash(tenant))
        return root.node
    }

    /// Begins a new generation of a tenant's subscriptions.
    mutating func change(_ tenant: NameID) {
        guard let number = number(of: tenant) else { return }
        lastGeneration += 1
        roots[number].generation = lastGeneration
    }

    /// Forgets a tenant whose last subscription is gone.
    mutating func remove(_ tenant: NameID) {
        guard let number = number(of: tenant) else { return }
        index.remove(number, Self.hash(tenant))
        free.append(number)
    }

    private func number(of tenant: NameID) -> Int? {
        var probe = index.probe(Self.hash(tenant))
        while let number = index.next(&probe) {
            if roots[number].tenant == tenant { return number }
        }
        return nil
    }

    /// The hub numbers tenants, one after the other: nobody can choose numbers that collide.
    private static func hash(_ tenant: NameID) -> UInt64 {
        (UInt64(tenant.rawValue) &* 0x9e37_79b9_7f4a_7c15) >> 32
    }
}
