import HubBytes
import HubConnection
import HubSystem

/// A connection that the caller waits for: plain, or with TLS, and with one moment at which all of it has to be over.
struct FetchStream: ~Copyable {
    private let socket: StreamSocket
    private var set: EpollSet
    private let deadline: UInt64
    private var tls: TLSSession?

    private static let pieceBytes = 64 << 10

    /// Connects, and shakes hands if there is a context for TLS.
    static func connect(
        to address: SocketAddress, host: String, _ context: TLSContext?, deadline: UInt64
    ) throws(SystemError) -> FetchStream {
        let socket = try StreamSocket.connect(to: address)
        var set = try EpollSet(eventsMax: 1)
        try set.add(socket.descriptor, .output, token: 0)
        try Self.wait(&set, deadline, "connect to \(address)")
        // Asked once: the system forgets the error when it has told it.
        let code = socket.connectError
        guard code == 0 else { throw SystemError(code: code, operation: "connect to \(address)") }
        let tls = try Self.session(context, host)
        var stream = FetchStream(socket: socket, set: set, deadline: deadline, tls: tls)
        try stream.shakeHands()
        return stream
    }

    private init(
        socket: consuming StreamSocket, set: consuming EpollSet, deadline: UInt64,
        tls: consuming TLSSession?
    ) {
        self.socket = socket
        self.set = set
        self.deadline = deadline
        self.tls = tls
    }

    private static func session(_ context: TLSContext?, _ host: String) throws(SystemError) -> TLSSession? {
        guard let context else { return nil }
        do throws(TLSFailure) { return try TLSSession(client: context, host: host) } catch {
            throw Self.error(error)
        }
    }

    private mutating func shakeHands() throws(SystemError) {
        guard tls != nil else { return }
        var output = ByteBuffer(capacity: Self.pieceBytes)
        do throws(TLSFailure) { try tls?.start(sending: &output) } catch { throw Self.error(error) }
        try push(output.bytes)
        var nothing = ByteBuffer(capacity: 0)
        while tls?.state == .handshaking {
            guard try receive(into: &nothing) else { return }
        }
    }

    /// Sends all of these bytes.
    mutating func send(_ bytes: RawSpan) throws(SystemError) {
        guard tls != nil else { return try push(bytes) }
        var output = ByteBuffer(capacity: bytes.byteCount + 1024)
        do throws(TLSFailure) {
            try tls?.write(bytes, sending: &output)
        } catch {
            throw Self.error(error)
        }
        try push(output.bytes)
    }

    /// Waits for bytes and appends them; false at the end. With TLS, what came may be none that is of use yet.
    mutating func receive(into buffer: inout ByteBuffer) throws(SystemError) -> Bool {
        guard tls != nil else { return try pull(into: &buffer) }
        var output = ByteBuffer(capacity: 1024)
        var sealed = ByteBuffer(capacity: Self.pieceBytes)
        let goesOn = try pull(into: &sealed)
        do throws(TLSFailure) {
            if goesOn {
                try tls?.receive(contentsOf: sealed, into: &buffer, sending: &output)
            } else {
                try tls?.endOfInput()
            }
        } catch {
            // The other side hears why.
            try? push(output.bytes)
            throw Self.error(error)
        }
        try push(output.bytes)
        return goesOn && tls?.state != .peerClosed
    }

    private static func error(_ failure: TLSFailure) -> SystemError {
        SystemError(code: SystemError.protocolError, operation: "speak TLS (\(failure))")
    }

    // MARK: Bytes

    private mutating func push(_ bytes: RawSpan) throws(SystemError) {
        var sent = 0
        while sent < bytes.byteCount {
            switch socket.send(bytes.extracting(sent..<bytes.byteCount)) {
            case .bytes(let count): sent += count
            case .later:
                set.change(socket.descriptor, .output, token: 0)
                try Self.wait(&set, deadline, "send")
            case .end: throw SystemError(code: SystemError.connectionReset, operation: "send")
            case .failed(let code): throw SystemError(code: code, operation: "send")
            }
        }
    }

    private mutating func pull(into buffer: inout ByteBuffer) throws(SystemError) -> Bool {
        while true {
            switch socket.receive(into: &buffer, upTo: Self.pieceBytes) {
            case .bytes: return true
            case .later:
                set.change(socket.descriptor, .input, token: 0)
                try Self.wait(&set, deadline, "wait for the answer")
            case .end: return false
            case .failed(let code): throw SystemError(code: code, operation: "read the answer")
            }
        }
    }

    private static func wait(
        _ set: inout EpollSet, _ deadline: UInt64, _ operation: String
    ) throws(SystemError) {
        while true {
            let now = SystemClock.monotonicNanoseconds()
            guard now < deadline else { throw SystemError(code: SystemError.timedOut, operation: operation) }
            if set.wait(milliseconds: Int((deadline - now) / 1_000_000) + 1) > 0 { return }
        }
    }
}
