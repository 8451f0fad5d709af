import HubBytes
import HubModel
package import HubProtocols
import Synchronization

/// The book in use. It is replaced as a whole, from any thread; whoever authenticates holds the one that he began with.
///
/// Publishing and subscribing do not come here: an identity carries its rights. The generation says that connections
/// must be looked at again, and costs an atomic load to ask.
package final class AccessSlot: Sendable {
    private let book: Mutex<AccessBook>
    private let number: Atomic<UInt64>
    private let pool: RightsPool

    /// A slot with a first book.
    package init(_ book: AccessBook = .empty, pool: RightsPool = RightsPool()) {
        self.book = Mutex(book)
        number = Atomic(book.generation)
        self.pool = pool
    }

    /// The book in use.
    package var current: AccessBook { book.withLock { $0 } }

    /// Which book is in use: another number with every replacement.
    package var generation: UInt64 { number.load(ordering: .acquiring) }

    /// Reads the file anew, as on SIGHUP. If anything is wrong with it, the book in use stays, and the error says what.
    package func reload(_ file: AccessFile) throws(AccessError) {
        replace(with: try Self.book(file, pool))
    }

    /// Another book, made of a document.
    package func replace(
        with document: AccessDocument, readKeys: (String) throws(AccessError) -> JSONValue
    ) throws(AccessError) {
        replace(with: try AccessBook(document, pool: pool, readKeys: readKeys))
    }

    /// The number changes behind the book: whoever sees the new number finds the new book.
    private func replace(with newer: AccessBook) {
        book.withLock { book in
            book = newer
            number.store(newer.generation, ordering: .releasing)
        }
    }

    private static func book(_ file: AccessFile, _ pool: RightsPool) throws(AccessError) -> AccessBook {
        try AccessBook(try file.load(), pool: pool) { (path) throws(AccessError) in
            try KeySetFile.read(file.resolve(path))
        }
    }
}

/// Files with JSON web key sets.
package enum KeySetFile {
    /// What is in one. It may hold secrets, so nobody else may read it.
    package static func read(_ path: String) throws(AccessError) -> JSONValue {
        let bytes = try SecretFile.read(path)
        do throws(JSONTextError) {
            return try bytes.withBytes { (bytes) throws(JSONTextError) in try JSONReader.value(bytes) }
        } catch {
            throw AccessError(.content, "\(path): \(error.description)")
        }
    }
}
