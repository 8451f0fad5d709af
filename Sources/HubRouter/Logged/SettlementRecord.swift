import HubBytes
import HubModel

/// The payload of a `settlement` record: what a consumer said of its deliveries since its last one, and what was decided
/// about those that it is owed.
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
        /// Whoever had it is gone: it comes again as soon as somebody is there.
        case returned
        /// It is no longer held back.
        case released
        /// An operator wants it delivered once more, whatever became of it.
        case revived
        /// It is of no use to anybody any more: it expired or is not kept, and nobody had it.
        case dropped

        /// Whether it is said of each offset between two, and not of the deliveries there: of so many at a time as
        /// whoever reads the record goes through.
        var isNamedSingly: Bool { self == .revived || self == .dropped }

        /// Whether it is about what somebody has, as against what is decided about what nobody had yet.
        var isSaidByMembers: Bool {
            switch self {
            case .acknowledged, .refused, .working, .given, .returned: true
            case .released, .revived, .dropped: false
            }
        }
    }

    /// A verdict on all deliveries between two offsets, both included.
    struct Item: Equatable {
        var from: Offset
        var through: Offset
        let verdict: Verdict
    }

    private static let version: UInt64 = 1
    /// Items that one record lists at most; more make several.
    static let countMax = 1 << 16

    /// Which life of the consumer it is about.
    let era: Offset
    private(set) var items: [Item] = []

    init(era: Offset) { self.era = era }

    var isEmpty: Bool { items.isEmpty }

    /// Adds a verdict; the same said of offsets that follow each other becomes one item. Clients choose offsets and
    /// delays: an offset behind the end of every log stands for that end, a negative delay for none.
    mutating func add(_ verdict: Verdict, from: Offset, through: Offset) {
        precondition(from <= through)
        let from = min(from, .end)
        let through = min(through, .end)
        var verdict = verdict
        if case .refused(let delay?) = verdict, delay < 0 { verdict = .refused(delayMilliseconds: 0) }
        let last = items.count - 1
        if last >= 0, items[last].verdict == verdict, from <= items[last].through.next,
            items[last].from <= from,
            !verdict.isNamedSingly || items[last].from.distance(to: through) < LoggedConsumer.lettersMax
        {
            items[last].through = max(items[last].through, through)
        } else {
            items.append(Item(from: from, through: through, verdict: verdict))
        }
    }

    /// Leaves out a message that is delivered only now: what members have said until then is not about it, though a range
    /// that they named may hold it.
    mutating func spare(_ offset: Offset) {
        guard items.contains(where: { $0.from <= offset && offset <= $0.through }) else { return }
        var kept: [Item] = []
        for item in items {
            guard item.verdict.isSaidByMembers, item.from <= offset, offset <= item.through else {
                kept.append(item)
                continue
            }
            if item.from < offset {
                let last = Offset(offset.rawValue - 1)
                kept.append(Item(from: item.from, through: last, verdict: item.verdict))
            }
            if offset < item.through {
                kept.append(Item(from: offset.next, through: item.through, verdict: item.verdict))
            }
        }
        items = kept
    }

    /// Takes out as much as fits into one record and leaves the rest.
    mutating func takePart(atMost most: Int = Self.countMax) -> SettlementRecord {
        var part = SettlementRecord(era: era)
        guard items.count > most else {
            swap(&part, &self)
            return part
        }
        part.items = Array(items.prefix(most))
        items.removeFirst(most)
        return part
    }

    func pack(_ packer: inout NumberPacker) {
        packer.put(Self.version)
        packer.put(era.rawValue)
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
            case .released: packer.put(4)
            case .revived: packer.put(5)
            case .dropped: packer.put(6)
            case .returned: packer.put(7)
            }
        }
    }

    /// What was packed; nil if the bytes are something else.
    init?(_ payload: RawSpan) {
        var reader = NumberReader(payload)
        guard reader.next() == Self.version else { return nil }
        era = Offset(min(reader.next(), Offset.end.rawValue))
        var last: Int64 = 0
        for _ in 0..<min(reader.next(), UInt64(Self.countMax)) {
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
        case 4: .released
        case 5: .revived
        case 6: .dropped
        case 7: .returned
        case 8...: .refused(delayMilliseconds: Int64(clamping: code - 8))
        default: nil
        }
    }
}
