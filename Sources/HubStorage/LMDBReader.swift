import HubBytes
package import HubModel

/// Reads an LMDB log, on any thread and on several at once.
package final class LMDBReader: LogReader {
    let core: LogCore

    init(_ core: LogCore) { self.core = core }

    /// Opens the log in a directory for reading only, also while another process writes to it: it shows what was
    /// committed when it was opened or when that process last wrote a checkpoint, whichever is later.
    ///
    /// Where this process may not write LMDB's lock file it reads without being noted there. A log that is being
    /// written to cannot be read that way, since the writer would reuse pages under the reader's eyes.
    package static func open(_ path: String) throws(StorageError) -> LMDBReader {
        try LogDirectory.find(path)
        let isKnown = LogDirectory.isKnown(path)
        return try LogDirectory.insisting(path, isKnown: isKnown) { () throws(StorageError) in
            try openFound(path)
        }
    }

    private static func openFound(_ path: String) throws(StorageError) -> LMDBReader {
        try LogFile.checkBeginning(path)
        let environment = try Environment.open(path: path, mapBytes: 0, readOnly: true)
        if environment.isUnnoticed, try LogDirectory.isBeingWritten(path) {
            throw StorageError(
                .noPermission, path: path,
                detail: "reading beside the process that writes needs the right to write lock.mdb")
        }
        try LogFile.checkLength(environment)
        let snapshot = try environment.read()
        guard let meta = try LogMeta.read(snapshot) else {
            throw StorageError(.notALog, path: path, detail: "the file has no record about a log")
        }
        return LMDBReader(LogCore(environment, try Recovery.run(snapshot, meta), follows: true))
    }

    /// Where the log begins and ends now.
    package var bounds: LogBounds { core.read { $0.bounds } }

    /// Ranges of offsets that recovery found damaged.
    package var damaged: [Range<Offset>] { core.read { $0.damaged } }

    /// A page of records.
    package func page(_ query: LogQuery, _ limit: PageLimit) throws(StorageError) -> LogPage {
        switch query.source {
        case .log: try LogScan(core, query, limit).page()
        case .session(let id): try NameScan(core, query, limit, id, isSession: true).page()
        case .destination(let id): try NameScan(core, query, limit, id, isSession: false).page()
        case .topics(let patterns, let tenant):
            try TopicScan(core, query, limit, patterns, tenant).page()
        }
    }

    /// The first offset whose record was taken at or after a time; the head if there is none. Where records are
    /// damaged that may have been, the first of those: whoever reads on from there is told of them.
    package func offset(atOrAfter time: Timestamp) throws(StorageError) -> Offset {
        let (snapshot, bounds) = try core.look { (snapshot, changing) in (snapshot, changing.bounds) }
        guard let place = try TimeSearch.place(snapshot, bounds, reaching: time) else { return bounds.head }
        let block = place.range
        guard place.isReadable else { return block.lowerBound }
        let limit = PageLimit(records: Limits.blockRecordsMax, bytes: .max)
        let page = try page(.log(from: block.lowerBound, to: block.upperBound), limit)
        var found = block.upperBound
        var index = 0
        while index < page.count, found == block.upperBound {
            let record = page[index]
            if record.time >= time { found = record.offset }
            index += 1
        }
        let damaged = page.gaps.first { $0.reason == .damaged && $0.through + 1 == found.rawValue }
        return damaged.map { Offset($0.from) } ?? found
    }

    /// The last record of each topic that matches a pattern, in order of the topics' names; one that is damaged is a
    /// gap of the page.
    package func lastPerTopic(
        _ pattern: TopicPattern, tenant: NameID, after: TopicName?, _ limit: PageLimit
    ) throws(StorageError) -> LogPage {
        var topics: [NameID] = []
        let names = try core.environment.read()
        try LogNames.forEach(names, NameKey(.topic, tenant: tenant), after: after?.text) { id, text in
            if pattern.matches(text) { topics.append(id) }
            return true
        }
        let (snapshot, bounds, pending) = try core.look { snapshot, changing in
            (snapshot, changing.bounds, topics.map { changing.pending.list(of: $0)?.lastOffset })
        }
        var builder = PageBuilder(limit)
        var locator = try RecordLocator(snapshot)
        for (topic, newest) in zip(topics, pending) {
            if builder.isFull { break }
            var last = newest
            if last == nil { last = try IndexLookup.lastKept(snapshot, topic: topic) }
            guard let offset = last else { continue }
            try locator.find(offset) { finding in
                switch finding {
                case .record(let record): builder.add(record)
                case .damaged: builder.note(Gap(from: offset.rawValue, through: offset.rawValue, .damaged))
                case .gone: break
                }
            }
        }
        return LogPage(
            pin: snapshot, records: builder.records, gaps: builder.gaps, next: nil, head: bounds.head)
    }

    /// Names of a kind and tenant in order of their text, beginning behind one.
    package func names(_ key: NameKey, after: String?, limit: Int) throws(StorageError) -> [KnownName] {
        var found: [KnownName] = []
        guard limit > 0 else { return found }
        try LogNames.forEach(core.environment.read(), key, after: after) { id, text in
            found.append(KnownName(id: id, key: key, text: text.text))
            return found.count < limit
        }
        return found
    }

    /// The number of a name, if the log knows it.
    package func find(_ key: NameKey, _ text: String) throws(StorageError) -> NameID? {
        let snapshot = try core.environment.read()
        return try text.withBytes { (bytes) throws(StorageError) in try LogNames.find(snapshot, key, bytes) }
    }

    /// What a number stands for, if the log knows it.
    package func name(_ id: NameID) throws(StorageError) -> KnownName? {
        try LogNames.name(core.environment.read(), id)
    }

    /// What the log holds of a session, topic, agent or consumer.
    package func extent(of id: NameID) throws(StorageError) -> NameExtent {
        guard let name = try name(id) else { return .empty }
        let (snapshot, list) = try core.look { snapshot, changing in (snapshot, changing.pending.list(of: id))
        }
        var extent = try IndexLookup.extent(snapshot, id, isSession: name.key.kind == .session)
        if let list, list.lastPosition > extent.last || extent.first == nil {
            extent.first = extent.first ?? list.firstPosition
            extent.count += list.count - list.holes
            extent.last = list.lastPosition
        }
        return extent
    }

    /// Goes through the router's checkpoint in order of its keys.
    package func forEachState(_ body: (_ key: RawSpan, _ value: RawSpan) -> Void) throws(StorageError) {
        let snapshot = try core.environment.read()
        let cursor = try snapshot.cursor(.state)
        var isThere = try cursor.first()
        while isThere {
            guard let value = CheckedValue.unwrap(cursor.value) else {
                throw StorageError(.damaged(nil), path: core.path, detail: "the router's checkpoint")
            }
            body(cursor.key, value)
            isThere = try cursor.next()
        }
    }
}

extension Snapshot: PagePin {}
