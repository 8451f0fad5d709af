package import HubModel

/// The step between sealing a block and numbering its records: which block comes next.
///
/// It is the one place where engines differ. A hub by itself takes its blocks in the order in which it sealed them; one of
/// several hands them to whatever orders the blocks of all, and numbers what comes back, its own and others', as it comes.
package protocol BlockOrder: ~Copyable {
    /// Hands in a block that is full.
    mutating func propose(_ block: consuming Block)
    /// The block whose turn it is, to be numbered and written; nil while there is none.
    mutating func next() -> Block?
}

/// The order of a hub by itself: the one in which blocks were sealed.
package struct OwnOrder: BlockOrder, ~Copyable {
    private final class Waiting {
        var block: Block?
        init(_ block: consuming Block) { self.block = consume block }
    }

    private var waiting: [Waiting] = []

    /// No blocks.
    package init() {}

    /// Hands in a block that is full.
    package mutating func propose(_ block: consuming Block) { waiting.append(Waiting(block)) }

    /// The block that was handed in first.
    package mutating func next() -> Block? { waiting.isEmpty ? nil : waiting.removeFirst().block.take() }
}
