import HubModel
import HubTiming

/// A consumer while the hub runs: who is served on its behalf, and what of that is not in the log yet.
final class LiveConsumer {
    /// How it gets its messages.
    enum Mode: Equatable {
        /// From the block that is being applied.
        case live
        /// From the log: nobody had room for something, or it began in the past. The number is that of the read that is
        /// under way: what an older one brings is of no use.
        case behind(reading: UInt64?)
    }

    /// One connection that is served.
    struct Member {
        let connection: LiveConnection
        /// Deliveries to it that are not settled, where there are others to compare with.
        var inFlight = 0
    }

    let handle: ConsumerHandle
    /// What the log says of it; of a nameless one, what the log would say.
    let state: LoggedConsumer
    /// Whether it has a name, and the log knows of it.
    let isLogged: Bool
    var mode = Mode.behind(reading: nil)
    /// What is offered to it. The log may already say otherwise while that record is being applied.
    var filter: ConsumerFilter
    /// What lies before it has had already, by whichever way.
    var position: Offset
    private(set) var members: [Member] = []
    private var nextMember = 0
    /// Deliveries that the log does not know of yet.
    var delivered: DeliveryRecord
    /// How many of those, and of those in blocks on their way, count as in flight, and how many as held back.
    var provisional = 0
    var provisionalHeld = 0
    /// What its members said that the log does not know of yet.
    var verdicts: SettlementRecord
    /// Messages that are being attended to, so that their deadline says nothing: those that are read to be delivered
    /// again or given up, with the number of the read, and those that were, until the log knows of that.
    var attended: [Offset: UInt64] = [:]
    /// Stands for the number of a read where none is under way.
    static let noRead: UInt64 = 0
    /// What it is owed besides what comes.
    var owed = OwedDeliveries()
    /// In a group, who has what.
    private var holders: [Offset: ConnectionID] = [:]
    /// Whether somebody was told that it waits for acknowledgements.
    var isStallKnown = false
    /// Whether nobody could take what was read last, though somebody takes more: then something has to change before
    /// the next is read.
    var isBlocked = false
    /// Whether it is on the list of those with something to log.
    var isListed = false
    /// The timer for its next deadline, and when it may be looked through again at the earliest.
    var timer: TimerHandle?
    var notBefore = Timestamp.none

    init(handle: ConsumerHandle, _ state: LoggedConsumer, isLogged: Bool) {
        self.handle = handle
        self.state = state
        self.isLogged = isLogged
        position = state.cursor
        filter = state.filter
        delivered = DeliveryRecord(era: state.era, cursor: state.cursor)
        verdicts = SettlementRecord(era: state.era)
        owed = OwedDeliveries(state)
    }

    /// The name's number; none for a nameless one.
    var name: NameID { state.id }
    var tenant: NameID { state.tenant }
    var isExplicit: Bool { state.settings.acknowledgement == .explicit }

    /// Deliveries that somebody has.
    var inFlight: Int { state.unsettled.inFlight + provisional }

    /// Whether its members may be given one more that they have to settle.
    var hasRoom: Bool { !isExplicit || inFlight < state.settings.inFlightMax }

    /// Whether one more may be held back: what is held costs memory like what is in flight.
    var hasRoomToHold: Bool { state.unsettled.owedCount + provisionalHeld < state.settings.inFlightMax }

    /// Something was settled. Who waits at the limit is not told of each message that makes it wait again, but when it
    /// had caught its breath.
    func noteProgress() {
        isBlocked = false
        if inFlight <= state.settings.inFlightMax / 2 { isStallKnown = false }
    }

    /// Forgets what is not in the log, and stands where that says.
    func startAgain() {
        mode = .behind(reading: nil)
        position = state.cursor
        delivered = DeliveryRecord(era: state.era, cursor: state.cursor)
        provisional = 0
        provisionalHeld = 0
        verdicts = SettlementRecord(era: state.era)
        attended = [:]
        notBefore = .none
        owed = OwedDeliveries(state)
        // What the log knows of is still with whoever was given it.
        holders = holders.filter { state.unsettled.find($0.key)?.standing == .leased }
        isStallKnown = false
        isBlocked = false
        isListed = false
        for index in members.indices {
            let connection = members[index].connection.id
            members[index].inFlight = holders.values.count { $0 == connection }
        }
    }

    // MARK: Members

    /// Whether anybody is served.
    var hasMembers: Bool { !members.isEmpty }

    func hasMember(_ connection: ConnectionID) -> Bool { members.contains { $0.connection.id == connection } }

    /// Begins to serve a connection.
    func join(_ connection: LiveConnection) {
        guard !hasMember(connection.id) else { return }
        members.append(Member(connection: connection))
    }

    /// Ends serving a connection; returns what it had and others do not, in order, as far as that is known: nil if it
    /// was the only one, so that all is.
    func leave(_ connection: ConnectionID) -> [Offset]? {
        members.removeAll { $0.connection.id == connection }
        if nextMember >= members.count { nextMember = 0 }
        let left = holders.filter { $0.value == connection }.keys.sorted()
        for offset in left { holders[offset] = nil }
        return members.isEmpty ? nil : left
    }

    /// The member that gets the next message: of those that take more, the one with the least in flight, in turn
    /// among equals; for a sticky consumer the one that the session belongs to, or nobody while that one is full.
    func pick(session: NameID, isSticky: Bool, where isGood: (LiveConnection) -> Bool = { $0.takesMore })
        -> Int?
    {
        if members.count == 1 { return isGood(members[0].connection) ? 0 : nil }
        if members.isEmpty { return nil }
        if isSticky, session != .none {
            let index = Int(DeterministicRandom.mix(UInt64(session.rawValue)) % UInt64(members.count))
            return isGood(members[index].connection) ? index : nil
        }
        var best: Int?
        for step in 0..<members.count {
            let index = (nextMember + step) % members.count
            guard isGood(members[index].connection) else { continue }
            if best.map({ members[index].inFlight < members[$0].inFlight }) ?? true { best = index }
        }
        return best
    }

    /// Whether anybody takes more.
    var hasTaker: Bool { members.contains { $0.connection.takesMore } }

    /// Notes that a member was given a message; says which connection that is.
    func give(_ offset: Offset, to index: Int) -> ConnectionID {
        let connection = members[index].connection.id
        // Of a group it is noted from the first member on: others may join while that still has something.
        guard state.settings.isShared || members.count > 1 else { return connection }
        nextMember = (index + 1) % members.count
        if isExplicit {
            release(offset)
            members[index].inFlight += 1
            holders[offset] = connection
        }
        return connection
    }

    /// Notes that a message is no longer anybody's.
    func release(_ offset: Offset) {
        guard let connection = holders.removeValue(forKey: offset) else { return }
        for index in members.indices where members[index].connection.id == connection {
            members[index].inFlight -= 1
        }
    }

    /// Notes that all between two offsets, both included, are no longer anybody's.
    func release(from: Offset, through: Offset) {
        guard !holders.isEmpty else { return }
        if from.distance(to: through) < holders.count {
            var offset = from
            while offset <= through {
                release(offset)
                offset = offset.next
            }
        } else {
            for offset in holders.keys where from <= offset && offset <= through { release(offset) }
        }
    }
}
