import HubSystem
import HubTiming

/// Where accepted connections may go: the loops of a group.
package protocol ConnectionInlet: AnyObject, Sendable {
    /// Connections that the loop has, and such as are on their way to it.
    var load: Int { get }
    /// Hands a connection over and leaves nil; leaves it where it is if the loop does not take it.
    func offer(_ connection: inout AcceptedConnection?)
}

/// A connection on its way from the loop that accepted it to the one that will have it.
package struct AcceptedConnection: ~Copyable, Sendable {
    let socket: StreamSocket
    let peer: SocketAddress
    let listener: UInt32
}

/// A listening socket of a loop.
struct Listener: ~Copyable {
    let socket: ListeningSocket
    /// What handlers know it by.
    let tag: UInt32
    /// Who gets what is accepted; nobody but the loop itself if empty.
    let inlets: [any ConnectionInlet]
    /// How many a second.
    var rate: TokenBucket
    /// Whether it rests until its timer fires.
    var isResting = false
}
