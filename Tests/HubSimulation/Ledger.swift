import HubModel
import HubRouter

/// What agents proposed and what they were told, and what was seen on the way.
struct Ledger {
    /// Something an agent wants routed.
    struct Proposed {
        let connection: ConnectionID
        let kind: MessageKind
        let destination: String?
        let sender: String
        let id: String
        let payload: String
    }

    /// What waits for a receipt, by tag.
    private(set) var proposed: [UInt64: Proposed] = [:]
    /// What had its receipt before it was on disk, by offset.
    private(set) var hasty: [Offset: Proposed] = [:]
    private var hastyTags: Set<UInt64> = []
    private(set) var receipts = 0
    var deliveries = 0
    /// How often a router was recovered beside the running one and compared with it.
    var comparisons = 0
    var marks = Marks()
    private var receiptOffsets: Set<Offset> = []

    mutating func propose(_ tag: UInt64, _ proposal: Proposed) { proposed[tag] = proposal }

    /// It was refused at once, with the reason.
    mutating func withdraw(_ tag: UInt64) { proposed[tag] = nil }

    /// A receipt came: what it is for.
    mutating func answer(_ receipt: Effects.Receipt) throws -> Proposed {
        guard let proposal = proposed.removeValue(forKey: receipt.tag) else {
            throw Violation(.receipt, "a receipt for \(receipt.offset) that nobody waits for")
        }
        guard proposal.connection == receipt.connection else {
            throw Violation(.receipt, "the receipt for \(receipt.offset) goes to \(receipt.connection)")
        }
        if receipt.isDuplicate {
            marks.note(.duplicate)
        } else {
            guard receiptOffsets.insert(receipt.offset).inserted else {
                throw Violation(.receipt, "two receipts for \(receipt.offset)")
            }
        }
        receipts += 1
        if receipt.isAddresseeAway { marks.note(.addresseeAway) }
        return proposal
    }

    /// A receipt came before the disk had what it is for.
    mutating func answer(hasty receipt: Effects.Receipt) throws {
        guard receipt.durability == .memory else {
            throw Violation(
                .receipt, "a receipt for \(receipt.offset), which is not on disk, says that it is")
        }
        let proposal = try answer(receipt)
        marks.note(.hasty)
        hasty[receipt.offset] = proposal
        hastyTags.insert(receipt.tag)
    }

    /// What is on disk had its receipt.
    mutating func takeHasty(_ offset: Offset) -> Proposed? { hasty.removeValue(forKey: offset) }

    /// A proposal came to nothing, and its sender was told.
    mutating func reject(_ rejection: Effects.Rejection) throws {
        guard proposed.removeValue(forKey: rejection.tag) != nil || hastyTags.contains(rejection.tag) else {
            throw Violation(.receipt, "\(rejection.tag) is rejected, and nobody waits for it")
        }
        marks.note(.proposalRefused)
    }

    /// A connection is gone: nobody will answer what it proposed.
    mutating func forget(_ connection: ConnectionID) {
        proposed = proposed.filter { $0.value.connection != connection }
    }

    /// What is not in the log is gone, receipts from memory and all.
    mutating func lose(from head: Offset) {
        hasty = [:]
        receiptOffsets = receiptOffsets.filter { $0 < head }
    }

    /// The hub died: nobody will answer.
    mutating func forgetAll() { proposed = [:] }
}
