import HubBytes
import HubModel

/// A page of the memory log in the making.
struct MemoryPageBuilder {
    private var builder: PageBuilder
    private var segments: [MemorySegment] = []
    let query: LogQuery

    init(_ query: LogQuery, _ limit: PageLimit) {
        builder = PageBuilder(limit)
        self.query = query
    }

    var isFull: Bool { builder.isFull }
    var isForward: Bool { query.direction == .forward }
    var recordsMax: Int { builder.limit.records }

    /// Adds the record at an offset that a segment covers.
    mutating func add(_ segment: MemorySegment, _ offset: Offset) {
        if segments.last !== segment { segments.append(segment) }
        builder.add(segment.record(at: offset))
    }

    /// Notes that retention removed the positions from one up to, but not with, another.
    mutating func noteRemoved(from: UInt64, to: UInt64) {
        if from < to { builder.note(Gap(from: from, through: to - 1, .retention)) }
    }

    /// The page; `next` is the position where the query goes on, if it does.
    consuming func finish(next position: UInt64?, head: Offset) -> LogPage {
        var next: LogQuery?
        if let position {
            next = query
            if isForward { next?.from = position } else { next?.to = position }
        }
        return LogPage(
            pin: segments.count == 1 ? segments[0] : MemoryPin(segments), records: builder.records,
            gaps: builder.gaps, next: next, head: head)
    }
}
