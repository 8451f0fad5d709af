import HubBytes
import HubConnection
import HubSystem
import SocketPeer
import Synchronization

/// What handlers under test met, for the thread of the test to wait for and look at.
final class Recorder: Sendable {
    struct Events {
        var opened: [ConnectionID] = []
        var secured = 0
        var ended = 0
        var closed: [CloseReason] = []
        var closedIDs: [ConnectionID] = []
        var filled = 0
        var roomy = 0
        var mailboxRoom = 0
        var bytes: [UInt8] = []
        var byteCount = 0
        var messages: [Int] = []
        var timers: [UInt64] = []
        var datagrams: [[UInt8]] = []
        var notices: [LoopNotice] = []
        var notes: [String] = []
    }

    private let events = Mutex(Events())
    private let changed: EventCounterBox

    init() throws(SystemError) { changed = try EventCounterBox() }

    func note(_ change: (inout sending Events) -> Void) {
        events.withLock { change(&$0) }
        changed.counter.signal()
    }

    var now: Events { events.withLock { $0 } }

    /// Waits until something holds, for half a minute: long enough that only a fault takes longer.
    func wait(_ holds: (Events) -> Bool) -> Bool {
        let end = SystemClock.monotonicNanoseconds() + 30_000_000_000
        while !holds(now) {
            let now = SystemClock.monotonicNanoseconds()
            guard now < end, changed.counter.wait(milliseconds: Int((end - now) / 1_000_000) + 1) else {
                return holds(self.now)
            }
        }
        return true
    }
}

final class EventCounterBox: Sendable {
    let counter: EventCounter
    init() throws(SystemError) { counter = try EventCounter() }
}

/// Waits for something that another thread counts without telling; asks every millisecond.
func eventually(_ holds: () -> Bool) -> Bool {
    let end = SystemClock.monotonicNanoseconds() + 30_000_000_000
    while !holds() {
        guard SystemClock.monotonicNanoseconds() < end else { return false }
        SystemClock.sleep(milliseconds: 1)
    }
    return true
}

/// A handler that a test puts together from closures; what is left out does what the protocol does by default.
struct Script: ConnectionHandler {
    typealias Message = Int

    let recorder: Recorder
    var onStarted: (inout EventLoop) -> Void = { _ in }
    var onOpened: (ConnectionID, ConnectionOrigin, inout EventLoop) -> Void = { id, _, loop in
        loop.markEstablished(id)
    }
    var onReceived: (ConnectionID, inout ByteBuffer, inout EventLoop) -> Int = { _, bytes, _ in
        bytes.count
    }
    var onEnded: (ConnectionID, inout EventLoop) -> Void = { id, loop in loop.close(id) }
    var onRoom: (ConnectionID, inout EventLoop) -> Void = { _, _ in }
    var onClosed: (ConnectionID, CloseReason, inout EventLoop) -> Void = { _, _, _ in }
    var onMessage: (Int, inout EventLoop) -> Void = { _, _ in }
    var onTimer: (UInt64, inout EventLoop) -> Void = { _, _ in }
    var onDatagram: (DatagramEndpoint, SocketAddress, [UInt8], inout EventLoop) -> Void = { _, _, _, _ in }
    var onStopping: (inout EventLoop) -> Void = { _ in }

    init(_ recorder: Recorder) { self.recorder = recorder }

    mutating func started(_ loop: inout EventLoop) { onStarted(&loop) }

    mutating func opened(_ id: ConnectionID, _ origin: ConnectionOrigin, _ loop: inout EventLoop) {
        onOpened(id, origin, &loop)
        recorder.note { $0.opened.append(id) }
    }

    mutating func secured(
        _ id: ConnectionID, _ transform: any TransportTransform, _ loop: inout EventLoop
    ) { recorder.note { $0.secured += 1 } }

    mutating func received(
        _ id: ConnectionID, _ bytes: inout ByteBuffer, _ loop: inout EventLoop
    ) -> Int { onReceived(id, &bytes, &loop) }

    mutating func ended(_ id: ConnectionID, _ loop: inout EventLoop) {
        onEnded(id, &loop)
        recorder.note { $0.ended += 1 }
    }

    mutating func filled(_ id: ConnectionID, _ loop: inout EventLoop) { recorder.note { $0.filled += 1 } }

    mutating func hasRoom(_ id: ConnectionID, _ loop: inout EventLoop) {
        onRoom(id, &loop)
        recorder.note { $0.roomy += 1 }
    }

    mutating func closed(_ id: ConnectionID, _ reason: CloseReason, _ loop: inout EventLoop) {
        onClosed(id, reason, &loop)
        recorder.note {
            $0.closed.append(reason)
            $0.closedIDs.append(id)
        }
    }

    mutating func took(_ message: Int, _ loop: inout EventLoop) { onMessage(message, &loop) }
    mutating func mailboxHasRoom(_ loop: inout EventLoop) { recorder.note { $0.mailboxRoom += 1 } }

    mutating func timerFired(_ payload: UInt64, _ loop: inout EventLoop) {
        onTimer(payload, &loop)
        recorder.note { $0.timers.append(payload) }
    }

    mutating func datagram(
        _ endpoint: DatagramEndpoint, from: SocketAddress, _ bytes: RawSpan, _ loop: inout EventLoop
    ) {
        let copy = bytes.array
        onDatagram(endpoint, from, copy, &loop)
        recorder.note { $0.datagrams.append(copy) }
    }

    mutating func noticed(_ notice: LoopNotice, _ loop: inout EventLoop) {
        recorder.note { $0.notices.append(notice) }
    }

    mutating func stopping(_ loop: inout EventLoop) { onStopping(&loop) }
}

extension ByteBuffer {
    var array: [UInt8] { bytes.array }
    var byteCount: Int { count }
}

/// A loop with a scripted handler that listens, ended when the test lets go of it.
final class TestHub: Sendable {
    let recorder: Recorder
    let group: LoopGroup<Int>
    let address: SocketAddress

    init(
        at address: String = "127.0.0.1:0", loops: Int = 1, total: Int = 100_000, perAddress: Int = 100_000,
        _ settings: ConnectionSettings = .patient,
        _ script: @escaping @Sendable (inout Script) -> Void = { _ in }
    ) throws {
        let recorder = try Recorder()
        self.recorder = recorder
        let admission = AdmissionLimits(totalMax: total, perAddressMax: perAddress)
        group = try LoopGroup(count: loops, settings: settings, admission: admission) { _ in
            var handler = Script(recorder)
            script(&handler)
            return handler
        }
        guard let wanted = SocketAddress(address) else { throw NoAddress() }
        self.address = try group.listen(wanted)
    }

    struct NoAddress: Error {}

    deinit { group.stop(graceMilliseconds: 0) }

    func count(_ counter: LoopCounter) -> Int { group.count(counter) }
    var loop: LoopThread<Int> { group.loops[0] }
}

/// The handler of an echo.
@Sendable func echo(_ script: inout Script) {
    script.onReceived = { id, bytes, loop in
        loop.send(bytes.bytes, on: id)
        return bytes.byteCount
    }
}
