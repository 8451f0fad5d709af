import HubBytes
import HubModel

@testable import HubRouter

/// A record that a test wants applied.
struct LoggedDraft {
    var header: RecordHeader
    var id: [UInt8] = []
    var correlation: [UInt8] = []
    var annotations: [UInt8] = []
    var payload: [UInt8] = []

    init(_ kind: MessageKind, time: Timestamp, tenant: NameID) {
        header = RecordHeader(kind, time: time, tenant: tenant)
    }
}

extension Block {
    mutating func append(_ draft: LoggedDraft) {
        let ends = [draft.id, draft.correlation, draft.annotations, draft.payload].reduce(into: [0]) {
            $0.append(($0.last ?? 0) + $1.count)
        }
        (draft.id + draft.correlation + draft.annotations + draft.payload).withBytes { all in
            var parts = RecordParts(payload: all.extracting(ends[3]..<ends[4]))
            parts.id = all.extracting(ends[0]..<ends[1])
            parts.correlation = all.extracting(ends[1]..<ends[2])
            parts.annotations = all.extracting(ends[2]..<ends[3])
            _ = append(draft.header, parts)
        }
    }
}

extension LoggedState {
    /// Applies drafts as the log hands them out: views into a sealed block. Their offsets are their indices.
    mutating func apply(_ drafts: ArraySlice<LoggedDraft>, _ names: borrowing NameTable) {
        drafts.forEachRecord { apply($0, names) }
    }

    /// Remembers what the window of ids needs of drafts from before a checkpoint.
    mutating func remember(_ drafts: ArraySlice<LoggedDraft>) {
        drafts.forEachRecord { remember($0) }
    }
}

extension ArraySlice<LoggedDraft> {
    fileprivate func forEachRecord(_ body: (RecordView) -> Void) {
        guard !isEmpty else { return }
        var block = Block(firstOffset: Offset(UInt64(startIndex)))
        for draft in self { block.append(draft) }
        block.seal()
        let view = block.view
        for index in 0..<view.count { body(view.record(at: index)) }
    }
}
