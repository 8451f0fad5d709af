import Glibc
import HubBytes
import HubModel
import HubStorage
import HubSystem
import LogLoad
import Workbench

/// Records through the storage thread as fast as they go, fsync on.
struct WriteBench {
    let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func run() throws {
        let storage = try settings.startNewLog()
        var load = LogLoad(settings.shape)
        let records = Arguments.value("records", 8_000_000)
        let warmup = Arguments.value("warmup", 500_000)
        _ = pump(&load, storage, records: warmup)
        let start = SystemClock.monotonicNanoseconds()
        let result = pump(&load, storage, records: records)
        let elapsed = seconds(since: start)
        print(
            "write: \(records) records of \(settings.shape.payloadBytes) bytes, \(settings.shape.sessions) sessions: "
                + "\(rounded(Double(records) / elapsed, 0)) records/s, "
                + "\(rounded(Double(result.bytes) / elapsed / 1e6, 0)) MB/s, \(result.blocks) commits of "
                + "\(records / max(result.blocks, 1)) records, largest resident \(result.residentBytes >> 20) MB"
        )
        if Arguments.value("crash", 0) != 0 { _exit(0) }
        storage.close()
    }

    struct Outcome {
        var blocks = 0
        var bytes = 0
        var residentBytes = 0
    }

    /// Keeps a bounded number of records on their way, as a window of publishers would.
    func pump(_ load: inout LogLoad, _ storage: StorageThread, records: Int) -> Outcome {
        let group = Arguments.value("group", 8192)
        let step = Arguments.value("step", 256)
        var pipeline = BlockPipeline(storage)
        var outcome = Outcome()
        var appended = 0
        var committed = 0
        while committed < records {
            let room = min(step, records - appended, group * 2 - (appended - committed))
            if room > 0 {
                let now = wallTime()
                load.append(room, to: &pipeline.open, now: now)
                appended += room
            }
            if pipeline.openRecords >= min(group, records - committed) || pipeline.blocksOnTheWay == 0 {
                pipeline.flush()
            }
            let take: (borrowing Block, StorageError?) -> Void = { block, failure in
                if let failure { fatalError("\(failure)") }
                committed += block.count
                outcome.blocks += 1
                outcome.bytes += block.byteCount
                if outcome.blocks % 64 == 0 {
                    outcome.residentBytes = max(outcome.residentBytes, residentBytes(ofFiles: false))
                }
            }
            if room > 0 { while pipeline.collect(take) {} } else { pipeline.collectWaiting(take) }
        }
        return outcome
    }
}
