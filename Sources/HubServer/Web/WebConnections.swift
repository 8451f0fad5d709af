import HubBytes
package import HubConnection
import HubProtocols
import HubSystem

/// The web connections of one loop: what an application acts through.
///
/// It knows requests, answers and WebSockets; the loop below moves their bytes. Functions that send need both.
package struct WebConnections: ~Copyable {
    /// Bounds, times and manners.
    package let settings: WebSettings
    /// What happened, for metrics.
    package let counters: WebCounters

    var table = ConnectionTable<WebConnection>()
    var dues = DueTable()
    var calls = WebCallPool()
    /// The WebSocket whose input is being read: what is sent on it is put together in `output`.
    var current: ConnectionID?
    /// What `current` is in the table: an echo asks for it with each message, and the table, generic and of another
    /// module, takes several hundred instructions to say.
    var currentSide: SocketSide?
    var output = ByteBuffer(capacity: 0)
    var scratch = ByteBuffer(capacity: 0)
    /// A buffer for whatever needs one for a moment.
    private var spare: ByteBuffer?
    /// Connections end with their answers.
    var isDraining = false
    /// Content that is being collected on all connections.
    var contentBytes = 0
    /// Messages in pieces that are being put together on all WebSockets.
    var messageBytes = 0
    private var date = HTTPDate(secondsSince1970: 0)
    private var dateUntil = Int64.min

    /// A buffer that grew beyond this is not kept.
    private static let keptBytes = 256 * 1024

    init(_ settings: WebSettings, _ counters: WebCounters) {
        self.settings = settings
        self.counters = counters
    }

    /// Whom a connection's client certificate says that it is; nil without a verified one.
    package func identity(of id: ConnectionID) -> PeerIdentity? {
        table.contains(id) ? table[id].identity?.value : nil
    }

    /// By its number, the listener that a connection came in by; nil for one of ours, or that is gone.
    package func listener(of id: ConnectionID) -> UInt32? {
        table.contains(id) ? table[id].listener : nil
    }

    /// An empty buffer, to be given back.
    mutating func takeBuffer() -> ByteBuffer { spare.take() ?? ByteBuffer(capacity: 4096) }

    mutating func giveBack(_ buffer: consuming ByteBuffer) {
        buffer.removeAll()
        buffer.shrink(toCapacity: Self.keptBytes)
        spare = consume buffer
    }

    /// The date for answers: text is made once a second.
    mutating func date(_ loop: borrowing EventLoop) -> HTTPDate {
        if loop.now >= dateUntil {
            let micros = SystemClock.wallMicroseconds()
            date = HTTPDate(secondsSince1970: micros / 1_000_000)
            dateUntil = loop.now + 1000 - micros / 1000 % 1000
        }
        return date
    }

    /// The HTTP side of a connection; nil if it is gone, has had its last answer, or speaks something else.
    func httpSide(_ id: ConnectionID) -> HTTPSide? {
        guard table.contains(id), case .http(let side) = table[id].role, !side.isClosed else { return nil }
        return side
    }

    /// The WebSocket on a connection; nil if it is gone or speaks something else.
    func socketSide(_ id: ConnectionID) -> SocketSide? {
        if current == id { return currentSide }
        guard table.contains(id), case .socket(let side) = table[id].role else { return nil }
        return side
    }

    static func nanoseconds(_ milliseconds: Int64) -> UInt64 { UInt64(max(milliseconds, 0)) * 1_000_000 }
}

/// What is known of one connection.
struct WebConnection {
    /// What a connection speaks at the moment.
    enum Role {
        case http(HTTPSide)
        case socket(SocketSide)
        /// Ours, on its way to become a WebSocket.
        case opening(OpeningSide)
        /// Ours, for requests to others.
        case call(CallSide)
    }

    /// What a certificate says takes memory only where there is one.
    final class Identity {
        let value: PeerIdentity
        init(_ value: PeerIdentity) { self.value = value }
    }

    var role: Role
    var listener: UInt32?
    var identity: Identity?
}

/// When something has to be done for a connection. All are looked over every now and then, eight bytes for each: what
/// comes and goes never has to move a timer.
struct DueTable {
    private var dues: [Int64] = []
    private var ids: [ConnectionID] = []

    subscript(_ id: ConnectionID) -> Int64 {
        Int(id.index) < dues.count && ids[Int(id.index)] == id ? dues[Int(id.index)] : .max
    }

    mutating func set(_ id: ConnectionID, to due: Int64) {
        while dues.count <= Int(id.index) {
            dues.append(.max)
            ids.append(id)
        }
        dues[Int(id.index)] = due
        ids[Int(id.index)] = id
    }

    mutating func lower(_ id: ConnectionID, to due: Int64) { if due < self[id] { set(id, to: due) } }

    mutating func remove(_ id: ConnectionID) { if self[id] != .max { dues[Int(id.index)] = .max } }

    /// The connections for which something is due.
    func due(by now: Int64) -> [ConnectionID] {
        var result: [ConnectionID] = []
        for index in dues.indices where dues[index] <= now { result.append(ids[index]) }
        return result
    }
}
