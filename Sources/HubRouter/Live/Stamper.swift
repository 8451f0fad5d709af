import HubModel

/// Gives each record its number in its session, once its block has its place in the order of blocks.
///
/// It runs ahead of what is applied by the blocks on their way. When those are refused it begins again from what is
/// applied: blocks come back in order, so by then all that was written is.
struct Stamper {
    /// By a session's number: its next sequence number; 0 where nothing is on the way.
    private var next: [UInt64] = []

    init() {}

    /// Numbers the records of a block.
    mutating func stamp(_ block: inout Block, after logged: borrowing LoggedState) {
        for index in 0..<block.count {
            let session = block.session(at: index)
            guard session != .none else { continue }
            block.setSequence(take(session, logged), at: index)
        }
    }

    private mutating func take(_ session: NameID, _ logged: borrowing LoggedState) -> SequenceNumber {
        let index = Int(session.rawValue)
        if index >= next.count {
            next.append(contentsOf: repeatElement(0, count: max(1024, index + 1 - next.count)))
        }
        if next[index] == 0 { next[index] = logged.lastSequence(of: session).rawValue + 1 }
        next[index] += 1
        return SequenceNumber(next[index] - 1)
    }
}
