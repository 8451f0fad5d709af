import HubBytes
package import HubModel

/// What keeps the bytes of a page where they are: a snapshot of the file, or the memory log's blocks.
package protocol PagePin: AnyObject, Sendable {}

/// Some records of the log, in the order asked for, where they lie: nothing is copied. The views that it lends
/// cannot outlive it, so the memory behind them stays.
@safe package struct LogPage: ~Copyable, Sendable {
    private let pin: any PagePin
    private let records: [RecordLocation]
    /// What is missing between the records, in the order asked for.
    package let gaps: [Gap]
    /// How to ask for what follows; nil at the end of what the log has of it now.
    package let next: LogQuery?
    /// The log's end when the page was made: what comes later has this offset or a higher one.
    package let head: Offset

    init(pin: any PagePin, records: [RecordLocation], gaps: [Gap], next: LogQuery?, head: Offset) {
        self.pin = pin
        self.records = records
        self.gaps = gaps
        self.next = next
        self.head = head
    }

    /// Records in the page.
    package var count: Int { records.count }

    /// Whether the page has no record.
    package var isEmpty: Bool { records.isEmpty }

    /// Record `index` of the page.
    package subscript(index: Int) -> RecordView {
        @_lifetime(borrow self) get {
            // Safety: whoever made the page checked that a record lies here, and the pin keeps it there.
            let bytes = unsafe RawSpan(
                _unsafeStart: records[index].start, byteCount: Int(records[index].byteCount))
            guard let view = RecordView(bytes) else {
                preconditionFailure("a page holds only what was checked to be a record")
            }
            return unsafe _overrideLifetime(view, borrowing: self)
        }
    }
}

/// Where a record lies in memory that a page pins.
@safe struct RecordLocation {
    let start: UnsafeRawPointer
    let byteCount: UInt32

    /// The place of a record whose checksum was verified.
    init(_ record: RecordView) {
        // Safety: the pointer is only used through a page, which pins what it points to.
        unsafe start = record.bytes.withUnsafeBytes { unsafe $0.baseAddress.unsafelyUnwrapped }
        byteCount = UInt32(record.bytes.byteCount)
    }
}

// Safety: a location is a pointer to bytes that nobody changes while a page pins them.
extension RecordLocation: @unchecked Sendable {}

/// Collects a page.
struct PageBuilder {
    let limit: PageLimit
    private(set) var records: [RecordLocation] = []
    private(set) var gaps: [Gap] = []
    private var bytes = 0

    init(_ limit: PageLimit) {
        self.limit = limit
        records.reserveCapacity(min(limit.records, 1024))
    }

    /// Whether nothing more fits.
    var isFull: Bool { records.count >= limit.records || bytes >= limit.bytes }

    /// Adds a verified record.
    mutating func add(_ record: RecordView) {
        records.append(RecordLocation(record))
        bytes += record.bytes.byteCount
    }

    /// Notes the ranges of offsets that recovery found damaged, as far as a page reaches, at their places among the
    /// other gaps: no index has what was in them.
    mutating func noteDamaged(_ ranges: [Range<Offset>], in query: LogQuery, next: LogQuery?) {
        guard !ranges.isEmpty else { return }
        let isForward = query.direction == .forward
        let from = isForward ? query.from : next?.to ?? query.from
        let to = isForward ? next?.from ?? query.to : query.to
        for range in ranges where range.upperBound.rawValue > from && range.lowerBound.rawValue < to {
            let end = min(range.upperBound.rawValue, to)
            gaps.append(Gap(from: max(range.lowerBound.rawValue, from), through: end - 1, .damaged))
        }
        gaps.sort { isForward ? $0.from < $1.from : $1.from < $0.from }
    }

    /// Notes that positions are missing, joining it to the gap before where they touch.
    mutating func note(_ gap: Gap) {
        guard gap.from <= gap.through else { return }
        if let last = gaps.last, last.reason == gap.reason {
            if last.through &+ 1 == gap.from {
                gaps[gaps.count - 1] = Gap(from: last.from, through: gap.through, gap.reason)
                return
            }
            if gap.through &+ 1 == last.from {
                gaps[gaps.count - 1] = Gap(from: gap.from, through: last.through, gap.reason)
                return
            }
        }
        gaps.append(gap)
    }
}
