import Glibc
import HubModel
import HubStorage
import HubSystem
import LogLoad

// Measures the log alone: how fast records get in, how fast they are found again, how long it takes to open.
// `docs/performance.md` says what the figures mean; every comparison is of runs made in turn.

let usage = """
    usage: StorageBench COMMAND [DIR] [NAME=VALUE …]

      write    records through the storage thread, fsync on        records=8000000 sessions=1000 group=8192 crash=0
      commit   one record a commit, beside bare LMDB, in turn      commits=5000 rounds=5
      scan     records by session, from the page cache             (of what `write` left in DIR)
      recover  opening after a crash                               (of what `write` left in DIR)
      steady   appends with retention on                           kept_mb=1024 total_mb=10240
    """

var arguments = Array(CommandLine.arguments.dropFirst())
guard let command = arguments.first else {
    print(usage)
    exit(2)
}
arguments.removeFirst()
var settings = Settings()
for argument in arguments {
    guard settings.take(argument) else {
        print("unknown argument \(argument)\n\(usage)")
        exit(2)
    }
}
do {
    switch command {
    case "write": try WriteBench(settings).run()
    case "commit": try CommitBench(settings).run()
    case "scan": try ScanBench(settings).run()
    case "recover": try RecoverBench(settings).run()
    case "steady": try SteadyBench(settings).run()
    default:
        print(usage)
        exit(2)
    }
} catch {
    print("failed: \(error)")
    exit(1)
}
