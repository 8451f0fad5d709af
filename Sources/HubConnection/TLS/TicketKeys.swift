import COpenSSL
import HubSystem
import Synchronization

/// The keys that a server seals resumption tickets with. A client hands its ticket back, so the server remembers
/// nothing; who has the key, however, can read what was resumed. Hence keys live in memory alone, and go.
///
/// A key seals for half of a ticket's life and opens for as long again, so two of them are alive at a time.
final class TicketKeys: Sendable {
    /// A key with the name by which tickets ask for it.
    struct Key: Sendable {
        let name: [UInt8]
        let cipher: [UInt8]
        let mac: [UInt8]
        let madeAt: UInt64

        init(now: UInt64) {
            name = RandomBytes.make(16)
            cipher = RandomBytes.make(32)
            mac = RandomBytes.make(32)
            madeAt = now
        }
    }

    private let lifetime: UInt64
    private let clock: @Sendable () -> UInt64
    /// Newest first.
    private let keys: Mutex<[Key]>

    /// Keys for tickets of a lifetime. The clock counts nanoseconds and never goes back.
    init(lifetimeSeconds: Int, clock: @escaping @Sendable () -> UInt64 = SystemClock.monotonicNanoseconds) {
        lifetime = UInt64(max(lifetimeSeconds, 1)) * 1_000_000_000
        self.clock = clock
        keys = Mutex([Key(now: clock())])
    }

    /// What OpenSSL is told of a ticket that it seals or opens.
    enum Answer: Int32 {
        case failed = -1
        /// Nobody has a key for it: a full handshake follows.
        case unknown = 0
        case good = 1
        /// Good, and the client shall get a new one.
        case renew = 2
    }

    /// Puts the newest key into OpenSSL's contexts, and its name and a fresh vector into the ticket.
    // Safety: the pointers are OpenSSL's and last for the call: 16 bytes for each of name and vector.
    func seal(
        name: UnsafeMutablePointer<UInt8>, vector: UnsafeMutablePointer<UInt8>, cipher: OpaquePointer,
        mac: OpaquePointer
    ) -> Answer {
        let key = newest()
        let fresh = RandomBytes.make(16)
        for index in 0..<16 {
            unsafe name[index] = key.name[index]
            unsafe vector[index] = fresh[index]
        }
        return unsafe copenssl_ticket_keys(cipher, mac, key.cipher, key.mac, vector, 1) == 1 ? .good : .failed
    }

    /// Puts the key of this name into OpenSSL's contexts, if there still is one.
    // Safety: as above.
    func open(
        name: UnsafePointer<UInt8>, vector: UnsafePointer<UInt8>, cipher: OpaquePointer, mac: OpaquePointer
    ) -> Answer {
        guard let found = key(named: unsafe [UInt8](UnsafeBufferPointer(start: name, count: 16))) else {
            return .unknown
        }
        // A client that comes back gets a ticket of the newest key, whatever sealed the one that it had.
        return unsafe copenssl_ticket_keys(cipher, mac, found.cipher, found.mac, vector, 0) == 1
            ? .renew : .failed
    }

    /// The key of this name, if there still is one.
    func key(named name: [UInt8]) -> Key? {
        let now = clock()
        return keys.withLock { keys in keys.first { $0.name == name && now - $0.madeAt < lifetime } }
    }

    /// The newest key, made now if the last one has sealed for long enough.
    func newest() -> Key {
        let now = clock()
        return keys.withLock { keys in
            if now - keys[0].madeAt >= lifetime / 2 {
                keys.insert(Key(now: now), at: 0)
                keys.removeAll { now - $0.madeAt >= lifetime }
            }
            return keys[0]
        }
    }

    /// Keys alive.
    var count: Int { keys.withLock { $0.count } }
}
