import HubModel
import HubTiming

/// A connection, as the server numbers them. The generation makes a number that is used again another connection.
package struct ConnectionID: Hashable, Sendable, CustomStringConvertible {
    /// Its place among the connections.
    package let index: UInt32
    /// Which of those that had the place.
    package let generation: UInt32

    /// The connection at a place, of a generation.
    package init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// Place and generation.
    package var description: String { "\(index).\(generation)" }
}

/// What a connection is to the router.
package enum ConnectionRole: Sendable, Equatable {
    /// An agent: the newest of its connections is where it is, and tells whether it is there.
    case agent(Liveness)
    /// Somebody who acts in an agent's name for a moment, as by an HTTP request: no presence follows from it.
    case visitor
}

/// When an agent that says nothing counts as silent, and when as gone. 0 is never.
package struct Liveness: Sendable, Equatable {
    /// Milliseconds without a sign of life after which it counts as silent: some beats were missed.
    package var silentAfterMilliseconds: Int64
    /// Milliseconds after which it counts as gone, though its connection stands.
    package var offlineAfterMilliseconds: Int64

    /// Limits; the second is not below the first.
    package init(silentAfterMilliseconds: Int64 = 0, offlineAfterMilliseconds: Int64 = 0) {
        self.silentAfterMilliseconds = max(0, silentAfterMilliseconds)
        self.offlineAfterMilliseconds =
            offlineAfterMilliseconds <= 0 ? 0 : max(offlineAfterMilliseconds, silentAfterMilliseconds)
    }

    /// Beats at an interval: silent after two of them were missed, gone after four.
    package static func beats(everyMilliseconds interval: Int64) -> Liveness {
        let interval = min(max(0, interval), 86_400_000)
        return Liveness(silentAfterMilliseconds: interval * 2, offlineAfterMilliseconds: interval * 4)
    }
}

/// A connection as the router knows it.
final class LiveConnection {
    let id: ConnectionID
    let agent: NameID
    let tenant: NameID
    let role: ConnectionRole
    /// The consumers that it is a member of.
    var consumers: [ConsumerHandle] = []
    /// Whether it takes nothing more for now.
    var isFull = false
    /// What its agent wants to hear no more of for now.
    var pause: PauseScope?
    /// When it last gave a sign of life, and what followed from that.
    var heardAt: Timestamp
    var presence = Presence.online
    /// The timer that looks after it.
    var timer: TimerHandle?
    /// Whether it is told of everyone of its tenant who comes and goes.
    var isWatchingAll = false
    /// The agents that it is told of.
    var watched: Set<NameID> = []

    init(_ id: ConnectionID, agent: NameID, tenant: NameID, _ role: ConnectionRole, now: Timestamp) {
        self.id = id
        self.agent = agent
        self.tenant = tenant
        self.role = role
        heardAt = now
    }

    /// Whether deliveries can be handed to it.
    var takesMore: Bool { !isFull && pause != .everything }

    var liveness: Liveness? {
        if case .agent(let liveness) = role { return liveness }
        return nil
    }
}

/// The connections, by their place.
struct ConnectionTable {
    private var places: [LiveConnection?] = []
    /// Connections in it.
    private(set) var count = 0

    init() {}

    subscript(id: ConnectionID) -> LiveConnection? {
        let index = Int(id.index)
        guard index < places.count, let known = places[index], known.id == id else { return nil }
        return known
    }

    /// Adds a connection, whose place must be free.
    mutating func insert(_ connection: LiveConnection) {
        let index = Int(connection.id.index)
        if index >= places.count {
            let more = max(index + 1 - places.count, places.count / 2)
            places.append(contentsOf: repeatElement(nil, count: more))
        }
        places[index] = connection
        count += 1
    }

    mutating func remove(_ id: ConnectionID) {
        guard self[id] != nil else { return }
        places[Int(id.index)] = nil
        count -= 1
    }

    /// What is at a place, of whichever generation.
    func occupant(of index: UInt32) -> LiveConnection? {
        Int(index) < places.count ? places[Int(index)] : nil
    }

    /// All of them, in the order of their places.
    func forEach(_ body: (LiveConnection) -> Void) {
        for case let connection? in places { body(connection) }
    }
}
