import CLMDB
import HubSystem
import Synchronization

/// The databases of a log inside its one LMDB file.
enum Database: Int, CaseIterable {
    /// First offset → block.
    case log
    /// Session, first sequence number → run.
    case sessions
    /// Topic, agent or consumer, first offset → run.
    case topics
    /// Number → name.
    case names
    /// Kind, tenant, text → number.
    case nameIndex
    /// The router's checkpoint.
    case state
    /// One record about the log itself.
    case meta
    /// First offset of a block → how much of it retention has marked as dead.
    case space
    /// Session or topic → what retention has removed of it.
    case trims

    var name: String {
        switch self {
        case .nameIndex: "names_by_text"
        default: String(describing: self)
        }
    }
}

/// An open LMDB environment: shared by the writer and all readers, closed with the last of them.
@safe final class Environment {
    let path: String
    let isReadOnly: Bool
    /// Whether this process is not among the readers that the writer knows of, because it may not write the file
    /// where they are noted. A writer would then reuse pages that this process still reads.
    let isUnnoticed: Bool
    private let handle: OpaquePointer
    private let databases: [MDB_dbi]
    /// Whether others in this process may find it; set before it is handed out, never changed.
    private var identity: FileDescriptor.Identity?
    /// Read transactions that wait to be renewed: a renewal costs a fraction of a new one.
    private let idle = Mutex<[IdleTransaction]>([])

    /// The file that LMDB keeps in a directory.
    static let fileName = "data.mdb"
    private static let pooledTransactions = 16
    private static let readersMax: UInt32 = 512

    /// Opens the environment in a directory, which must exist. `unnoticed` reads without LMDB's lock file, where
    /// it is known that nobody writes.
    init(
        path: String, mapBytes: Int, readOnly: Bool, creating: Bool, unnoticed: Bool = false
    ) throws(StorageError) {
        // Safety: the handle is made by `make` and closed in deinit, or below if opening fails.
        do throws(StorageError) {
            unsafe handle = try Self.make(
                path: path, mapBytes: mapBytes, readOnly: readOnly, unnoticed: unnoticed)
            isUnnoticed = unnoticed
        } catch {
            // On a read-only file system LMDB does without its lock file by itself; where only this user may not
            // write it, it has to be told to.
            guard readOnly, error.kind == .noPermission || error.kind == .readOnly else { throw error }
            unsafe handle = try Self.make(path: path, mapBytes: mapBytes, readOnly: readOnly, unnoticed: true)
            isUnnoticed = true
        }
        do throws(StorageError) {
            databases = try unsafe Self.openDatabases(handle, path: path, creating: creating && !readOnly)
        } catch {
            unsafe mdb_env_close(handle)
            throw error
        }
        self.path = path
        isReadOnly = readOnly
    }

    /// The environment of a log's directory: the one that this process has open already, or a new one.
    ///
    /// LMDB must not open a file twice in a process: closing either of the two would drop the locks by which other
    /// processes know that its readers are alive, and their pages would be written over.
    static func open(path: String, mapBytes: Int, readOnly: Bool) throws(StorageError) -> Environment {
        let identity = try StorageError.wrapping(path: path) { () throws(SystemError) in
            try FileDescriptor.open("\(path)/\(fileName)", .read).identity()
        }
        while true {
            if let environment = try open(identity, path, mapBytes, readOnly) { return environment }
            // The last one to use it is closing it at this moment.
            SystemClock.sleep(milliseconds: 1)
        }
    }

    /// The environment of a file, or nil while it is being closed.
    private static func open(
        _ identity: FileDescriptor.Identity, _ path: String, _ mapBytes: Int, _ readOnly: Bool
    ) throws(StorageError) -> Environment? {
        // Kept until the lock is given back: closing needs the lock as well.
        var found: Environment?
        let outcome = OpenEnvironments.known.withLock { known -> Result<Environment?, StorageError> in
            if let entry = known[identity] {
                found = entry.environment
                if found == nil { return .success(nil) }
            }
            if let found {
                if readOnly || !found.isReadOnly { return .success(found) }
                return .failure(StorageError(.locked, path: path, detail: "this very process is reading it"))
            }
            do throws(StorageError) {
                let made = try Environment(
                    path: path, mapBytes: mapBytes, readOnly: readOnly, creating: false)
                if !made.isUnnoticed {
                    known[identity] = OpenEnvironments.Entry(environment: made)
                    made.identity = identity
                }
                return .success(made)
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let environment): return environment
        case .failure(let error): throw error
        }
    }

