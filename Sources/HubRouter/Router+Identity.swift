import HubBytes
import HubModel

/// Messages that are sent again because their sender did not hear of the first: they get the receipt of that.
extension Router {
    /// Whether a sender's message was taken or is on its way; then its receipt is given, or will be.
    mutating func isSentBefore(
        _ id: RawSpan, _ hash: UInt64, _ sender: LiveConnection, _ origin: Origin, now: Timestamp,
        _ effects: inout Effects
    ) -> Bool {
        guard !id.isEmpty else { return false }
        let known = logged.window.find(sender.agent, id, hash: hash, now: now)
        switch known {
        case .taken(let place):
            repeatReceipt(place, origin, &effects)
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
        repeatReceipt(place, origin, &effects)
        return true
    }

    private func repeatReceipt(_ place: DedupWindow.Place, _ origin: Origin, _ effects: inout Effects) {
        guard let connection = origin.connection else { return }
        var receipt = Effects.Receipt(
            connection: connection, tag: origin.tag, offset: place.offset, session: place.session,
            sequence: place.sequence, durability: .fsynced)
        receipt.isDuplicate = true
        effects.receipts.append(receipt)
    }

    /// A record is in the log: whoever sent it twice hears of it twice.
    mutating func tellEchoes(_ record: RecordView, _ effects: inout Effects) {
        guard !echoes.isEmpty, let waiting = echoes.removeValue(forKey: record.offset) else { return }
        let place = DedupWindow.Place(
            session: record.session, sequence: record.sequence, offset: record.offset)
        for origin in waiting { repeatReceipt(place, origin, &effects) }
    }
}
