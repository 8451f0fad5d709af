import HubBytes
package import HubModel
package import HubRouter
package import HubStorage

/// A router brought back to where the log says that it was, and the block that it goes on with.
package struct Recovered: ~Copyable {
    var router: Router
    var pipeline: BlockPipeline

    /// Reads the checkpoint and what follows it. `progress` hears how many records are done, of how many.
    package init(
        _ storage: StorageThread, _ settings: RouterSettings, now: Timestamp,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws(StorageError) {
        let reader = storage.reader
        var random = SystemRandomNumberGenerator()
        var router = Router(
            settings, names: try Self.names(reader), now: now, hashSeed: random.next())
        var pipeline = BlockPipeline(storage)
        try Self.loadState(reader, &router)
        let bounds = reader.bounds
        let start = router.resume(from: bounds.stateAppliedTo, time: bounds.lastTime)
        try Self.replay(from: start, to: bounds.head, reader, &router, progress)
        router.finishRecovery(now: max(now, bounds.lastTime), &pipeline.open)
        self.router = router
        self.pipeline = pipeline
    }

    /// All names that the log knows.
    static func names(_ reader: any LogReader) throws(StorageError) -> NameTable {
        var names = NameTable()
        var number: UInt32 = 0
        while Int(number) < reader.bounds.names {
            number += 1
            guard let name = try reader.name(NameID(number)) else {
                throw StorageError(.damaged(nil), path: "", detail: "name \(number) is missing")
            }
            _ = name.text.withBytes { names.intern(name.key, $0) }
        }
        return names
    }

    private static func loadState(_ reader: any LogReader, _ router: inout Router) throws(StorageError) {
        var unknown: [UInt8]?
        try reader.forEachState { key, value in
            if !router.load(key, value), unknown == nil { unknown = key.array }
        }
        if let unknown {
            throw StorageError(
                .damaged(nil), path: "",
                detail: "the router's checkpoint has an entry that cannot be read: \(unknown.prefix(16))")
        }
    }

    private static func replay(
        from: Offset, to head: Offset, _ reader: any LogReader, _ router: inout Router,
        _ progress: (Int, Int) -> Void
    ) throws(StorageError) {
        var next: LogQuery? = from < head ? .log(from: from, to: head) : nil
        let all = from < head ? from.distance(to: head) : 0
        while let query = next {
            let page = try reader.page(query, PageLimit())
            var index = 0
            while index < page.count {
                router.replay(page[index])
                index += 1
            }
            next = page.next
            progress(next.map { from.distance(to: Offset($0.from)) } ?? all, all)
        }
    }
}
