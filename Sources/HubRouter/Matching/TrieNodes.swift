/// The nodes of a trie and the ways down between them.
///
/// A node counts what needs it: its children, and the subscriptions whose pattern ends at it. Children by token are
/// found through one index for all nodes, so that a node with a hundred thousand children costs no more to pass than
/// one with two; the child for `*` is looked for at every step and lies in the node itself.
struct TrieNodes: ~Copyable {
    private struct Node {
        /// The node above; for a free node, the next free one.
        var parent: Int32
        /// What leads here from above; `TokenTable.absent` for `*`, and for a root.
        var token: Int32
        var star = TrieNodes.absent
        /// Children and subscriptions.
        var uses: UInt32 = 0
    }

    /// Stands for a node that is not there, such as the one above a root.
    static let absent: Int32 = -1

    private var nodes: [Node] = []
    private var firstFree = TrieNodes.absent
    private var index = HashIndex()
    private let seed: UInt64
    /// Nodes in use.
    private(set) var count = 0

    init(seed: UInt64) { self.seed = seed }

    /// Bytes that the nodes take.
    var byteCount: Int { nodes.capacity * MemoryLayout<Node>.stride + index.byteCount }

    /// The child for `*`, or `absent`.
    func star(of node: Int32) -> Int32 { nodes[Int(node)].star }

    /// The child for a token, or `absent`.
    func child(of node: Int32, _ token: Int32) -> Int32 {
        if token == TokenTable.absent { return Self.absent }
        var probe = index.probe(hash(node, token))
        while let number = index.next(&probe) {
            if nodes[number].parent == node, nodes[number].token == token {
                return Int32(truncatingIfNeeded: number)
            }
        }
        return Self.absent
    }

    /// A new node with nothing above it.
    mutating func addRoot() -> Int32 { allocate(parent: Self.absent, token: TokenTable.absent) }

    /// A new child for a token that has none.
    mutating func add(to parent: Int32, _ token: Int32) -> Int32 {
        let node = allocate(parent: parent, token: token)
        index.insert(Int(node), hash(parent, token))
        hold(parent)
        return node
    }

    /// The child for `*`, new if need be.
    mutating func addStar(to parent: Int32) -> Int32 {
        if nodes[Int(parent)].star != Self.absent { return nodes[Int(parent)].star }
        let node = allocate(parent: parent, token: TokenTable.absent)
        nodes[Int(parent)].star = node
        hold(parent)
        return node
    }

    /// Counts one more use of a node.
    mutating func hold(_ node: Int32) { nodes[Int(node)].uses += 1 }

    /// Counts one use less; true if it was the last, and the node is to be removed.
    mutating func release(_ node: Int32) -> Bool {
        nodes[Int(node)].uses -= 1
        return nodes[Int(node)].uses == 0
    }

    /// Removes a node without uses, and says what led to it. The use of the node above is the caller's to release.
    mutating func remove(_ node: Int32) -> (parent: Int32, token: Int32) {
        let removed = nodes[Int(node)]
        precondition(removed.uses == 0)
        if removed.token != TokenTable.absent {
            index.remove(Int(node), hash(removed.parent, removed.token))
        } else if removed.parent != Self.absent {
            nodes[Int(removed.parent)].star = Self.absent
        }
        nodes[Int(node)].parent = firstFree
        firstFree = node
        count -= 1
        return (removed.parent, removed.token)
    }

    private mutating func allocate(parent: Int32, token: Int32) -> Int32 {
        count += 1
        if firstFree != Self.absent {
            let node = firstFree
            firstFree = nodes[Int(node)].parent
            nodes[Int(node)] = Node(parent: parent, token: token)
            return node
        }
        precondition(nodes.count < Int(Int32.max), "more nodes than their numbers can tell apart")
        nodes.append(Node(parent: parent, token: token))
        return Int32(nodes.count - 1)
    }

    private func hash(_ parent: Int32, _ token: Int32) -> UInt64 {
        ByteHash.of(UInt32(bitPattern: parent), UInt32(bitPattern: token), seed: seed)
    }
}
