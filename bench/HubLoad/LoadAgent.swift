import HubBytes
import HubConnection

/// One connection of the load, which acts as an agent.
final class LoadAgent {
    enum Role {
        case publisher
        case consumer
    }

    let role: Role
    let name: String
    var connection: ConnectionID?
    /// For a publisher: messages that it is to send, that it has sent, and that have no receipt.
    var quota = 0
    var sent = 0
    var outstanding = 0
    /// For a consumer: messages that it was given.
    var received = 0
    /// Offsets that are to be settled, each as a run.
    var unsettled = ByteBuffer(capacity: 64)

    init(_ role: Role, _ name: String) {
        self.role = role
        self.name = name
    }
}
