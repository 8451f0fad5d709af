import CLMDB
import HubBytes

/// Everything committed up to a moment. While it lives LMDB keeps the pages that it may look at, so nobody
/// should hold one for long.
@safe final class Snapshot {
    let environment: Environment
    fileprivate let handle: OpaquePointer

    // Safety: the handle is an active read transaction that this object now owns.
    init(_ environment: Environment, _ handle: OpaquePointer) {
        self.environment = environment
        unsafe self.handle = handle
    }

    deinit { unsafe environment.finish(handle) }  // Safety: no cursor or view outlives the snapshot.

    /// The value of a key, or nil.
    @_lifetime(borrow self)
    func value(
        _ database: Database, _ key: borrowing some LMDBKey & ~Escapable
    ) throws(StorageError) -> RawSpan? {
        // Safety: what a read transaction returns is mapped and unchanged until the transaction ends.
        let span = try unsafe Lookup.value(handle, environment, database, key)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// Entries in a database.
    func count(_ database: Database) throws(StorageError) -> Int {
        try unsafe Lookup.statistics(handle, environment, database).entries  // Safety: the handle is active.
    }

    /// Pages that a database occupies.
    func pages(_ database: Database) throws(StorageError) -> Int {
        try unsafe Lookup.statistics(handle, environment, database).pages  // Safety: the handle is active.
    }

    /// A cursor that walks through a database.
    @_lifetime(borrow self)
    func cursor(_ database: Database) throws(StorageError) -> Cursor {
        // Safety: the cursor cannot outlive the snapshot.
        let cursor = try unsafe Cursor(handle, environment, database)
        return unsafe _overrideLifetime(cursor, borrowing: self)
    }

    /// Pages that LMDB has free for reuse.
    func freePages() throws(StorageError) -> Int {
        // Safety: database 0 is LMDB's list of free pages; each value begins with its number of pages.
        let cursor = try unsafe Cursor(handle, environment, number: 0)
        var pages = 0
        var more = try cursor.first()
        while more {
            if cursor.value.byteCount >= 8 { pages += Int(clamping: cursor.value.load(0, as: UInt32.self)) }
            more = try cursor.next()
        }
        return pages
    }
}

// Safety: under MDB_NOTLS a read transaction may move between threads and be read by several, since only `deinit`
// changes it.
extension Snapshot: @unchecked Sendable {}

/// The one transaction that writes; undone unless committed.
@safe struct WriteTransaction: ~Copyable {
    let environment: Environment
    private var handle: OpaquePointer?

    // Safety: the handle is an active write transaction that this value now owns.
    init(_ environment: Environment, _ handle: OpaquePointer) {
        self.environment = environment
        unsafe self.handle = handle
    }

    deinit {
        // Safety: `commit` takes the handle away, so this ends only what was not committed.
        if let handle = unsafe handle { unsafe mdb_txn_abort(handle) }
    }

    private var active: OpaquePointer {
        // Safety: only `commit`, which consumes the transaction, clears the handle.
        guard let handle = unsafe handle else { preconditionFailure("the transaction has ended") }
        return unsafe handle
    }

    /// Makes all changes permanent: on disk when this returns.
    consuming func commit() throws(StorageError) {
        // Safety: LMDB frees the transaction whatever the outcome.
        let active = unsafe active
        unsafe handle = nil
        try unsafe environment.check(mdb_txn_commit(active), during: "commit")
    }

    /// Sets the value of a key. `appending` promises a key behind all others, which fills pages to the brim.
    mutating func put(
        _ database: Database, _ key: borrowing some LMDBKey & ~Escapable, _ value: RawSpan,
        appending: Bool = false
    ) throws(StorageError) {
        let flags = appending ? UInt32(MDB_APPEND) : 0
        // Safety: LMDB copies both during the call.
        let code = unsafe key.withValue { key in
            unsafe value.withValue { value in
                unsafe mdb_put(active, environment.number(of: database), &key, &value, flags)
            }
        }
        try environment.check(code, during: "put into \(database.name)")
    }

    /// Removes a key; false if it is not there.
    @discardableResult
    mutating func remove(
        _ database: Database, _ key: borrowing some LMDBKey & ~Escapable
    ) throws(StorageError) -> Bool {
        // Safety: LMDB only reads the key.
        let code = unsafe key.withValue { unsafe mdb_del(active, environment.number(of: database), &$0, nil) }
        if code == MDB_NOTFOUND { return false }
        try environment.check(code, during: "remove from \(database.name)")
        return true
    }

    /// The value of a key as this transaction sees it; valid until it next writes.
    @_lifetime(borrow self)
    func value(_ database: Database, _ key: StoreKey) throws(StorageError) -> RawSpan? {
        // Safety: writing needs exclusive access to the transaction, which ends this borrow.
        let span = try unsafe Lookup.value(active, environment, database, key)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// A cursor over what this transaction sees; valid until it next writes.
    @_lifetime(borrow self)
    func cursor(_ database: Database) throws(StorageError) -> Cursor {
        // Safety: writing needs exclusive access to the transaction, which ends this borrow.
        let cursor = try unsafe Cursor(active, environment, database)
        return unsafe _overrideLifetime(cursor, borrowing: self)
    }
}

/// Look-ups that both kinds of transaction share. The handle given must be an active transaction's, and what
/// comes back must not outlive it.
private enum Lookup {
    // Safety: see the type.
    @_lifetime(immortal)
    static func value(
        _ handle: OpaquePointer, _ environment: Environment, _ database: Database,
        _ key: borrowing some LMDBKey & ~Escapable
    ) throws(StorageError) -> RawSpan? {
        var found = unsafe MDB_val()
        let code = unsafe key.withValue {
            unsafe mdb_get(handle, environment.number(of: database), &$0, &found)
        }
        return try unsafe span(found, code, environment, database)
    }

    // Safety: LMDB gave pointer and size together.
    @_lifetime(immortal)
    private static func span(
        _ value: MDB_val, _ code: Int32, _ environment: Environment, _ database: Database
    ) throws(StorageError) -> RawSpan? {
        if code == MDB_NOTFOUND { return nil }
        try environment.check(code, during: "get from \(database.name)")
        guard let start = unsafe value.mv_data else { return nil }
        let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start), byteCount: value.mv_size)
        return unsafe _overrideLifetime(span, copying: ())
    }

    // Safety: see the type.
    static func statistics(
        _ handle: OpaquePointer, _ environment: Environment, _ database: Database
    ) throws(StorageError) -> (entries: Int, pages: Int) {
        var stat = MDB_stat()
        try unsafe environment.check(
            mdb_stat(handle, environment.number(of: database), &stat), during: "count \(database.name)")
        return (stat.ms_entries, stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages)
    }
}
