import FaultTrace
import Foundation
import Testing

/// That the parts make sense of the store they are for: LMDB itself, called from Python.
@Suite(.enabled(if: PreloadedPython.canCallLMDB, "needs python3 with ctypes and liblmdb"))
struct LMDBCrashTests {
    private static let setup = """
        import ctypes
        from ctypes import byref, c_char_p, c_size_t, c_uint, c_void_p
        lmdb = ctypes.CDLL("liblmdb.so.0")
        lmdb.mdb_env_set_mapsize.argtypes = [c_void_p, c_size_t]
        lmdb.mdb_env_open.argtypes = [c_void_p, c_char_p, c_uint, c_uint]
        lmdb.mdb_env_close.argtypes = [c_void_p]
        lmdb.mdb_get.argtypes = [c_void_p, c_uint, c_void_p, c_void_p]
        lmdb.mdb_txn_abort.argtypes = [c_void_p]
        lmdb.mdb_txn_begin.argtypes = [c_void_p, c_void_p, c_uint, c_void_p]
        lmdb.mdb_txn_commit.argtypes = [c_void_p]
        lmdb.mdb_dbi_open.argtypes = [c_void_p, c_char_p, c_uint, c_void_p]
        lmdb.mdb_put.argtypes = [c_void_p, c_uint, c_void_p, c_void_p, c_uint]
        class Value(ctypes.Structure): _fields_ = [("size", c_size_t), ("data", c_char_p)]
        class Found(ctypes.Structure): _fields_ = [("size", c_size_t), ("data", c_void_p)]
        def opened(folder):
            env = c_void_p()
            lmdb.mdb_env_create(byref(env))
            lmdb.mdb_env_set_mapsize(env, 1 << 24)
            return env, lmdb.mdb_env_open(env, folder.encode(), 0, 0o600)
        def commit(env, number, size):
            txn, table = c_void_p(), c_uint()
            key, value = Value(8, b"%08d" % number), Value(size, bytes([65 + number]) * size)
            return (lmdb.mdb_txn_begin(env, None, 0, byref(txn))
                or lmdb.mdb_dbi_open(txn, None, 0, byref(table))
                or lmdb.mdb_put(txn, table, byref(key), byref(value), 0) or lmdb.mdb_txn_commit(txn))
        def entries(folder):
            env, failed = opened(folder)
            txn, table, found, intact = c_void_p(), c_uint(), Found(), 0
            failed = failed or lmdb.mdb_txn_begin(env, None, 0x20000, byref(txn))
            failed = failed or lmdb.mdb_dbi_open(txn, None, 0, byref(table))
            for number in range(1, 7):
                key = Value(8, b"%08d" % number)
                if failed or lmdb.mdb_get(txn, table, byref(key), byref(found)): break
                intact += ctypes.string_at(found.data, found.size) == bytes([65 + number]) * number * 2500
            if not failed: lmdb.mdb_txn_abort(txn)
            lmdb.mdb_env_close(env)
            return failed or intact
        """

    /// Six commits, each marked once it was reported, and a process to look at files with.
    private func sixCommits() throws -> (PreloadedPython, Trace) {
        let python = try PreloadedPython(setup: Self.setup)
        #expect(python.run("os.close(fd)") == "None")
        #expect(python.run("[env := opened('.')[0]] is None") == "False")
        for number in 1...6 {
            #expect(python.run("commit(env, \(number), \(number * 2500))") == "0")
            #expect(python.run("ctypes.CDLL(None).fault_mark(\(number)) is None") == "False")
        }
        return (python, try python.trace())
    }

    /// How many entries LMDB finds intact after a crash; negative if it refuses the file, nil if it dies.
    private func entryCount(_ crash: CrashPoints.Variant, _ python: PreloadedPython) throws -> Int? {
        let folder = try TemporaryFolder()
        try crash.image.write(to: folder.file("data.mdb"))
        return python.run("entries('\(folder.path)')").flatMap { Int($0) }
    }

    @Test func `every state a crash can leave opens with all that was reported committed`() throws {
        let (python, trace) = try sixCommits()
        #expect(trace.marks == [1, 2, 3, 4, 5, 6])
        #expect(!trace.hasWritableMapping)
        for crash in CrashPoints(trace, count: 200, seed: 11) {
            let found = try #require(try entryCount(crash, python), "\(crash.description)")
            // Before the first commit LMDB has not synced even the pages it made the file with.
            if crash.markCount == 0, found < 0 { continue }
            #expect((crash.markCount...crash.markCount + 1).contains(found), "\(crash.description)")
        }
        try python.finish()
    }

    @Test func `without its syncs the same trace leaves states that lost something`() throws {
        let (python, trace) = try sixCommits()
        let unsynced = Trace(operations: trace.operations.filter { $0 != .sync })
        var losses = 0
        for crash in CrashPoints(unsynced, count: 30, seed: 11) where crash.markCount > 0 {
            // What LMDB makes of such a file may be the end of the process.
            let other = try PreloadedPython(setup: Self.setup)
            if try entryCount(crash, other) ?? 0 < crash.markCount { losses += 1 }
            try other.finish()
        }
        #expect(losses > 0)
        try python.finish()
    }

    @Test func `a commit is pages, a sync, and a durable write of one sector`() throws {
        let python = try PreloadedPython(setup: Self.setup)
        #expect(python.run("[env := opened('.')[0]] is None") == "False")
        #expect(python.run("commit(env, 1, 100)") == "0")
        try python.finish()
        let last = try python.trace().operations.suffix(3)
        try #require(last.count == 3)
        guard case .write(_, _, isDurable: false) = last[last.startIndex] else {
            Issue.record("no pages first: \(last)")
            return
        }
        #expect(last[last.startIndex + 1] == .sync)
        guard case .write(let offset, let bytes, isDurable: true) = last[last.startIndex + 2] else {
            Issue.record("no durable write last: \(last)")
            return
        }
        #expect(offset / 512 == (offset + bytes.count - 1) / 512)
    }
}

extension PreloadedPython {
    /// Whether the interpreter can load LMDB, which the package needs anyway.
    static var canCallLMDB: Bool {
        guard let interpreter else { return false }
        let attempt = Process()
        attempt.executableURL = URL(fileURLWithPath: interpreter)
        attempt.arguments = ["-c", "import ctypes; ctypes.CDLL('liblmdb.so.0')"]
        attempt.standardError = FileHandle.nullDevice
        guard (try? attempt.run()) != nil else { return false }
        attempt.waitUntilExit()
        return attempt.terminationStatus == 0
    }
}
