import HubModel
import HubProtocols
import HubStorage

/// Writes pages as lines, records and gaps in one order.
struct Dump: ~Copyable {
    /// Records that may still be written.
    private(set) var left: Int
    /// Whether all that can follow lies outside the times asked for.
    private(set) var isPast = false

    private let request: DumpRequest
    private let console: Console
    private let lines: RecordLines
    private var json = JSONWriter(capacity: 1 << 16)
    private var hasDamagedGap = false

    init(_ request: DumpRequest, _ reader: LMDBReader, _ console: Console) {
        self.request = request
        self.console = console
        left = request.limit
        lines = RecordLines(reader)
    }

    /// Whether something could not be read.
    var isDamaged: Bool { hasDamagedGap || lines.hasUnreadableNames }

    mutating func write(_ page: borrowing LogPage) throws(CommandFailure) {
        var nextGap = 0
        var index = 0
        while index < page.count, !isPast {
            let record = page[index]
            let position = request.isSession ? record.sequence.rawValue : record.offset.rawValue
            while nextGap < page.gaps.count, comes(page.gaps[nextGap], before: position) {
                try write(page.gaps[nextGap])
                nextGap += 1
            }
            try write(record)
            index += 1
        }
        while nextGap < page.gaps.count, !isPast {
            try write(page.gaps[nextGap])
            nextGap += 1
        }
    }

    private func comes(_ gap: Gap, before position: UInt64) -> Bool {
        request.isReversed ? gap.from > position : gap.from < position
    }

    private mutating func write(_ record: RecordView) throws(CommandFailure) {
        let isTooOld = request.since.map { record.time < $0 } ?? false
        let isTooNew = request.until.map { record.time >= $0 } ?? false
        if isTooOld || isTooNew {
            // A session's records are in order of time as well: behind the first that is too far, all are.
            isPast = request.isReversed ? isTooOld : isTooNew
            return
        }
        lines.append(record, to: &json)
        try writeLine()
        left -= 1
    }

    private mutating func write(_ gap: Gap) throws(CommandFailure) {
        if gap.reason == .damaged { hasDamagedGap = true }
        json.beginObject()
        json.key("gap")
        json.beginObject()
        json.member("from", gap.from)
        json.member("through", gap.through)
        json.member("reason", text: gap.reason.rawValue)
        json.endObject()
        json.endObject()
        try writeLine()
    }

    private mutating func writeLine() throws(CommandFailure) {
        json.newline()
        try console.write(json.bytes)
        json.removeAll()
    }
}
