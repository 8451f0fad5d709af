import HubBytes
import HubConnection
import HubProtocols
import HubSystem

/// Where those on one loop hand in what they ask of the core.
package struct Desk: ~Copyable {
    /// What is the same for all loops.
    package let hub: HubContext
    /// Which loop it is.
    package let loop: Int
    var seats: SeatTable<any Guest>
    /// What was decided of rights.
    var checks = AccessChecks()
    /// Those who act by requests.
    var visitors = VisitorTable()
    /// Streams of events.
    var events = EventStreamTable()
    /// What is being collected.
    var intake: Intake
    private var spare: Intake?
    /// Intakes that the core has.
    private var handedIn = 0
    /// Connections that are not heard until there is room.
    private var held: [HubConnection.ConnectionID] = []
    /// For putting frames together.
    var scratch = ByteBuffer(capacity: 4096)
    /// For frames that go out together.
    var batches = FrameBatches()
    /// Challenges are made for one connection, which this tells from all others of the loop.
    private var lastNumber: UInt64 = 0
    /// Timers of guests, by the numbers that the loop knows them by.
    private var alarms: [UInt64: Alarm] = [:]
    private var lastAlarm: UInt64 = 0

    /// What a guest wants done at a time.
    typealias Alarm = (inout Desk, inout WebConnections, inout EventLoop) -> Void

    init(_ hub: HubContext, loop: Int) {
        self.hub = hub
        self.loop = loop
        seats = SeatTable(loop: loop, of: hub.loopCount)
        intake = Intake(loop: loop)
    }

    /// How many intakes the core may have: it works on one while the next lies ready.
    static let handedInMax = 2

    /// Asks the core for something.
    mutating func ask(_ seat: Seat, tag: UInt64 = 0, _ what: Order.What) {
        intake.orders.append(Order(seat, tag: tag, what))
    }

    /// Whether so much waits for the core that nobody should be heard.
    var isOverfull: Bool {
        intake.bytes.count > hub.settings.intakeBytesMax || intake.orders.count > Self.ordersMax
    }

    private static let ordersMax = 65_536

    /// Does not hear a connection until there is room.
    mutating func hold(
        _ connection: HubConnection.ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        web.pause(connection, &loop)
        held.append(connection)
    }

    /// Hands in what was collected, if the core is ready for more.
    mutating func handIn() {
        guard !intake.isEmpty, handedIn < Self.handedInMax else { return }
        var full: Intake? = spare.take() ?? Intake(loop: loop)
        var mine = full.take() ?? Intake(loop: loop)
        swap(&mine, &intake)
        full = consume mine
        hub.links.intakes.offer(&full)
        if let refused = full.take() {
            // The core is going, or far behind: it stays here, before whatever comes.
            intake = refused
        } else {
            handedIn += 1
        }
    }

    /// An intake comes back.
    mutating func takeBack(
        _ parcel: Parcel<Intake>, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        handedIn -= 1
        if let emptied = parcel.open() { spare = consume emptied }
        finishTurn(&web, &loop)
    }

    /// All that a turn brought has been told.
    mutating func finishTurn(_ web: inout WebConnections, _ loop: inout EventLoop) {
        handIn()
        // Texts of what was refused, with which nobody asks anything.
        if intake.isEmpty { intake.reset() }
        guard !held.isEmpty, !isOverfull else { return }
        for connection in held { web.resume(connection, &loop) }
        held.removeAll()
    }

    /// Writes a frame into the scratch, in answer to one whose id lies in what is being collected.
    mutating func write(re id: Slice, _ body: (RawSpan, inout ByteBuffer) -> Void) {
        Self.write(&scratch, id, intake, body)
    }

    private static func write(
        _ scratch: inout ByteBuffer, _ id: Slice, _ intake: borrowing Intake,
        _ body: (RawSpan, inout ByteBuffer) -> Void
    ) {
        scratch.removeAll()
        body(id.of(intake.bytes.bytes), &scratch)
    }

    /// A number that no other connection of the hub has.
    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber * UInt64(hub.loopCount) + UInt64(loop)
    }

    // MARK: Time

    /// Has something done later; says how it can be called off.
    mutating func after(
        milliseconds: Int64, _ loop: inout EventLoop, _ alarm: @escaping Alarm
    ) -> UInt64 {
        lastAlarm += 1
        alarms[lastAlarm] = alarm
        _ = loop.arm(lastAlarm, afterMilliseconds: max(0, milliseconds))
        return lastAlarm
    }

    /// Calls something off.
    mutating func cancel(_ alarm: UInt64) { alarms[alarm] = nil }

    mutating func takeAlarm(_ number: UInt64) -> Alarm? { alarms.removeValue(forKey: number) }
}
