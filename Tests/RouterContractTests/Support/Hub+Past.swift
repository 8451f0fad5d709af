import HubModel
import HubRouter
import HubStorage

/// What the log alone tells.
extension Hub {
    /// The state as it was when all before an offset was applied.
    func past(before offset: Offset = .end, of tenant: NameID? = nil) throws -> Picture {
        var state = PastState()
        let names = try names()
        try forEachRecord(.log(to: offset)) { state.take($0, names) }
        return state.picture(of: try tenant ?? self.tenant(), names)
    }

    /// The life of a message.
    func life(of message: Offset) throws -> Biography {
        var biography = Biography(of: message)
        try forEachRecord(.log(from: message)) { biography.take($0) }
        return biography
    }

    private func forEachRecord(_ query: LogQuery, _ body: (RecordView) -> Void) throws {
        var next: LogQuery? = query
        while let query = next {
            let page = try log.reader.page(query, PageLimit(records: 7))
            for index in 0..<page.count {
                let record = page[index]
                body(record)
            }
            next = page.next
        }
    }
}
