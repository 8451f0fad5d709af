import HubModel
import HubRouter

/// An agent: publishes, belongs to a group's consumer, and settles what it is given, or not.
struct SimulatedAgent {
    let name: String
    /// The group's consumer.
    let consumerName: String
    let pattern: TopicPattern
    var connection: ConnectionID?
    var consumer: ConsumerHandle?
    var isFull = false
    /// What it was given on this connection and has not settled.
    var received: [Effects.Delivery] = []

    init(index: Int, _ plan: Plan) {
        name = "agent-\(index)"
        let group = index % plan.groups
        consumerName = "group-\(group)"
        pattern = TopicPattern(unchecked: Plan.patterns[group % Plan.patterns.count])
    }
}
