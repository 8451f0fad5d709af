import HubModel
import HubTiming

/// A consumer while the hub runs: who is served on its behalf, and what of that is not in the log yet.
struct LiveConsumer {
    /// How it gets its messages.
    enum Mode: Equatable {
        /// From the block that is being applied.
        case live
        /// From the log: nobody had room for something, or it began in the past.
        case behind(isReading: Bool)
    }

    /// One connection that is served.
    struct Member: Equatable {
        let connection: ConnectionID
        /// Deliveries to it that are not settled.
        var inFlight = 0
        /// Whether its connection takes nothing more for now.
        var isFull = false
    }

    let handle: ConsumerHandle
    /// Its name; none if it lives with its connection.
    let name: NameID
    /// Whose it is, and what is offered to it.
    let tenant: NameID
    var filter: ConsumerFilter
    /// All about it, where that is not in the log: a nameless one's state is nobody else's.
    var unlogged: LoggedConsumer?
    var mode = Mode.behind(isReading: false)
    /// What lies before it has had already, by whichever way.
    var position: Offset
    private(set) var members: [Member] = []
    private var nextMember = 0
    /// Deliveries that the log does not know of yet.
    var delivered: DeliveryRecord
    /// How many of those, and of those in blocks on their way, count as in flight.
    var provisional = 0
    /// What its members said that the log does not know of yet.
    var verdicts = SettlementRecord()
    /// Records that are being read to be delivered again or given up, and those that were delivered again and whose
    /// record the log does not know yet: until it does, their old deadline says nothing.
    var fetching: Set<Offset> = []
    /// In a group, who has what.
    var holders: [Offset: ConnectionID] = [:]
    /// Whether somebody was told that it waits for acknowledgements.
    var isStallKnown = false
    /// Whether it is on the list of those with something to log.
    var isListed = false
    /// The timer for its next deadline.
    var timer: TimerHandle?
    /// When that is.
    var deadline = Timestamp.none

    init(
        handle: ConsumerHandle, name: NameID, tenant: NameID, filter: ConsumerFilter,
        unlogged: LoggedConsumer?,
        position: Offset
    ) {
        self.handle = handle
        self.name = name
        self.tenant = tenant
        self.filter = filter
        self.unlogged = unlogged
        self.position = position
        delivered = DeliveryRecord(cursor: position)
    }

    /// Forgets what is not in the log, and stands at an offset.
    mutating func startAgain(at offset: Offset) {
        mode = .behind(isReading: false)
        position = offset
        delivered = DeliveryRecord(cursor: offset)
        provisional = 0
        verdicts = SettlementRecord()
        fetching = []
        holders = [:]
        isStallKnown = false
        isListed = false
        for index in members.indices { members[index].inFlight = 0 }
    }

    /// Whether anybody is served.
    var hasMembers: Bool { !members.isEmpty }

    /// Begins to serve a connection.
    mutating func join(_ connection: ConnectionID) {
        guard !members.contains(where: { $0.connection == connection }) else { return }
        members.append(Member(connection: connection))
    }

    /// Ends serving a connection; false if it was not served.
    mutating func leave(_ connection: ConnectionID) -> Bool {
        guard let index = members.firstIndex(where: { $0.connection == connection }) else { return false }
        members.remove(at: index)
        if nextMember >= members.count { nextMember = 0 }
        return true
    }

    /// Notes whether a connection takes more.
    mutating func setFull(_ connection: ConnectionID, _ isFull: Bool) {
        for index in members.indices where members[index].connection == connection {
            members[index].isFull = isFull
        }
    }

    /// The member that gets the next message: of those that take more, the one with the least in flight, in turn
    /// among equals; for a sticky consumer the one that the session belongs to, or nobody while that one is full.
    func pick(session: NameID, isSticky: Bool) -> Int? {
        if members.count == 1 { return members[0].isFull ? nil : 0 }
        if members.isEmpty { return nil }
        if isSticky, session != .none {
            let index = Int(DeterministicRandom.mix(UInt64(session.rawValue)) % UInt64(members.count))
            return members[index].isFull ? nil : index
        }
        var best: Int?
        for step in 0..<members.count {
            let index = (nextMember + step) % members.count
            if members[index].isFull { continue }
            if best.map({ members[index].inFlight < members[$0].inFlight }) ?? true { best = index }
        }
        return best
    }

    /// Notes that a member was given a message; says which connection that is.
    mutating func give(_ offset: Offset, to index: Int, isExplicit: Bool) -> ConnectionID {
        nextMember = (index + 1) % members.count
        let connection = members[index].connection
        if isExplicit, members.count > 1 {
            members[index].inFlight += 1
            holders[offset] = connection
        }
        return connection
    }

    /// Notes that a message is settled.
    mutating func release(_ offset: Offset) {
        guard let connection = holders.removeValue(forKey: offset) else { return }
        for index in members.indices where members[index].connection == connection {
            members[index].inFlight -= 1
        }
    }
}

/// A connection as the router knows it.
struct LiveConnection: Equatable {
    let id: ConnectionID
    let agent: NameID
    let tenant: NameID
    /// The consumers that it is a member of.
    var consumers: [ConsumerHandle] = []
    /// Whether it takes nothing more for now.
    var isFull = false
}
