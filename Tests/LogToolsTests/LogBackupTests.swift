import Glibc
import HubModel
import HubStorage
import HubSystem
import LogSamples
import Synchronization
import Testing

/// A backup is a log like the one it was made of; a restored one has another epoch.
@Suite struct LogBackupTests {
    private let directory = TemporaryDirectory()
    private var log: String { directory["log"] }
    private var backup: String { directory["backup"] }
    private var restored: String { directory["restored"] }

    @Test("a restored log goes on where the backup ends, in a new epoch", arguments: [false, true])
    func roundTrip(compacting: Bool) throws {
        let epoch: Epoch
        do {
            let sample = try SampleLog(log)
            try sample.write(blocks: 5, recordsPerBlock: 30)
            try sample.log.checkpoint(state: nil, now: sample.now)
            try sample.write(blocks: 5, recordsPerBlock: 30)
            epoch = sample.log.reader.bounds.epoch
            let outcome = try LogBackup.backup(log, to: backup, compacting: compacting, now: sample.now)
            #expect(outcome.epoch == epoch && outcome.head == Offset(300) && outcome.start == .zero)
            try sample.write(blocks: 1, recordsPerBlock: 30)
        }
        #expect(try LogCheck.run(backup).findings == [])
        #expect(
            try Directory.entries(backup) == ["agenthub.backup", "agenthub.lock", "data.mdb", "lock.mdb"])
        let outcome = try LogBackup.restore(backup, to: restored)
        #expect(outcome.copiedEpoch == epoch && outcome.epoch != epoch && outcome.head == Offset(300))
        let sample = try SampleLog(restored)
        #expect(sample.log.reader.bounds.epoch == outcome.epoch)
        try sample.write(blocks: 3, recordsPerBlock: 30)
        let report = try LogCheck.run(restored)
        #expect(report.findings == [] && report.records == 390)
        #expect(try Directory.entries(restored) == ["agenthub.lock", "data.mdb", "lock.mdb"])
    }

    @Test("backups made while the log is written to are whole") func hot() throws {
        let isStopped = Mutex(false)
        let hasBegun = Mutex(false)
        let path = log
        let failure = Mutex<String?>(nil)
        try SampleLog(path).write(blocks: 1, recordsPerBlock: 10)
        let thread = try SystemThread(name: "writer") {
            do {
                let options = LogOptions(
                    growthBytes: 1 << 20, checkpoint: CheckpointPolicy(intervalMilliseconds: 20))
                let sample = try SampleLog(path, options: options)
                hasBegun.withLock { $0 = true }
                while !isStopped.withLock({ $0 }) { try sample.write(blocks: 1, recordsPerBlock: 10) }
            } catch {
                failure.withLock { $0 = "\(error)" }
            }
        }
        // A process that reads a log cannot begin to write to it.
        while !hasBegun.withLock({ $0 }), failure.withLock({ $0 == nil }) {
            SystemClock.sleep(milliseconds: 1)
        }
        var heads: [Offset] = []
        for number in 0..<6 {
            let target = directory["backup-\(number)"]
            let now = SampleLog.beginning
            heads.append(try LogBackup.backup(path, to: target, compacting: number % 2 == 1, now: now).head)
            #expect(try LogCheck.run(target).findings == [])
            SystemClock.sleep(milliseconds: 20)
        }
        isStopped.withLock { $0 = true }
        thread.join()
        #expect(failure.withLock { $0 } == nil)
        #expect(heads == heads.sorted() && heads[0] < heads[5])
    }

    @Test("a backup is not written to, nor into what is there") func refusals() throws {
        let sample = try SampleLog(log)
        try sample.write(blocks: 1, recordsPerBlock: 10)
        _ = try LogBackup.backup(log, to: backup, now: sample.now)
        #expect(kind { _ = try LMDBLog.open(backup, now: sample.now) } == .backup)
        #expect(kind { _ = try LogBackup.backup(log, to: backup, now: sample.now) } == .notEmpty)
        #expect(kind { _ = try LogBackup.restore(backup, to: log) } == .locked)
        #expect(
            kind { _ = try LogBackup.backup(directory["none"], to: restored, now: sample.now) } == .notFound)
        #expect(!Directory.exists(restored))
        try Directory.create(restored)
        #expect(kind { _ = try LogBackup.restore(restored, to: directory["other"]) } == .notFound)
        let stranger = try FileDescriptor.open("\(restored)/notes", .createNew)
        try stranger.sync()
        #expect(kind { _ = try LogBackup.restore(backup, to: restored) } == .notEmpty)
    }

    @Test("what an interrupted copy leaves is no log, and the next copy clears it away") func interrupted()
        throws
    {
        let sample = try SampleLog(log)
        try sample.write(blocks: 1, recordsPerBlock: 10)
        try Directory.create(restored)
        try Directory.create("\(restored)/unfinished.copy")
        do {
            let file = try FileDescriptor.open("\(restored)/unfinished.copy/data.mdb", .createNew)
            try file.write(Array("half".utf8).span.bytes, at: 0)
        }
        #expect(kind { _ = try LMDBReader.open(restored) } == .notFound)
        #expect(kind { _ = try LMDBLog.open(restored, now: sample.now) } == .notALog)
        _ = try LogBackup.restore(log, to: restored)
        #expect(try LogCheck.run(restored).findings == [])
        #expect(!Directory.exists("\(restored)/unfinished.copy"))
    }

    @Test("files of copies are for their owner alone") func permissions() throws {
        let sample = try SampleLog(log)
        try sample.write(blocks: 1, recordsPerBlock: 10)
        _ = try LogBackup.backup(log, to: backup, now: sample.now)
        #expect(mode(backup) == 0o700)
        #expect(mode("\(backup)/data.mdb") == 0o600)
        #expect(mode("\(backup)/agenthub.backup") == 0o600)
    }

    private func mode(_ path: String) -> UInt32 {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    private func kind(_ body: () throws -> Void) -> StorageError.Kind? {
        do { try body() } catch { return (error as? StorageError)?.kind }
        return nil
    }
}
