import Glibc
import HubModel
import HubStorage
import HubSystem
import LogLoad
import Workbench

// Measures the log alone: how fast records get in, how fast they are found again, how long it takes to open.
// `docs/performance.md` says what the figures mean; every comparison is of runs made in turn.

let usage = """
    usage: StorageBench COMMAND [DIR] [NAME=VALUE …]

      write    records through the storage thread, fsync on        records=8000000 sessions=1000 group=8192 crash=0
      commit   one record a commit, beside bare LMDB, in turn      commits=5000 rounds=5
      scan     records by session, from the page cache             (of what `write` left in DIR)
      recover  opening after a crash                               (of what `write` left in DIR)
      steady   appends with retention on                           kept_mb=1024 total_mb=10240

      of those that write  sessions=1000 topics=100 payload=256 warmup=500000 step=256
    """

Arguments.check(against: usage)
let settings = Settings(directory: Arguments.words.dropFirst().first ?? "bench-log")
do {
    switch Arguments.words.first {
    case "write": try WriteBench(settings).run()
    case "commit": try CommitBench(settings).run()
    case "scan": try ScanBench(settings).run()
    case "recover": try RecoverBench(settings).run()
    case "steady": try SteadyBench(settings).run()
    default: Arguments.end(with: usage)
    }
} catch {
    print("failed: \(error)")
    exit(1)
}
