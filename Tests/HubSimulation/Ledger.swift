import HubModel
import HubRouter

/// What agents proposed and what they were told, and what was seen on the way.
struct Ledger {
    /// Something an agent wants routed.
    struct Proposed {
        let connection: ConnectionID
        let kind: MessageKind
        let isToAgent: Bool
        let destination: String
        let sender: String
        let id: String
        let payload: String
    }

    /// What waits for a receipt, by tag.
    private(set) var proposed: [UInt64: Proposed] = [:]
    private(set) var receipts = 0
    var deliveries = 0
    /// How often a router was recovered beside the running one and compared with it.
    var comparisons = 0
    var marks = Marks()
    private var receiptOffsets: Set<Offset> = []

    mutating func propose(_ tag: UInt64, _ proposal: Proposed) { proposed[tag] = proposal }

    /// A receipt came: the record that it is for.
    mutating func answer(_ receipt: Effects.Receipt) throws -> Proposed {
        guard let proposal = proposed.removeValue(forKey: receipt.tag) else {
            throw Violation(.receipt, "a receipt for \(receipt.offset) that nobody waits for")
        }
        guard proposal.connection == receipt.connection else {
            throw Violation(.receipt, "the receipt for \(receipt.offset) goes to \(receipt.connection)")
        }
        guard receiptOffsets.insert(receipt.offset).inserted else {
            throw Violation(.receipt, "two receipts for \(receipt.offset)")
        }
        receipts += 1
        if receipt.isAddresseeAway { marks.note(.addresseeAway) }
        return proposal
    }

    /// A proposal came to nothing, and its sender was told.
    mutating func reject(_ rejection: Effects.Rejection) throws {
        guard proposed.removeValue(forKey: rejection.tag) != nil else {
            throw Violation(.receipt, "\(rejection.tag) is rejected, and nobody waits for it")
        }
        marks.note(.proposalRefused)
    }

    /// A connection is gone: nobody will answer what it proposed.
    mutating func forget(_ connection: ConnectionID) {
        proposed = proposed.filter { $0.value.connection != connection }
    }

    /// The hub died: nobody will answer.
    mutating func forgetAll() { proposed = [:] }
}
