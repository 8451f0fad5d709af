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
    /// The last gap, as long as the next one may belong to it: pages end where they are full.
    private var openGap: Gap?

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
        while index < page.count, left > 0, !isPast {
            let record = page[index]
            let position = request.isSession ? record.sequence.rawValue : record.offset.rawValue
            while nextGap < page.gaps.count, comes(page.gaps[nextGap], before: position) {
                try write(page.gaps[nextGap])
                nextGap += 1
            }
            try write(record)
            index += 1
        }
        while nextGap < page.gaps.count, left > 0, !isPast {
            try write(page.gaps[nextGap])
            nextGap += 1
        }
    }

    /// Writes what is still held back.
    mutating func finish() throws(CommandFailure) { try writeOpenGap() }

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
        try writeOpenGap()
        lines.append(record, to: &json)
        try writeLine()
        left -= 1
    }

    private mutating func write(_ gap: Gap) throws(CommandFailure) {
        if gap.reason == .damaged { hasDamagedGap = true }
        guard let before = openGap, before.reason == gap.reason, touch(before, gap) else {
            try writeOpenGap()
            openGap = gap
            return
        }
        openGap = Gap(
            from: min(before.from, gap.from), through: max(before.through, gap.through), gap.reason)
    }

    private func touch(_ first: Gap, _ second: Gap) -> Bool {
        first.through &+ 1 == second.from || second.through &+ 1 == first.from
    }

    private mutating func writeOpenGap() throws(CommandFailure) {
        guard let gap = openGap else { return }
        openGap = nil
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
