import HubClient
import HubProtocols

/// How receipts are written.
struct ReceiptOutput: Sendable {
    let isQuiet: Bool
    let isJSON: Bool

    func write(_ receipt: Receipt, _ target: String, _ console: Console) throws(CommandFailure) {
        guard !isQuiet else { return }
        guard isJSON else {
            var remarks: [String] = []
            if receipt.isDuplicate { remarks.append("sent before, not taken again") }
            if receipt.isAway { remarks.append("the agent is away, it is kept") }
            if receipt.durability != .fsynced { remarks.append(receipt.durability.rawValue) }
            return try console.write(
                Self.line(target, receipt.offset, receipt.sequence, receipt.session, remarks))
        }
        var json = JSONWriter(capacity: 256)
        json.beginObject()
        json.member("id", text: receipt.id)
        json.member("session", text: receipt.session)
        Self.places(receipt.offset, receipt.sequence, receipt.durability, receipt.isDuplicate, &json)
        json.key("away")
        json.bool(receipt.isAway)
        json.endObject()
        json.newline()
        try console.write(json.bytes)
    }

    func write(_ receipt: PostReceipt, _ target: String, _ console: Console) throws(CommandFailure) {
        guard !isQuiet else { return }
        guard isJSON else {
            let remarks = receipt.isDuplicate ? ["sent before, not taken again"] : []
            return try console.write(Self.line(target, receipt.offset, receipt.sequence, nil, remarks))
        }
        var json = JSONWriter(capacity: 256)
        json.beginObject()
        json.member("number", receipt.tag + 1)
        Self.places(receipt.offset, receipt.sequence, receipt.durability, receipt.isDuplicate, &json)
        json.endObject()
        json.newline()
        try console.write(json.bytes)
    }

    private static func line(
        _ target: String, _ offset: UInt64, _ sequence: UInt64, _ session: String?, _ remarks: [String]
    ) -> String {
        let place = session.map { "number \(sequence) of \($0)" } ?? "number \(sequence)"
        let tail = remarks.isEmpty ? "" : " (\(remarks.joined(separator: "; ")))"
        return "\(target)  offset \(offset), \(place)\(tail)\n"
    }

    private static func places(
        _ offset: UInt64, _ sequence: UInt64, _ durability: Durability, _ isDuplicate: Bool,
        _ json: inout JSONWriter
    ) {
        json.member("seq", sequence)
        json.member("offset", offset)
        json.member("durability", text: durability.rawValue)
        json.key("duplicate")
        json.bool(isDuplicate)
    }
}

/// What came of many messages.
struct ReceiptTally: Sendable {
    /// Receipts that came.
    private(set) var received = 0
    /// The first thing that went wrong.
    private(set) var failure: CommandFailure?

    /// Writes what came; true once nobody wants to see more.
    mutating func take(
        _ outcomes: [PostOutcome], _ target: String, _ output: ReceiptOutput, _ console: Console
    ) -> Bool {
        do throws(CommandFailure) {
            for outcome in outcomes {
                switch outcome {
                case .receipt(let receipt):
                    received += 1
                    try output.write(receipt, target, console)
                case .failure(_, let error): if failure == nil { failure = .client(error) }
                }
            }
            try console.flush()
            return false
        } catch {
            failure = failure ?? error
            return true
        }
    }
}
