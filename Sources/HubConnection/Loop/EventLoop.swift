import HubBytes
import HubSystem
package import HubTiming

/// The connections of one thread, its listeners, datagram endpoints and timers: what a handler acts through.
///
/// A turn takes what epoll has, what other threads sent and what is due, and then writes, once for each connection
/// that has something to send. Nothing here is called by the kernel or by another thread.
package struct EventLoop: ~Copyable {
    /// Bounds and deadlines.
    package let settings: ConnectionSettings
    /// What the loop counts.
    package let counters: LoopCounters
    /// Milliseconds since some moment in the past, as of the beginning of this turn.
    package internal(set) var now: Int64

    var epoll: EpollSet
    var wheel: TimerWheel
    var ids = ConnectionIDs()
    var connections = ConnectionTable<Connection>()
    var listenerIDs = ConnectionIDs()
    var listeners = ConnectionTable<Listener>()
    var endpointIDs = ConnectionIDs()
    var endpoints = ConnectionTable<DatagramSocket>()
    var spare = SpareDescriptor()
    let admission: AdmissionLimits

    /// Connections that have something to send in this turn.
    var dirty: [ConnectionID] = []
    /// Connections whose handler is to be offered input that is here already.
    var ready: [ConnectionID] = []
    /// Connections whose origin the handler is to hear of.
    var fresh: [ConnectionID] = []
    /// Connections that became full, or have room again, unless something else happened since.
    var filled: [ConnectionID] = []
    var roomy: [ConnectionID] = []
    /// Connections that are gone, which the handler is to hear of.
    var gone: [(id: ConnectionID, reason: CloseReason)] = []
    var notices: [LoopNotice] = []
    /// When notices were told last: what happens again and again is told now and then, and counted each time.
    private var toldAt: [LoopNotice: Int64] = [:]
    /// Whether descriptors have run out.
    var lacksDescriptors = false

    /// When all connections have to be gone; `Int64.max` while the loop is to go on.
    var stopBy = Int64.max
    var pieces = GatherList(capacity: 256)
    /// For putting pieces together before they are transformed.
    var scratch = ByteBuffer(capacity: 0)

    init(
        _ settings: ConnectionSettings, counters: LoopCounters, admission: AdmissionLimits
    ) throws(SystemError) {
        let now = Self.clock()
        epoll = try EpollSet(eventsMax: 512)
        self.settings = settings
        self.counters = counters
        self.admission = admission
        self.now = now
        wheel = TimerWheel(nowMilliseconds: now)
    }

    static func clock() -> Int64 { Int64(SystemClock.monotonicNanoseconds() / 1_000_000) }

    /// Connections to others, those that are being made included.
    package internal(set) var outboundCount = 0
    /// Connections that exist.
    package var connectionCount: Int { connections.count }
    /// Whether the loop closes its connections to end.
    package var isStopping: Bool { stopBy != .max }

    // What timers are about, in the two highest bits of their payload.
    static let handlerTimer: UInt64 = 0
    static let connectionTimer: UInt64 = 1 << 62
    static let listenerTimer: UInt64 = 2 << 62
    static let timerKinds: UInt64 = 3 << 62

    static func payload(_ kind: UInt64, _ id: ConnectionID) -> UInt64 {
        kind | UInt64(id.generation) << 30 | UInt64(id.index)
    }

    static func id(_ payload: UInt64) -> ConnectionID {
        ConnectionID(
            index: UInt32(truncatingIfNeeded: payload & 0x3fff_ffff),
            generation: UInt32(truncatingIfNeeded: payload >> 30))
    }

    /// Has the handler called in so many milliseconds, counted from the beginning of this turn; `payload` has 62
    /// bits.
    package mutating func arm(_ payload: UInt64, afterMilliseconds pause: Int64) -> TimerHandle {
        precondition(payload & Self.timerKinds == 0)
        return wheel.arm(payload, deadline: moment(after: max(pause, 0)))
    }

    /// Disarms a timer; says whether it was still armed.
    @discardableResult
    package mutating func cancel(_ timer: TimerHandle) -> Bool { wheel.cancel(timer) }

    /// How long epoll may wait.
    var waitMilliseconds: Int {
        guard dirty.isEmpty, ready.isEmpty, gone.isEmpty, fresh.isEmpty, notices.isEmpty else { return 0 }
        guard let due = wheel.nextDeadline else { return -1 }
        return Int(clamping: max(0, due - now))
    }

    /// Begins to stop: listeners close, and connections have so long to send the rest.
    mutating func stop(graceMilliseconds: Int64) {
        // The last moment there is stands for going on.
        stopBy = min(moment(after: graceMilliseconds), .max - 1)
        for id in listeners.ids { closeListener(id) }
        // So that the loop wakes to see that time is up; what it names is none of the handler's.
        _ = wheel.arm(
            Self.payload(Self.listenerTimer, ConnectionID(index: 0, generation: 0)), deadline: stopBy)
    }

    /// Tells of something that may happen often.
    mutating func notice(_ notice: LoopNotice) {
        if let last = toldAt[notice], now - last < ConnectionSettings.noticeGap { return }
        toldAt[notice] = now
        notices.append(notice)
    }
}
