/// What becomes of a delivery.
enum Verdict: UInt8, Sendable, Equatable {
    case acknowledged
    case refused
    case working
    case givenUp
}

/// Which of a consumer's deliveries were handed to the application and are not settled, so that what the hub delivers again
/// after a lost connection is not handed out a second time.
///
/// A hub that lost a connection delivers again whatever it has no acknowledgement of. Some of that the application still
/// has: its verdict is awaited. Some of it was acknowledged, and the acknowledgement went down with the connection: it is
/// given once more. Everything else that comes again, comes because it was refused, its lease ran out, or an operator
/// wants it, and is handed out. How often a message was delivered does not tell the two apart: a hub that was killed may
/// have lost its note of the first time.
struct ConsumerMemory {
    /// What is done with a message that comes for the second time after a lost connection.
    enum Echo: Equatable {
        /// The application has it.
        case held
        /// The application settled it; the hub is told again.
        case settled(Verdict, delay: Int64?, reason: String?)
    }

    /// What is done with a delivery.
    enum Step: Equatable {
        case handOut
        case drop
        case settleAgain(Verdict, delay: Int64?, reason: String?)
    }

    /// Unsettled deliveries of this connection, in the order of their offsets.
    private var flight: [UInt64] = []
    /// Places at the front of `flight` that are settled.
    private var flightStart = 0
    /// The latest acknowledgements given on this connection, which may be lost with it; as many as can be in flight.
    private var recent: [(offset: UInt64, verdict: Verdict)] = []
    private var recentNext = 0
    private let recentMax: Int
    /// What the hub may deliver again because a connection was lost.
    private var echoes: [UInt64: Echo] = [:]
    /// Those of them that are settled, the oldest first.
    private var settledEchoes: [UInt64] = []
    /// The highest offset seen.
    private(set) var lastOffset: UInt64?

    init(inFlightMax: Int) { recentMax = max(inFlightMax, 1) }

    /// Unsettled deliveries.
    var unsettledCount: Int { flight.count - flightStart + heldCount }
    private var heldCount: Int { echoes.values.count { $0 == .held } }

    /// Whether something may come again because a connection was lost.
    var hasEchoes: Bool { !echoes.isEmpty }

    /// A delivery came that is settled by being here.
    mutating func saw(_ offset: UInt64) { lastOffset = max(lastOffset ?? 0, offset) }

    /// A delivery came.
    mutating func deliver(_ offset: UInt64) -> Step {
        if !echoes.isEmpty, let echo = echoes.removeValue(forKey: offset) {
            switch echo {
            case .held:
                insert(offset)
                return .drop
            case .settled(let verdict, let delay, let reason):
                remember(offset, verdict)
                return .settleAgain(verdict, delay: delay, reason: reason)
            }
        }
        insert(offset)
        saw(offset)
        return .handOut
    }

    /// The application says what becomes of a delivery; whether the hub is to be told now.
    mutating func settle(_ offset: UInt64, _ verdict: Verdict, delay: Int64? = nil, reason: String? = nil)
        -> Bool
    {
        if let place = place(of: offset) {
            guard verdict != .working else { return true }
            remove(place)
            remember(offset, verdict)
            return true
        }
        if echoes[offset] == .held, verdict != .working {
            echoes[offset] = .settled(verdict, delay: delay, reason: reason)
            settledEchoes.append(offset)
        }
        return false
    }

    /// The application is done with everything up to an offset; whether the hub is to be told now.
    mutating func settle(upTo offset: UInt64) -> Bool {
        for (held, echo) in echoes where held <= offset && echo == .held {
            echoes[held] = .settled(.acknowledged, delay: nil, reason: nil)
            settledEchoes.append(held)
        }
        var any = false
        while flightStart < flight.count, flight[flightStart] <= offset {
            remember(flight[flightStart], .acknowledged)
            flightStart += 1
            any = true
        }
        compact()
        return any
    }

    /// The connection is gone, the consumer is not.
    mutating func lostConnection() {
        for entry in recent {
            echoes[entry.offset] = .settled(entry.verdict, delay: nil, reason: nil)
            settledEchoes.append(entry.offset)
        }
        let surplus = settledEchoes.count - 4 * recentMax
        if surplus > 0 { forgetSettled(surplus) }
        for offset in flight[flightStart...] { echoes[offset] = .held }
        flight.removeAll(keepingCapacity: true)
        flightStart = 0
        recent.removeAll(keepingCapacity: true)
        recentNext = 0
    }

    /// The hub had time enough to deliver again what it would: what was settled and comes from now on, somebody wants.
    mutating func forgetSettled() { forgetSettled(settledEchoes.count) }

    private mutating func forgetSettled(_ count: Int) {
        for offset in settledEchoes.prefix(count) {
            if let echo = echoes[offset], echo != .held { echoes[offset] = nil }
        }
        settledEchoes.removeFirst(count)
    }

    /// Offsets mean something else from now on, or the consumer is another one.
    mutating func forget() {
        let inFlightMax = recentMax
        self = ConsumerMemory(inFlightMax: inFlightMax)
    }

    /// Begins with the next message, whatever is unsettled: what was handed out by a consumer that is no more cannot be
    /// settled any more.
    mutating func beginAnew() {
        let last = lastOffset
        forget()
        lastOffset = last
    }

    // MARK: Unsettled deliveries

    private func place(of offset: UInt64) -> Int? {
        var low = flightStart
        var high = flight.count
        // Verdicts come in the order of deliveries, mostly.
        if low < high, flight[low] == offset { return low }
        while low < high {
            let middle = (low + high) / 2
            if flight[middle] < offset { low = middle + 1 } else { high = middle }
        }
        return low < flight.count && flight[low] == offset ? low : nil
    }

    private mutating func insert(_ offset: UInt64) {
        guard let last = flight.last, flightStart < flight.count, last >= offset else {
            return flight.append(offset)
        }
        var place = flight.count
        while place > flightStart, flight[place - 1] > offset { place -= 1 }
        if place > flightStart, flight[place - 1] == offset { return }
        flight.insert(offset, at: place)
    }

    private mutating func remove(_ place: Int) {
        if place == flightStart {
            flightStart += 1
            compact()
        } else {
            flight.remove(at: place)
        }
    }

    private mutating func compact() {
        if flightStart == flight.count {
            flight.removeAll(keepingCapacity: true)
            flightStart = 0
        } else if flightStart >= 256, flightStart * 2 >= flight.count {
            flight.removeFirst(flightStart)
            flightStart = 0
        }
    }

    private mutating func remember(_ offset: UInt64, _ verdict: Verdict) {
        // What was refused comes again in any case.
        guard verdict == .acknowledged || verdict == .givenUp else { return }
        if recent.count < recentMax {
            recent.append((offset, verdict))
        } else {
            recent[recentNext] = (offset, verdict)
            recentNext = (recentNext + 1) % recentMax
        }
    }
}
