import CLMDB
import Glibc
import HubBytes
import HubModel
import HubStorage
import HubSystem
import LogLoad
import Workbench

/// One record a commit: the whole path through the storage thread beside a bare LMDB commit of as many bytes, in
/// turn, so that the disk's moods hit both.
struct CommitBench {
    let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func run() throws {
        let storage = try settings.startNewLog()
        let bare = try BareLMDB(settings.directory + "/bare")
        var load = LogLoad(settings.shape)
        var pipeline = BlockPipeline(storage)
        let commits = Arguments.value("commits", 2000)
        var ratios: [Double] = []
        var ours: [Double] = []
        var theirs: [Double] = []
        for _ in 0..<Arguments.value("rounds", 7) {
            let bareRate = try rate(commits) { try bare.commit(bytes: 400) }
            let rate = rate(commits) {
                load.append(1, to: &pipeline.open, now: wallTime())
                pipeline.flush()
                pipeline.collectWaiting { _, failure in if let failure { fatalError("\(failure)") } }
            }
            ours.append(rate)
            theirs.append(bareRate)
            ratios.append(rate / bareRate)
        }
        print(
            "commit: one record a commit: \(rounded(median(ours), 0))/s, bare LMDB \(rounded(median(theirs), 0))/s, "
                + "ratio median \(rounded(median(ratios), 2)) "
                + "(\(ratios.sorted().map { rounded($0, 2) }.joined(separator: " ")))")
        storage.close()
        bare.remove()
    }

    private func rate(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
        let start = SystemClock.monotonicNanoseconds()
        for _ in 0..<count { try body() }
        return Double(count) / seconds(since: start)
    }
}

/// LMDB with nothing around it: what the disk allows.
final class BareLMDB {
    private let path: String
    private var environment: OpaquePointer?
    private var database: MDB_dbi = 0
    private var next: UInt64 = 0
    private var value = [UInt8](repeating: 7, count: 4096)

    struct Failure: Error { let code: Int32 }

    init(_ path: String) throws {
        self.path = path
        mkdir(path, 0o700)
        remove(files: true)
        try check(mdb_env_create(&environment))
        try check(mdb_env_set_mapsize(environment, 8 << 30))
        try check(mdb_env_open(environment, path, UInt32(MDB_NOTLS), 0o600))
        var transaction: OpaquePointer?
        try check(mdb_txn_begin(environment, nil, 0, &transaction))
        try check(mdb_dbi_open(transaction, nil, 0, &database))
        try check(mdb_txn_commit(transaction))
    }

    func commit(bytes: Int) throws {
        var transaction: OpaquePointer?
        try check(mdb_txn_begin(environment, nil, 0, &transaction))
        var number = next.bigEndian
        next += 1
        try value.withUnsafeMutableBytes { content in
            try withUnsafeMutableBytes(of: &number) { key in
                var key = MDB_val(mv_size: 8, mv_data: key.baseAddress)
                var data = MDB_val(mv_size: bytes, mv_data: content.baseAddress)
                try check(mdb_put(transaction, database, &key, &data, UInt32(MDB_APPEND)))
            }
        }
        try check(mdb_txn_commit(transaction))
    }

    func remove() {
        mdb_env_close(environment)
        remove(files: true)
        rmdir(path)
    }

    private func remove(files: Bool) {
        unlink(path + "/data.mdb")
        unlink(path + "/lock.mdb")
    }

    private func check(_ code: Int32) throws {
        if code != 0 { throw Failure(code: code) }
    }
}
