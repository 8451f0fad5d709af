import HubBytes
import HubModel
import HubStorage

/// Everything that a query found, copied out of its pages.
struct Reading: Equatable {
    struct Row: Equatable {
        /// In the query's own positions.
        let position: UInt64
        let bytes: [UInt8]
    }

    struct Endless: Error {}

    var rows: [Row] = []
    /// In ascending order; those that touch are joined.
    var gaps: [Gap] = []
    var pages = 0

    var positions: [UInt64] { rows.map(\.position) }
    /// The positions inside gaps, one by one.
    var missing: [UInt64] { gaps.flatMap { Array($0.from...$0.through) } }

    static func == (left: Reading, right: Reading) -> Bool {
        left.rows == right.rows && left.gaps == right.gaps
    }

    /// Reads page after page until there is none.
    init(_ reader: any LogReader, _ query: LogQuery, _ limit: PageLimit = PageLimit()) throws {
        var next: LogQuery? = query
        var isSession = false
        if case .session = query.source { isSession = true }
        while let wanted = next {
            let page = try reader.page(wanted, limit)
            pages += 1
            guard page.next != wanted, pages < 100_000 else { throw Endless() }
            var index = 0
            while index < page.count {
                let record = page[index]
                rows.append(
                    Row(
                        position: isSession ? record.sequence.rawValue : record.offset.rawValue,
                        bytes: record.bytes.array))
                index += 1
            }
            gaps.append(contentsOf: page.gaps)
            next = page.next
        }
        gaps = Self.joined(gaps)
    }

    private static func joined(_ gaps: [Gap]) -> [Gap] {
        var result: [Gap] = []
        for gap in gaps.sorted(by: { $0.from < $1.from }) {
            if let last = result.last, last.reason == gap.reason, last.through + 1 == gap.from {
                result[result.count - 1] = Gap(from: last.from, through: gap.through, gap.reason)
            } else {
                result.append(gap)
            }
        }
        return result
    }
}

extension LogReader {
    /// All that a query finds.
    func all(_ query: LogQuery, _ limit: PageLimit = PageLimit()) throws -> Reading {
        try Reading(self, query, limit)
    }
}

extension TestProducer {
    /// What a reading of these records must be.
    func rows(isSession: Bool = false, where isWanted: (WrittenRecord) -> Bool = { _ in true }) -> [Reading
        .Row]
    {
        records.filter(isWanted).map {
            Reading.Row(position: isSession ? $0.sequence : $0.offset, bytes: $0.bytes)
        }
    }
}
