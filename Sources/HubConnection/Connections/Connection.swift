import HubBytes
import HubSystem
import HubTiming

/// How a connection came to be.
package enum ConnectionOrigin: Hashable, Sendable {
    /// Somebody connected to the listener with this tag.
    case accepted(listener: UInt32)
    /// The handler connected to somebody, with this tag.
    case connected(tag: UInt64)
}

/// What a loop knows of one connection.
struct Connection: ~Copyable {
    /// Where a connection is in its life. Each phase is behind the one before.
    enum Phase: UInt8, Comparable {
        case connecting
        case open
        /// What is queued is still sent, then our end is closed. The handler hears nothing more.
        case flushing
        /// Our end is closed; the other side's is waited for.
        case lingering
        /// The socket is gone; the handler is about to hear of it.
        case dead

        static func < (one: Phase, other: Phase) -> Bool { one.rawValue < other.rawValue }
    }

    var socket: StreamSocket?
    let peer: SocketAddress
    let origin: ConnectionOrigin
    var phase: Phase

    /// What epoll watches for; nil if it does not watch at all.
    var interest: Readiness?
    /// The handler does not want to hear of bytes now.
    var isPaused = false
    /// The other side finished, and whether the handler was told: not before it has seen all that came.
    var hasEnded = false
    var isEndTold = false
    /// Nothing can be sent any more, though something may still be received.
    var cannotSend = false
    /// Full, until there is room again.
    var isFull = false
    /// On the list of those that have something to send in this turn.
    var isDirty = false
    /// On the list of those whose input the handler is to be offered again.
    var isReady = false

    /// Plain bytes that the handler could not yet make use of.
    var input: ByteBuffer?
    var output = OutboundQueue()
    var transport: TransportLink?

    var timer = TimerHandle.none
    /// When the timer fires; what is due earlier moves it.
    var timerDue = Int64.max
    /// When the phase has to be over, and what it is called if it is not.
    var deadline = Int64.max
    var deadlineReason = CloseReason.deadline
    /// When a byte went over last.
    var lastActivity: Int64
    /// Since when the handler waits for the rest of something, and how much it had then.
    var partialSince = Int64.max
    var partialBytes = 0
    /// Since when the other side has taken nothing of what waits, as far as is known.
    var blockedSince = Int64.max
    /// What the system had at that time that the other side had not taken.
    var untaken = 0
    /// When unused memory is given back.
    var releaseAt = Int64.max
    /// Bytes thrown away after closing.
    var discarded = 0

    init(
        _ socket: consuming StreamSocket, peer: SocketAddress, origin: ConnectionOrigin, phase: Phase,
        now: Int64
    ) {
        self.socket = consume socket
        self.peer = peer
        self.origin = origin
        self.phase = phase
        lastActivity = now
    }

    /// Bytes that wait to be sent.
    var waiting: Int { output.count + (transport?.waiting ?? 0) }

    /// Whether bytes are to be read now.
    var wantsInput: Bool {
        switch phase {
        case .connecting, .dead: false
        case .open: !isPaused && !hasEnded
        case .flushing, .lingering: !hasEnded
        }
    }

    /// What epoll should watch for. Room for output is of interest only while a write fell short.
    var wanted: Readiness {
        if phase == .connecting { return .output }
        var wanted: Readiness = wantsInput ? .input : []
        if blockedSince != .max { wanted.insert(.output) }
        return wanted
    }

    var holdsUnusedMemory: Bool {
        input.isPresent && input.byteCount == 0 || output.isEmpty && output.holdsMemory
            || transport.map { $0.waiting == 0 && $0.outgoing.capacity > 64 } ?? false
    }

    /// The socket took less than it was given, now or still.
    mutating func block(_ now: Int64) {
        blockedSince = now
        untaken = untakenNow
    }

    private var untakenNow: Int {
        switch socket {
        case .some(let socket): socket.untakenBytes
        case .none: 0
        }
    }

    /// Whether the other side took something while the socket took nothing. The system asks for more only when a
    /// third of its own buffer is free, which for a slow reader may be long after the last time.
    mutating func wasTakenFrom(_ now: Int64) -> Bool {
        let before = untaken
        block(now)
        return untaken < before
    }

    mutating func releaseMemory() {
        if input.byteCount == 0 { input = nil }
        output.releaseMemory()
        transport?.releaseMemory()
    }

    /// When something is due next, by the deadlines that apply now.
    func nextDue(_ settings: ConnectionSettings) -> Int64 {
        var due = min(deadline, releaseAt)
        if phase == .open, !isPaused {
            due = min(due, Moment.later(lastActivity, by: settings.idleMilliseconds))
            if partialSince != .max {
                due = min(due, Moment.later(partialSince, by: settings.partialMilliseconds))
            }
        }
        if blockedSince != .max {
            due = min(due, Moment.later(blockedSince, by: settings.writeMilliseconds))
        }
        return due
    }

    /// Why the connection has to go now; nil if it may stay.
    func overdue(_ now: Int64, _ settings: ConnectionSettings) -> CloseReason? {
        if deadline <= now { return deadlineReason }
        if blockedSince != .max, now - blockedSince >= settings.writeMilliseconds { return .writeStalled }
        guard phase == .open, !isPaused else { return nil }
        if partialSince != .max, now - partialSince >= settings.partialMilliseconds {
            let came = input.byteCount - partialBytes
            let wanted = Int64(settings.partialBytesPerSecondMin) * (now - partialSince) / 1000
            if came < wanted { return .slowSender }
        }
        return now - lastActivity >= settings.idleMilliseconds ? .idle : nil
    }
}
