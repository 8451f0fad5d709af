import HubBytes
import HubConnection
import HubProtocols
import HubSystem

/// What a client's thread is told from outside.
enum ClientMessage: Sendable {
    /// There is something in the inbox.
    case wake
    /// The addresses of the hub's host, looked up for an attempt.
    case addresses([SocketAddress], attempt: Int)
    /// What was not looked at has become less.
    case drained
}

/// The outermost layer of a client: reads and writes its connection, tells the core what happens, and carries out what it
/// decides. Runs on the client's own thread.
struct ClientHandler: ConnectionHandler, ~Copyable {
    typealias Message = ClientMessage

    let link: ClientLink
    var core: ClientCore
    var socket: SocketState?
    /// Attempts to connect, so that an answer of the resolver to an earlier one is known as such.
    var attempt = 0
    var addresses: [SocketAddress] = []
    /// When the timer that is armed fires.
    var armedFor = Int64.max
    /// Orders, taken all at once.
    var orders: [ClientOrder] = []
    /// Readers of subscriptions and replays, by their keys.
    var readers: [Int: HandOver<Delivery>] = [:]
    /// Where verdicts on their deliveries go.
    var desks: [Int: SettlementDesk] = [:]
    /// The key of the consumer that the last delivery was for.
    var lastKey: Int?
    /// Deliveries of this turn, one reader's together.
    var deliveries: [(key: Int, batch: [Delivery], bytes: Int)] = []
    var effects = Effects()
    /// Frames on their way to the connection.
    var output = ByteBuffer(capacity: 4096)
    var frame = ByteBuffer(capacity: 4096)
    var control: ControlWriter
    /// The text that is being read, and what was made of it.
    var batch = ByteBuffer(capacity: 4096)

    init(_ link: ClientLink) {
        self.link = link
        control = ControlWriter(link)
        core = ClientCore(link.options, seed: RandomBytes.number())
    }

    /// Whether the inbox will be looked into by itself.
    var isLooking = false

    private static let timer: UInt64 = 1
    static let lookTimer: UInt64 = 2

    // MARK: What happens

    mutating func started(_ loop: inout EventLoop) {
        core.start(now: loop.now, &effects)
        settle(&loop)
    }

    mutating func took(_ message: ClientMessage, _ loop: inout EventLoop) {
        switch message {
        case .wake: takeOrders(&loop)
        case .addresses(let found, let number):
            guard number == attempt, case .connecting = core.phase, socket == nil else { return }
            addresses = found
            openSocket(&loop)
        case .drained: if let socket { loop.resumeReading(socket.id) }
        }
        settle(&loop)
    }

    mutating func timerFired(_ payload: UInt64, _ loop: inout EventLoop) {
        if payload == Self.lookTimer {
            isLooking = false
            takeOrders(&loop)
            return settle(&loop)
        }
        armedFor = .max
        core.tick(now: loop.now, &effects)
        if let socket, socket.stage == .open { tickSession(socket, &loop) }
        settle(&loop)
    }

    mutating func opened(_ id: ConnectionID, _ origin: ConnectionOrigin, _ loop: inout EventLoop) {
        guard let socket, socket.id == id else { return loop.cut(id) }
        if let context = link.context {
            do throws(TLSFailure) {
                let transform = try TLSTransform(client: context, host: link.address.url.host)
                socket.transform = transform
                loop.attach(transform, to: id)
            } catch {
                return lose(.transport("TLS: \(error)"), &loop)
            }
        }
        loop.send(socket.head.bytes, on: id)
    }

    mutating func received(_ id: ConnectionID, _ bytes: inout ByteBuffer, _ loop: inout EventLoop) -> Int {
        guard let socket, socket.id == id else { return bytes.count }
        var start = 0
        if socket.stage == .opening {
            switch socket.opening.receive(bytes.bytes) {
            case .needsMore: return 0
            case .broken(let fault):
                lose(.transport("the server did not speak HTTP: \(fault.rawValue)"), &loop)
                return bytes.count
            case .refused(.status(let status)):
                lose(.refusedUpgrade(status: status), &loop)
                return bytes.count
            case .refused(let failure):
                lose(.transport("the server did not open a WebSocket: \(failure)"), &loop)
                return bytes.count
            case .opened(_, let count):
                start = count
                begin(socket, &loop)
            }
        }
        let position = read(socket, &bytes, from: start, &loop)
        settle(&loop)
        return position
    }

    private mutating func begin(_ socket: SocketState, _ loop: inout EventLoop) {
        loop.markEstablished(socket.id)
        socket.stage = .open
        core.opened(now: loop.now, &effects)
    }

    mutating func hasRoom(_ id: ConnectionID, _ loop: inout EventLoop) {
        guard let socket, socket.id == id else { return }
        socket.isFull = false
        settle(&loop)
    }

    mutating func ended(_ id: ConnectionID, _ loop: inout EventLoop) {
        guard let socket, socket.id == id else { return loop.close(id) }
        lose(.transport("the hub ended the connection"), &loop)
    }

    mutating func closed(_ id: ConnectionID, _ reason: CloseReason, _ loop: inout EventLoop) {
        guard let socket, socket.id == id else { return }
        let why = socket.transform?.failure.map { "TLS: \($0)" } ?? Self.sentence(for: reason)
        lose(.transport(why), &loop)
    }

    private static func sentence(for reason: CloseReason) -> String {
        switch reason {
        case .connectFailed(let code), .failed(let code):
            SystemError(code: code, operation: "connect").reason
        case .connectTimeout: "nobody answered in time"
        case .deadline: "the server did not answer in time"
        case .idle: "the connection was silent for too long"
        case .writeStalled: "the hub took nothing for too long"
        default: "the connection is gone (\(reason))"
        }
    }

    // MARK: Time

    /// Has the loop call at the next deadline. A timer that is armed too early is left: it looks again when it fires.
    mutating func arm(_ loop: inout EventLoop) {
        var due = core.deadline(now: loop.now) ?? .max
        if let socket, socket.stage == .open, let next = socket.session.deadline {
            due = min(due, Int64(clamping: next / 1_000_000) + 1)
        }
        guard due < armedFor else { return }
        armedFor = due
        _ = loop.arm(Self.timer, afterMilliseconds: max(due - loop.now, 1))
    }

    private mutating func tickSession(_ socket: SocketState, _ loop: inout EventLoop) {
        // Whoever is not listened to cannot be silent.
        if link.meter.isPausing { socket.session.heard(at: Self.nanoseconds(loop)) }
        output.removeAll()
        socket.session.tick(at: Self.nanoseconds(loop), to: &output, waiting: loop.waitingBytes(socket.id))
        if !output.isEmpty { loop.send(output.bytes, on: socket.id) }
        output.removeAll()
        if socket.session.transport == .drop {
            lose(
                .transport("the hub did not answer a ping within \(link.options.pongMilliseconds) ms"), &loop)
        }
    }

    static func nanoseconds(_ loop: borrowing EventLoop) -> UInt64 { UInt64(max(loop.now, 0)) * 1_000_000 }
}
