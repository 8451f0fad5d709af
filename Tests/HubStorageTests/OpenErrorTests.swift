import Glibc
import HubBytes
import HubModel
import HubSystem
import Testing

@testable import HubStorage

/// Every reason for which a log cannot be opened has its sentence, which names the place and says what to do.
@Suite struct OpenErrorTests {
    private let directory = TemporaryDirectory()
    private var path: String { directory.path }
    private var file: String { "\(path)/data.mdb" }

    /// Makes a log of some size and closes it.
    private func makeLog(blocks: Int = 40) throws {
        let producer = TestProducer()
        let log = try LMDBLog.open(path, options: TestPipeline.quiet, now: producer.time)
        for number in 0..<blocks {
            let text = String(repeating: "x", count: 9000)
            try producer.commit([Draft(session: "s\(number % 7)", topic: "t", payload: text)], to: log)
        }
        try log.checkpoint(state: nil, now: producer.time)
    }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        let file = try FileDescriptor.open(path, .readWriteCreating)
        try bytes.withBytes { (bytes) throws in try file.write(bytes, at: 0) }
    }

    /// Why opening a log fails; nil if it does not.
    private func writing(_ path: String) -> StorageError? {
        do throws(StorageError) {
            _ = try TestLog.openAgain(path, TestPipeline.quiet, now: TestProducer.start)
            return nil
        } catch {
            return error
        }
    }

    private func reading(_ path: String) -> StorageError? {
        do throws(StorageError) {
            _ = try LMDBReader.open(path)
            return nil
        } catch {
            return error
        }
    }

    private func expect(
        _ error: StorageError?, _ kind: StorageError.Kind, _ sentence: String,
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(error?.kind == kind, "\(String(describing: error))", sourceLocation: location)
        #expect(
            error?.description.hasPrefix(sentence) == true, "\(error?.description ?? "opened")",
            sourceLocation: location)
    }

    @Test func `Reading where nothing is`() throws {
        let sentence = "check the path, or start the hub to make one"
        expect(reading("\(path)/none"), .notFound, "there is no log in \(path)/none: \(sentence)")
        expect(reading(path), .notFound, "there is no log in \(path): \(sentence)")
        // A log is made in a directory, not a directory with all that leads to it.
        expect(writing("\(path)/none/log"), .notFound, "there is no log in \(path)/none/log: \(sentence)")
    }

    @Test func `A directory with somebody else's files`() throws {
        try write([1], "\(path)/notes.txt")
        let sentence =
            "\(path) holds files that are not an AgentHub log: choose an empty directory or the log's own"
        expect(reading(path), .notALog, sentence)
        expect(writing(path), .notALog, sentence)
        #expect(writing(path)?.detail == "found notes.txt")
        #expect(try Directory.entries(path) == ["notes.txt"])
    }

    @Test func `A file of the log's name that somebody else wrote`() throws {
        try write(Array(repeating: 7, count: 1 << 16), file)
        let sentence = "\(path) holds files that are not an AgentHub log: choose"
        expect(reading(path), .notALog, sentence)
        expect(writing(path), .notALog, sentence)
    }

    @Test func `A path that is a file`() throws {
        try write([1], "\(path)/file")
        let sentence = "\(path)/file holds files that are not an AgentHub log: choose"
        expect(reading("\(path)/file"), .notALog, sentence)
        expect(writing("\(path)/file"), .notALog, sentence)
        #expect(try FileDescriptor.open("\(path)/file", .read).read(9, at: 0) == [1])
    }

    /// Replaces the log's record about itself.
    private func patchMeta(_ change: (inout ByteBuffer) -> Void) throws {
        let environment = try Environment(path: path, mapBytes: 1 << 30, readOnly: false, creating: false)
        guard let meta = try LogMeta.read(environment.read()) else { return }
        var bytes = meta.encoded()
        change(&bytes)
        var transaction = try environment.write()
        try transaction.put(.meta, LogMeta.key, bytes.bytes)
        try transaction.commit()
    }

    @Test func `A log of a newer program`() throws {
        try makeLog()
        try patchMeta { bytes in
            bytes.patch(UInt32(7), at: 4)
            bytes.patch(Checksum.of(bytes.bytes.extracting(4..<bytes.count)), at: 0)
        }
        let sentence =
            "the log in \(path) has format 7 and this program reads up to 1: use the newer program that wrote it"
        expect(reading(path), .newerFormat(found: 7, supported: 1), sentence)
        expect(writing(path), .newerFormat(found: 7, supported: 1), sentence)
    }

    @Test func `A log whose record about itself is not what was written`() throws {
        try makeLog()
        try patchMeta { $0.patch(UInt64(99), at: 16) }
        let sentence =
            "the log in \(path) is damaged: restore a backup, or run a check to see how much"
        expect(reading(path), .damaged(nil), sentence)
        expect(writing(path), .damaged(nil), sentence)
    }

    @Test func `A log that was one and is noise now`() throws {
        try makeLog()
        try write(Array(repeating: 7, count: 1 << 14), file)
        expect(reading(path), .damaged(nil), "the log in \(path) is damaged: restore a backup")
        expect(writing(path), .damaged(nil), "the log in \(path) is damaged: restore a backup")
    }

    @Test func `A log that another writes to`() throws {
        var log: LMDBLog? = try LMDBLog.open(path, options: TestPipeline.quiet, now: TestProducer.start)
        let error = {
            do throws(StorageError) {
                _ = try LMDBLog.open(path, now: TestProducer.start)
                return nil as StorageError?
            } catch {
                return error
            }
        }()
        expect(
            error, .locked,
            "another process is writing to the log in \(path): stop it first, or choose another directory")
        // Reading is no matter.
        #expect(reading(path) == nil && log?.reader.bounds.head == .zero)
        log = nil
        #expect(writing(path) == nil)
    }

    // MARK: A file that was cut

    /// Bytes of the file up to the last page in use.
    private func usedBytes() throws -> Int {
        let environment = try Environment(path: path, mapBytes: 0, readOnly: true, creating: false)
        return (environment.facts.lastPage + 1) * environment.facts.pageBytes
    }

    private func expectTruncated() {
        let sentence = "the log file in \(path) is shorter than it must be: restore a backup ("
        expect(reading(path), .truncated, sentence)
        expect(writing(path), .truncated, sentence)
    }

    @Test(arguments: [0, 100, 4096, 8191]) func `A log without the beginning of its file`(_ bytes: Int) throws
    {
        try makeLog()
        #expect(truncate(file, bytes) == 0)
        expectTruncated()
    }

    @Test(arguments: [2, 3]) func `A log that was cut at a half or a third`(_ part: Int) throws {
        try makeLog()
        #expect(truncate(file, try usedBytes() / part) == 0)
        expectTruncated()
    }

    @Test(arguments: [17, 20]) func `A log that lost its last pages`(_ pages: Int) throws {
        try makeLog()
        #expect(truncate(file, try usedBytes() - pages * 4096) == 0)
        expectTruncated()
    }

    /// LMDB may have numbered so few pages without ever writing them, so the length alone does not tell.
    @Test(arguments: [1, 2, 5, 16]) func `A log that lost a few pages opens as damaged or whole`(_ pages: Int)
        throws
    {
        try makeLog()
        #expect(truncate(file, try usedBytes() - pages * 4096) == 0)
        do {
            let log = try TestLog.openAgain(path, TestPipeline.quiet, now: TestProducer.start)
            let found = try Reading(log.reader, .log())
            #expect(found.rows.count + found.missing.count == 40)
        } catch let error as StorageError {
            guard case .damaged = error.kind else { throw error }
            #expect(error.description.contains(path))
        }
    }

    // MARK: Rights

    /// Runs something as nobody, on a thread of its own: only a thread's rights on files are changed.
    private func asNobody(_ body: @escaping @Sendable () -> Void) throws {
        typealias Call = @convention(c) (UInt32) -> Int32
        guard geteuid() == 0 else { return body() }
        let change = try #require(dlsym(nil, "setfsuid").map { unsafeBitCast($0, to: Call.self) })
        let thread = try SystemThread(name: "nobody") {
            _ = change(65534)
            // Asked again, it says what it is now.
            if change(65534) == 65534 { body() }
        }
        thread.join()
    }

    private final class Found: @unchecked Sendable {
        // Safety: written by the one thread that is joined before this is read.
        var reading: StorageError?
        var writing: StorageError?
        var isAsked = false
    }

    private func errorsAsNobody(_ path: String) throws -> Found {
        let found = Found()
        try asNobody {
            found.isAsked = true
            do { _ = try LMDBReader.open(path) } catch { found.reading = error as? StorageError }
            do {
                _ = try LMDBLog.open(path, now: TestProducer.start)
            } catch {
                found.writing = error as? StorageError
            }
        }
        return found
    }

    @Test func `A log that this user may not read or write`() throws {
        try makeLog()
        chmod(path, 0o755)
        for name in try Directory.entries(path) { chmod("\(path)/\(name)", 0) }
        let found = try errorsAsNobody(path)
        chmod(file, 0o600)
        guard found.isAsked else { return }
        let sentence =
            "the files in \(path) may not be read or written by this user: run as their owner or change it"
        expect(found.reading, .noPermission, sentence)
        expect(found.writing, .noPermission, sentence)
        #expect(found.writing?.detail == "open \(path)/agenthub.lock: Permission denied")
    }

    @Test func `A log in a directory that may only be read`() throws {
        try makeLog()
        for name in try Directory.entries(path) { chmod("\(path)/\(name)", 0o444) }
        chmod(path, 0o555)
        let found = try errorsAsNobody(path)
        let fresh = try errorsAsNobody("\(path)/new")
        chmod(path, 0o700)
        guard found.isAsked else { return }
        #expect(found.reading == nil)
        expect(found.writing, .noPermission, "the files in \(path) may not be read or written by this user")
        expect(fresh.writing, .noPermission, "the files in \(path)/new may not be read or written")
        #expect(fresh.writing?.detail == "mkdir \(path)/new: Permission denied")
    }

    @Test func `What the system says is put in the log's terms`() {
        let kinds: [(Int32, StorageError.Kind, String)] = [
            (EROFS, .readOnly, "the log in /d can only be read: remount the file system for writing"),
            (ENOSPC, .diskFull, "no room on the disk that holds /d: free some"),
            (EDQUOT, .diskFull, "no room on the disk that holds /d: free some"),
            (EIO, .inputOutput, "the disk that holds /d reports errors: check it"),
            (EPERM, .noPermission, "the files in /d may not be read or written by this user"),
            (ENOTDIR, .notALog, "/d holds files that are not an AgentHub log"),
            (EMFILE, .other(EMFILE), "the log in /d failed with error \(EMFILE)"),
        ]
        for (code, kind, sentence) in kinds {
            let error = StorageError(SystemError(code: code, operation: "open /d/data.mdb"), path: "/d")
            expect(error, kind, sentence)
            #expect(error.description.hasSuffix("(open /d/data.mdb: \(SystemError.reason(of: code)))"))
        }
    }
}