    // Safety: a handle that could not be opened is closed and not returned.
    private static func make(
        path: String, mapBytes: Int, readOnly: Bool, unnoticed: Bool
    ) throws(StorageError) -> OpaquePointer {
        var created: OpaquePointer?
        try unsafe LMDBError.check(mdb_env_create(&created), path: path, during: "create environment")
        guard let handle = unsafe created else {
            preconditionFailure("LMDB reported success without a handle")
        }
        let flags =
            UInt32(MDB_NOTLS) | (readOnly ? UInt32(MDB_RDONLY) : 0) | (unnoticed ? UInt32(MDB_NOLOCK) : 0)
        do throws(StorageError) {
            try unsafe configure(handle, path: path, mapBytes: mapBytes, flags: flags)
        } catch {
            unsafe mdb_env_close(handle)
            throw error
        }
        return unsafe handle
    }

    deinit {
        // Safety: every transaction holds a reference to its environment, so none is open now but idle ones.
        idle.withLock { idle in
            for transaction in idle { unsafe mdb_txn_abort(transaction.handle) }
        }
        // Nobody may open the file again before it is closed.
        if let identity {
            OpenEnvironments.known.withLock { known in
                unsafe mdb_env_close(handle)
                known[identity] = nil
            }
        } else {
            unsafe mdb_env_close(handle)
        }
    }

    // Safety: called while `handle` is fresh and nobody else has it.
    private static func configure(
        _ handle: OpaquePointer, path: String, mapBytes: Int, flags: UInt32
    ) throws(StorageError) {
        try unsafe LMDBError.check(
            mdb_env_set_mapsize(handle, mapBytes), path: path, during: "set the largest size")
        try unsafe LMDBError.check(
            mdb_env_set_maxdbs(handle, UInt32(Database.allCases.count)), path: path, during: "set databases")
        try unsafe LMDBError.check(
            mdb_env_set_maxreaders(handle, readersMax), path: path, during: "set readers")
        // Read transactions move between threads with their pages, hence no thread-local slots.
        try unsafe LMDBError.check(mdb_env_open(handle, path, flags, 0o600), path: path, during: "open")
        // LMDB leaves its data file open across exec, and children must not keep a log's file.
        var descriptor: Int32 = -1
        if unsafe mdb_env_get_fd(handle, &descriptor) == MDB_SUCCESS {
            FileDescriptor.closeOnExec(descriptor)
        }
        // Readers that died with their process would pin old pages for ever.
        var dead: Int32 = 0
        try unsafe LMDBError.check(mdb_reader_check(handle, &dead), path: path, during: "clear dead readers")
    }

    // Safety: the transaction is ended on every path; database numbers stay valid with the environment.
    private static func openDatabases(
        _ handle: OpaquePointer, path: String, creating: Bool
    ) throws(StorageError) -> [MDB_dbi] {
        var started: OpaquePointer?
        let flags = creating ? 0 : UInt32(MDB_RDONLY)
        try unsafe LMDBError.check(
            mdb_txn_begin(handle, nil, flags, &started), path: path, during: "begin the opening transaction")
        guard let transaction = unsafe started else { preconditionFailure("success without a transaction") }
        var numbers: [MDB_dbi] = []
        for database in Database.allCases {
            var number: MDB_dbi = 0
            let code = unsafe mdb_dbi_open(
                transaction, database.name, creating ? UInt32(MDB_CREATE) : 0, &number)
            if code != MDB_SUCCESS {
                unsafe mdb_txn_abort(transaction)
                if code == MDB_NOTFOUND {
                    throw StorageError(.notALog, path: path, detail: "no database \(database.name)")
                }
                throw LMDBError.error(code, path: path, during: "open database \(database.name)")
            }
            numbers.append(number)
        }
        try unsafe LMDBError.check(
            mdb_txn_commit(transaction), path: path, during: "commit the opening transaction")
        return numbers
    }

    func number(of database: Database) -> MDB_dbi { databases[database.rawValue] }

    /// Throws unless LMDB's code says success.
    func check(_ code: Int32, during operation: String) throws(StorageError) {
        try LMDBError.check(code, path: path, during: operation)
    }

