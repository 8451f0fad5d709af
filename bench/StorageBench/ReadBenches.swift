import HubBytes
import HubModel
import HubStorage
import HubSystem
import LogLoad
import Workbench

/// Records by session, every checksum verified, from the page cache.
struct ScanBench {
    let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func run() throws {
        let reader = try LMDBReader.open(settings.directory)
        guard let tenant = try reader.find(NameKey(.tenant, tenant: .none), "default") else { return }
        let sessions = try reader.names(NameKey(.session, tenant: tenant), after: nil, limit: 1 << 20)
        _ = try scan(reader, sessions.prefix(sessions.count / 4))
        var rates: [Double] = []
        for _ in 0..<Arguments.value("rounds", 5) { rates.append(try scan(reader, sessions[...])) }
        print(
            "scan: \(sessions.count) sessions one after the other: median \(rounded(median(rates), 0)) records/s "
                + "(\(rates.sorted().map { rounded($0, 0) }.joined(separator: " ")))")
        let start = SystemClock.monotonicNanoseconds()
        let records = try walk(reader, .log())
        print("scan: the whole log: \(rounded(Double(records) / seconds(since: start), 0)) records/s")
    }

    private func scan(_ reader: LMDBReader, _ sessions: ArraySlice<KnownName>) throws -> Double {
        let start = SystemClock.monotonicNanoseconds()
        var records = 0
        for session in sessions { records += try walk(reader, .session(session.id)) }
        return Double(records) / seconds(since: start)
    }

    private func walk(_ reader: LMDBReader, _ query: LogQuery) throws -> Int {
        var next: LogQuery? = query
        var records = 0
        var sum = 0
        while let query = next {
            let page = try reader.page(query, PageLimit())
            for index in 0..<page.count {
                let record = page[index]
                sum &+= record.payload.byteCount
            }
            records += page.count
            next = page.next
        }
        return sum == 0 ? 0 : records
    }
}

/// Opening a log whose writer did not close it.
struct RecoverBench {
    let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func run() throws {
        var times: [Double] = []
        for _ in 0..<Arguments.value("rounds", 5) {
            let start = SystemClock.monotonicNanoseconds()
            let log = try LMDBLog.open(settings.directory, now: wallTime())
            times.append(seconds(since: start))
            let bounds = log.reader.bounds
            if times.count == 1 {
                print(
                    "recover: \(bounds.head) records, \(log.recordsSinceCheckpoint) behind the last checkpoint"
                )
            }
        }
        print(
            "recover: median \(rounded(median(times) * 1000, 2)) ms "
                + "(\(times.sorted().map { rounded($0 * 1000, 2) }.joined(separator: " ")))")
    }
}

/// Appends with retention on: the file must stop growing.
struct SteadyBench {
    let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func run() throws {
        settings.removeLog()
        let directory = settings.directory
        let kept = Arguments.value("kept_mb", 1024) << 20
        let total = Arguments.value("total_mb", 10240) << 20
        var options = LogOptions()
        options.retention = RetentionPolicy(log: RetentionLimits(bytes: kept))
        let opened = options
        let storage = try StorageThread(clock: wallTime) { () throws(StorageError) in
            try LMDBLog.open(directory, options: opened, now: wallTime())
        }
        var load = LogLoad(settings.shape)
        let bench = WriteBench(settings)
        var written = 0
        let start = SystemClock.monotonicNanoseconds()
        while written < total {
            let outcome = bench.pump(&load, storage, records: 1_000_000)
            written += outcome.bytes
            let file = try FileDescriptor.open("\(directory)/data.mdb", .read)
            print(
                "steady: \(written >> 20) MB appended, file \(try file.size() >> 20) MB, "
                    + "log from \(storage.reader.bounds.start) to \(storage.reader.bounds.head), "
                    + "resident \(residentBytes(ofFiles: false) >> 20) MB, \(storage.trouble.map { "\($0)" } ?? "no trouble")"
            )
        }
        print("steady: \(rounded(Double(written) / seconds(since: start) / 1e6, 0)) MB/s")
        storage.close()
    }
}
