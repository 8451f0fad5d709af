import HubBytes
import HubModel
import HubSystem

/// The log's file as the file system sees it: extended ahead of LMDB's writes, so that commits seldom wait for
/// the file system and a full disk is met before a transaction begins rather than inside it.
struct LogFile: ~Copyable {
    private let file: FileDescriptor
    private let path: String
    private let growthBytes: Int
    private let sizeBytesMax: Int
    /// Known after the first look.
    private var size = 0
    /// Whether the last attempt to extend found no room, so that freed pages are counted before the next.
    private(set) var isTight = false

    /// Kept free at the end for transactions that give space back: even they need a few pages.
    static let reserveBytes = 4 << 20
    /// Pages that LMDB may number without ever writing them; more missing means that the file was cut.
    private static let unwrittenPagesMax = 16

    init(directory: String, options: LogOptions) throws(StorageError) {
        path = directory
        growthBytes = max(options.growthBytes, 1 << 20)
        sizeBytesMax = options.sizeBytesMax
        file = try StorageError.wrapping(path: directory) { () throws(SystemError) in
            try FileDescriptor.open("\(directory)/\(Environment.fileName)", .readWrite)
        }
    }

    /// Throws if the file has not even the pages that every file of LMDB begins with: LMDB would take an empty
    /// one for new.
    static func checkBeginning(_ path: String) throws(StorageError) {
        let size = try StorageError.wrapping(path: path) { () throws(SystemError) in
            try FileDescriptor.open("\(path)/\(Environment.fileName)", .read).size()
        }
        guard size < firstPagesBytes else { return }
        throw StorageError(.truncated, path: path, detail: "the file has \(size) bytes")
    }

    private static let firstPagesBytes = 8192

    /// Throws if the file ends before the last page that LMDB says is in use.
    static func checkLength(_ environment: Environment) throws(StorageError) {
        let facts = environment.facts
        let needed = (facts.lastPage + 1 - unwrittenPagesMax) * facts.pageBytes
        let size = try StorageError.wrapping(path: environment.path) { () throws(SystemError) in
            try FileDescriptor.open("\(environment.path)/\(Environment.fileName)", .read).size()
        }
        guard size < needed else { return }
        throw StorageError(
            .truncated, path: environment.path, detail: "\(size) bytes of at least \(needed)")
    }

    /// Has the file reach to the last page in use. Where a few of the last are missing, they were never written or
    /// they were lost: reading zeros finds out, reading mapped memory behind the end of a file ends the process.
    static func coverPages(_ environment: Environment) throws(StorageError) {
        let facts = environment.facts
        let needed = (facts.lastPage + 1) * facts.pageBytes
        try StorageError.wrapping(path: environment.path) { () throws(SystemError) in
            let file = try FileDescriptor.open("\(environment.path)/\(Environment.fileName)", .readWrite)
            guard try file.size() < needed else { return }
            var zero = ByteBuffer(capacity: 8)
            zero.append(UInt8(0))
            try file.write(zero.bytes, at: needed - 1)
        }
    }

    /// Makes room for a transaction that writes about `bytes`, or throws because there is none.
    mutating func prepare(_ bytes: Int, _ environment: Environment) throws(StorageError) {
        if size == 0 { try measure() }
        let facts = environment.facts
        let needed = (facts.lastPage + 1) * facts.pageBytes + bytes + Self.reserveBytes
        guard needed > size || isTight else { return }
        guard needed <= sizeBytesMax else {
            return try reuse(bytes, environment, StorageError(.sizeLimit, path: path))
        }
        do throws(SystemError) {
            try extend(to: needed)
            isTight = false
        } catch {
            let failure = StorageError(error, path: path)
            guard failure.kind == .diskFull else { throw failure }
            try reuse(bytes, environment, failure)
        }
    }

    private mutating func measure() throws(StorageError) {
        do throws(SystemError) { size = try file.size() } catch { throw StorageError(error, path: path) }
    }

    private mutating func extend(to needed: Int) throws(SystemError) {
        guard needed > size else { return }
        let wanted = (needed + growthBytes - 1) / growthBytes * growthBytes
        do throws(SystemError) {
            try file.allocate(from: size, length: min(wanted, max(sizeBytesMax, needed)) - size)
        } catch {
            if error.code == SystemError.notSupported { return }
            // Perhaps there is room for what is needed now, if not for more ahead.
            guard error.code == SystemError.noSpace else { throw error }
            try file.allocate(from: size, length: needed - size)
        }
        size = try file.size()
    }

    /// Without room at the end, the transaction may go on if pages that were given back are enough for it.
    private mutating func reuse(
        _ bytes: Int, _ environment: Environment, _ failure: StorageError
    ) throws(StorageError) {
        isTight = true
        let free = try environment.read().freePages() * environment.facts.pageBytes
        guard free >= 2 * bytes + Self.reserveBytes / 4 else { throw failure }
    }
}
