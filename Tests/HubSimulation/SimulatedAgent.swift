import HubModel
import HubRouter

/// An agent: publishes, is a member of consumers, and settles what it is given, or not.
struct SimulatedAgent {
    let name: String
    var connection: ConnectionID?
    var isFull = false
    /// What it wants to hear no more of for now.
    var pause: PauseScope?
    /// Its consumers on this connection, by their place in the plan.
    var consumers: [Int: ConsumerHandle] = [:]
    /// What it was given on this connection and has not settled.
    var received: [Received] = []

    /// Something it was given.
    struct Received {
        /// Whose watch it is under.
        let watch: String
        let delivery: Effects.Delivery
    }

    static func name(_ index: Int) -> String { "agent-\(index)" }

    private let index: Int
    private var connects = 0

    init(_ index: Int) {
        self.index = index
        name = Self.name(index)
    }

    /// Where its next connection is: two places in turn.
    mutating func nextPlace() -> UInt32 {
        connects += 1
        return UInt32(index * 2 + connects % 2)
    }

    /// Its connection is gone, and what it had with it.
    mutating func leave() {
        connection = nil
        isFull = false
        pause = nil
        consumers = [:]
        received = []
    }
}
