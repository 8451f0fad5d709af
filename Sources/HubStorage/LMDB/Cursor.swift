import CLMDB
import HubBytes

/// A place in a database that can be moved; key and value at the place are spans over LMDB's own memory.
@safe struct Cursor: ~Copyable, ~Escapable {
    private let handle: OpaquePointer
    private let environment: Environment
    private let state: State

    /// What LMDB said last; a class because moving a cursor changes nothing that callers own.
    @safe private final class State {
        // Safety: LMDB's pointers, read through the cursor alone, which lives as long as they are valid.
        var key = unsafe MDB_val()
        // Safety: as `key`.
        var value = unsafe MDB_val()
    }

    // Safety: the transaction must outlive the cursor; callers bind its lifetime to theirs.
    @_lifetime(immortal)
    init(_ transaction: OpaquePointer, _ environment: Environment, _ database: Database) throws(StorageError)
    {
        try unsafe self.init(transaction, environment, number: environment.number(of: database))
    }

    // Safety: as above; the number is an open database's.
    @_lifetime(immortal)
    init(_ transaction: OpaquePointer, _ environment: Environment, number: MDB_dbi) throws(StorageError) {
        var opened: OpaquePointer?
        try unsafe environment.check(mdb_cursor_open(transaction, number, &opened), during: "open cursor")
        guard let handle = unsafe opened else { preconditionFailure("success without a cursor") }
        unsafe self.handle = handle
        self.environment = environment
        state = State()
    }

    deinit {
        // Safety: the transaction is still open: it outlives the cursor.
        unsafe mdb_cursor_close(handle)
    }

    // Safety: LMDB fills key and value with pointers that live as long as the transaction does not write.
    private func move(_ operation: MDB_cursor_op) throws(StorageError) -> Bool {
        let code = unsafe mdb_cursor_get(handle, &state.key, &state.value, operation)
        if code == MDB_NOTFOUND { return false }
        try environment.check(code, during: "move cursor")
        return true
    }

    /// Goes to the first entry; false if there is none.
    func first() throws(StorageError) -> Bool { try move(MDB_FIRST) }

    /// Goes to the last entry; false if there is none.
    func last() throws(StorageError) -> Bool { try move(MDB_LAST) }

    /// Goes to the next entry; false at the end.
    func next() throws(StorageError) -> Bool { try step(MDB_NEXT, sign: 1) }

    /// Goes to the entry before; false at the beginning.
    func previous() throws(StorageError) -> Bool { try step(MDB_PREV, sign: -1) }

    /// Moves by one, and makes sure that the order of keys holds: in a damaged tree whose pages point at each
    /// other in a circle, a walk would never end.
    private func step(_ operation: MDB_cursor_op, sign: Int32) throws(StorageError) -> Bool {
        // Safety: what a key points to stays where it is while the transaction does not write, so the key of the
        // place before can still be read.
        var before = unsafe state.key
        guard try move(operation) else { return false }
        guard unsafe before.mv_data != nil else { return true }
        let order = unsafe mdb_cmp(mdb_cursor_txn(handle), mdb_cursor_dbi(handle), &state.key, &before)
        guard order.signum() == sign else {
            throw StorageError(.damaged(nil), path: environment.path, detail: "keys are out of order")
        }
        return true
    }

    /// Goes to the first entry at or behind a key; false if there is none.
    func seek(atOrAfter key: borrowing some LMDBKey & ~Escapable) throws(StorageError) -> Bool {
        // Safety: LMDB reads the key during the call and then points to its own copy.
        let code = unsafe key.withValue { wanted in
            unsafe state.key = wanted
            return unsafe mdb_cursor_get(handle, &state.key, &state.value, MDB_SET_RANGE)
        }
        if code == MDB_NOTFOUND { return false }
        try environment.check(code, during: "seek")
        return true
    }

    /// Goes to the last entry at or before a key; false if there is none.
    func seek(atOrBefore key: StoreKey) throws(StorageError) -> Bool {
        guard try seek(atOrAfter: key) else { return try last() }
        // Safety: both spans are compared while the cursor stands on them.
        let isExact = unsafe key.withValue { wanted in
            unsafe wanted.mv_size == state.key.mv_size
                && RawSpan(_unsafeStart: wanted.mv_data, byteCount: wanted.mv_size).equals(self.key)
        }
        return isExact ? true : try previous()
    }

    /// The key at the place.
    var key: RawSpan {
        @_lifetime(borrow self) borrowing get {
            // Safety: valid while the transaction does not write, which the cursor's own lifetime ensures.
            let span = unsafe RawSpan(_unsafeStart: state.key.mv_data, byteCount: state.key.mv_size)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The value at the place.
    var value: RawSpan {
        @_lifetime(borrow self) borrowing get {
            // Safety: as `key`.
            let span = unsafe RawSpan(_unsafeStart: state.value.mv_data, byteCount: state.value.mv_size)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
}
