package import HubSystem

/// Several loops that share their listeners and limits.
///
/// The first loop accepts and deals connections out to the one that has the fewest. Connections of a hub live long,
/// so what counts is that loops stay even, not how fast the first of them takes connections in.
package final class LoopGroup<Message: Sendable>: Sendable {
    /// The loops, the accepting one first.
    package let loops: [LoopThread<Message>]
    /// The limits on connections of all loops.
    package let admission: AdmissionLimits

    /// Starts `count` loops; each makes its handler from its number, counted from 0.
    package init<Handler: ConnectionHandler & ~Copyable>(
        count: Int, settings: ConnectionSettings, admission: AdmissionLimits,
        _ makeHandler: @escaping @Sendable (Int) -> Handler
    ) throws(SystemError) where Handler.Message == Message {
        precondition(count > 0)
        var loops: [LoopThread<Message>] = []
        for number in 0..<count {
            do {
                loops.append(
                    try LoopThread(name: "loop-\(number)", settings: settings, admission: admission) {
                        makeHandler(number)
                    })
            } catch {
                for loop in loops { loop.stop(graceMilliseconds: 0) }
                for loop in loops { loop.join() }
                throw error
            }
        }
        self.loops = loops
        self.admission = admission
    }

    /// Listens; the address says which port it is, if the system was to choose.
    @discardableResult
    package func listen(_ address: SocketAddress, tag: UInt32 = 0) throws(SystemError) -> SocketAddress {
        let socket = try ListeningSocket(address)
        let actual = socket.address
        loops[0].listen(socket, tag: tag, dealingTo: loops.count > 1 ? loops : [])
        return actual
    }

    /// The sum of a counter over all loops; the largest for `queuedMax`.
    package func count(_ counter: LoopCounter) -> Int {
        let values = loops.map { $0.counters[counter] }
        return counter == .queuedMax ? values.max() ?? 0 : values.reduce(0, +)
    }

    /// Stops all loops and waits for their end.
    package func stop(graceMilliseconds: Int64) {
        for loop in loops { loop.stop(graceMilliseconds: graceMilliseconds) }
        for loop in loops { loop.join() }
    }
}