    /// A snapshot of everything committed, for any thread.
    func read() throws(StorageError) -> Snapshot {
        // Safety: a handle taken from the pool is nobody else's; a failed renewal is aborted.
        if let pooled = idle.withLock({ $0.popLast() }) {
            let code = unsafe mdb_txn_renew(pooled.handle)
            if code == MDB_SUCCESS { return unsafe Snapshot(self, pooled.handle) }
            unsafe mdb_txn_abort(pooled.handle)
        }
        var started: OpaquePointer?
        try unsafe check(mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &started), during: "begin reading")
        guard let transaction = unsafe started else { preconditionFailure("success without a transaction") }
        return unsafe Snapshot(self, transaction)
    }

    /// Ends a read transaction, keeping it for the next reader if there are few.
    // Safety: the caller gives the handle up.
    func finish(_ transaction: OpaquePointer) {
        unsafe mdb_txn_reset(transaction)
        let finished = unsafe IdleTransaction(handle: transaction)
        let isKept = idle.withLock { idle in
            guard idle.count < Self.pooledTransactions else { return false }
            idle.append(finished)
            return true
        }
        if !isKept { unsafe mdb_txn_abort(transaction) }
    }

    /// The one write transaction; only one thread may ever ask.
    func write() throws(StorageError) -> WriteTransaction {
        var started: OpaquePointer?
        // Safety: the transaction's handle goes to its one owner.
        try unsafe check(mdb_txn_begin(handle, nil, 0, &started), during: "begin writing")
        guard let transaction = unsafe started else { preconditionFailure("success without a transaction") }
        return unsafe WriteTransaction(self, transaction)
    }

    /// Size of a page, the last page in use, and the number of read transactions open.
    struct Facts {
        let pageBytes: Int
        let lastPage: Int
        let mapBytes: Int
        let readers: Int
    }

    var facts: Facts {
        var info = unsafe MDB_envinfo()
        var stat = MDB_stat()
        // Safety: both are live locals, and the environment is open.
        unsafe mdb_env_info(handle, &info)
        unsafe mdb_env_stat(handle, &stat)
        return unsafe Facts(
            pageBytes: Int(stat.ms_psize), lastPage: info.me_last_pgno, mapBytes: info.me_mapsize,
            readers: Int(info.me_numreaders))
    }

    /// How many read transactions are open in all processes, this one's own included; nil where they are not
    /// noted.
    func activeReaders() -> Int? {
        if isUnnoticed { return nil }
        var lines = ReaderLines()
        // Safety: the callback only touches `lines`, which outlives the call.
        _ = unsafe withUnsafeMutablePointer(to: &lines) { lines in
            unsafe mdb_reader_list(
                handle,
                { line, context in
                    guard let line = unsafe line, let context = unsafe context else { return 0 }
                    let lines = unsafe context.assumingMemoryBound(to: ReaderLines.self)
                    unsafe lines.pointee.add(String(cString: line))
                    return 0
                }, lines)
        }
        return lines.active
    }

    /// LMDB's list of readers: a heading, then process, thread and transaction of each; a dash for none.
    private struct ReaderLines {
        var active = 0

        mutating func add(_ line: String) {
            let columns = line.split(whereSeparator: \.isWhitespace)
            if columns.count == 3, Int(columns[0]) != nil, columns[2] != "-" { active += 1 }
        }
    }

    /// Writes a consistent copy of the whole environment to a descriptor while others read and write.
    func copy(to descriptor: Int32, compacting: Bool) throws(StorageError) {
        // Safety: the descriptor is open during the call.
        try unsafe check(
            mdb_env_copyfd2(handle, descriptor, compacting ? UInt32(MDB_CP_COMPACT) : 0),
            during: "copy")
    }
}

/// The environments that this process has open.
private enum OpenEnvironments {
    struct Entry {
        weak var environment: Environment?
    }

    static let known = Mutex<[FileDescriptor.Identity: Entry]>([:])
}

/// A transaction that is reset and waits for a renewal.
@safe private struct IdleTransaction {
    let handle: OpaquePointer
}

// Safety: an LMDB environment may be used by many threads at once; the pool is behind a mutex, the rest constant.
extension Environment: @unchecked Sendable {}
// Safety: a reset read transaction is bound to no thread under MDB_NOTLS.
extension IdleTransaction: @unchecked Sendable {}
