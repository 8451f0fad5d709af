import HubBytes
package import HubSystem

/// Names a datagram endpoint of a loop.
package struct DatagramEndpoint: Hashable, Sendable, BitwiseCopyable {
    let id: ConnectionID
}

extension EventLoop {
    /// The longest datagram that is received or sent: what passes through every network in one piece and more.
    package static let datagramSizeMax = 8 * 1024
    /// Datagrams received in one turn, so that a flood does not hold up connections.
    private static let datagramsPerTurnMax = 64

    /// Receives datagrams from now on.
    package mutating func bind(_ socket: consuming DatagramSocket) throws(SystemError) -> DatagramEndpoint {
        let id = endpointIDs.make()
        do {
            try epoll.add(socket.descriptor, .input, token: EventToken(.datagrams, id).rawValue)
        } catch {
            endpointIDs.giveBack(id)
            throw error
        }
        endpoints.insert(socket, id)
        return DatagramEndpoint(id: id)
    }

    /// Receives none any more.
    package mutating func unbind(_ endpoint: DatagramEndpoint) {
        guard endpoints.contains(endpoint.id) else { return }
        let socket = endpoints.remove(endpoint.id)
        epoll.remove(socket.descriptor)
        endpointIDs.giveBack(endpoint.id)
    }

    /// Sends a datagram at once; false if it was lost already.
    @discardableResult
    package mutating func send(
        _ bytes: RawSpan, to address: SocketAddress, from endpoint: DatagramEndpoint
    ) -> Bool {
        guard endpoints.contains(endpoint.id), bytes.byteCount <= Self.datagramSizeMax,
            endpoints[endpoint.id].send(bytes, to: address) == 0
        else {
            counters.add(.datagramsFailed)
            return false
        }
        counters.add(.datagramsOut)
        return true
    }

    /// Receives one datagram; nil when there is none, or enough for this turn.
    mutating func receiveDatagram(
        _ id: ConnectionID, _ buffer: inout ByteBuffer, turn: inout Int
    ) -> SocketAddress? {
        while turn < Self.datagramsPerTurnMax, endpoints.contains(id) {
            turn += 1
            switch endpoints[id].receive(into: &buffer, sizeMax: Self.datagramSizeMax) {
            case .datagram(let from):
                counters.add(.datagramsIn)
                return from
            case .tooLong: counters.add(.datagramsTooLong)
            case .failed: counters.add(.datagramsFailed)
            case .none: return nil
            }
        }
        return nil
    }
}
