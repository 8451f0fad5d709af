import CLMDB
import HubSystem

/// LMDB's answers in the log's terms: the one place that knows its error numbers.
enum LMDBError {
    static func error(_ code: Int32, path: String, during operation: String) -> StorageError {
        // Safety: LMDB's messages are static or strerror's, copied at once.
        let reason = unsafe mdb_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return StorageError(kind(code), path: path, detail: "\(operation): \(reason)")
    }

    private static func kind(_ code: Int32) -> StorageError.Kind {
        switch code {
        case MDB_MAP_FULL: .sizeLimit
        case MDB_READERS_FULL: .tooManyReaders
        case MDB_INVALID, MDB_VERSION_MISMATCH: .notALog
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_CURSOR_FULL, MDB_INCOMPATIBLE: .damaged(nil)
        // LMDB could not write the page that names the newest transaction, and trusts nothing since.
        case MDB_PANIC: .syncFailed
        default: StorageError.kind(ofSystemCode: code)
        }
    }

    /// Throws unless the code says success.
    static func check(_ code: Int32, path: String, during operation: String) throws(StorageError) {
        if code != MDB_SUCCESS { throw error(code, path: path, during: operation) }
    }
}
