import HubBytes
import HubModel

/// The payload of a `settlement` record: what a consumer said of its deliveries since its last one.
struct SettlementRecord: Equatable {
    /// What can be said of a delivery.
    enum Verdict: Equatable {
        /// It is done with.
        case acknowledged
        /// It failed and is to come again: after a delay of the consumer's choice, or the usual one.
        case refused(delayMilliseconds: Int64?)
        /// It takes longer: the lease begins anew.
        case working
        /// It will never be done: to the dead letters.
        case given
    }

    /// A verdict on all deliveries between two offsets, both included.
    struct Item: Equatable {
        var from: Offset
        var through: Offset
        let verdict: Verdict
    }

    private(set) var items: [Item] = []

    init() {}

    var isEmpty: Bool { items.isEmpty }

    /// Adds a verdict; the same said of offsets that follow each other becomes one item. Clients choose offsets and
    /// delays: an offset behind the end of every log stands for that end, a negative delay for none.
    mutating func add(_ verdict: Verdict, from: Offset, through: Offset) {
        precondition(from <= through)
        let from = min(from, .end)
        let through = min(through, .end)
        var verdict = verdict
        if case .refused(let delay?) = verdict, delay < 0 { verdict = .refused(delayMilliseconds: 0) }
        if let last = items.last, last.verdict == verdict, last.through.next == from {
            items[items.count - 1].through = through
        } else {
            items.append(Item(from: from, through: through, verdict: verdict))
        }
    }

    func pack(_ packer: inout NumberPacker) {
        packer.put(UInt64(items.count))
        var last: Int64 = 0
        for item in items {
            packer.put(signed: Int64(item.from.rawValue) - last)
            packer.put(item.through.rawValue - item.from.rawValue)
            last = Int64(item.through.rawValue)
            switch item.verdict {
            case .acknowledged: packer.put(0)
            case .refused(let delay): packer.put(delay.map { UInt64($0) + 8 } ?? 1)
            case .working: packer.put(2)
            case .given: packer.put(3)
            }
        }
    }

    /// What was packed; nil if the bytes are something else.
    init?(_ payload: RawSpan) {
        var reader = NumberReader(payload)
        var last: Int64 = 0
        for _ in 0..<min(reader.next(), UInt64(Limits.blockRecordsMax)) {
            let (from, overflows) = last.addingReportingOverflow(reader.nextSigned())
            let width = reader.next()
            guard
                !reader.hasFailed, !overflows, from >= 0, width <= Offset.end.rawValue - UInt64(from),
                let verdict = Self.verdict(reader.next())
            else { return nil }
            let through = UInt64(from) + width
            items.append(Item(from: Offset(UInt64(from)), through: Offset(through), verdict: verdict))
            last = Int64(through)
        }
        guard reader.isAtEnd, !reader.hasFailed else { return nil }
    }

    private static func verdict(_ code: UInt64) -> Verdict? {
        switch code {
        case 0: .acknowledged
        case 1: .refused(delayMilliseconds: nil)
        case 2: .working
        case 3: .given
        case 8...: .refused(delayMilliseconds: Int64(clamping: code - 8))
        default: nil
        }
    }
}
