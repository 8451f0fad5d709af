import HubBytes
import HubModel

/// Messages that are sent again because their sender did not hear of the first: they get the receipt of that.
extension Router {
    /// Whether a sender's message was taken or is on its way; then its receipt is given, or will be.
    mutating func isSentBefore(
        _ proposal: borrowing Proposal, _ hash: UInt64, _ sender: LiveConnection, _ origin: Origin,
        now: Timestamp, _ effects: inout Effects
    ) -> Bool {
        let id = proposal.parts.id
        guard !id.isEmpty else { return false }
        let isAway = proposal.target == .agent && self.isAway(proposal.targetName, of: sender.tenant)
        let known = logged.window.find(sender.agent, id, hash: hash, now: now)
        switch known {
        case .taken(let place):
            repeatReceipt(place, origin, isAway: isAway, &effects)
            return true
        case .proposed(let offset):
            echoes[offset, default: []].append(origin)
            return true
        case nil: break
        }
        // A command may wait longer for its answer than ids are remembered.
        guard !logged.commands.isEmpty, let command = logged.command(of: sender.agent, id.array),
            command.isOpen
        else { return false }
        let place = DedupWindow.Place(
            session: command.session, sequence: command.sequence, offset: command.offset)
        repeatReceipt(place, origin, isAway: isAway, &effects)
        return true
    }

    private func isAway(_ agent: RawSpan, of tenant: NameID) -> Bool {
        find(.agent, tenant: tenant, agent).map { isAway($0) } ?? true
    }

    private func repeatReceipt(
        _ place: DedupWindow.Place, _ origin: Origin, isAway: Bool, _ effects: inout Effects
    ) {
        guard let connection = origin.connection else { return }
        var receipt = Effects.Receipt(
            connection: connection, tag: origin.tag, offset: place.offset, session: place.session,
            sequence: place.sequence, durability: .fsynced)
        receipt.isDuplicate = true
        receipt.isAddresseeAway = isAway
        effects.receipts.append(receipt)
    }

    /// A record is in the log: whoever sent it twice hears of it twice.
    mutating func tellEchoes(_ record: RecordView, _ effects: inout Effects) {
        guard !echoes.isEmpty, let waiting = echoes.removeValue(forKey: record.offset) else { return }
        let place = DedupWindow.Place(
            session: record.session, sequence: record.sequence, offset: record.offset)
        let isAway = self.isAway(record.destination)
        for origin in waiting { repeatReceipt(place, origin, isAway: isAway, &effects) }
    }
}
