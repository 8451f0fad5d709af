import HubProtocols
import HubSystem
import SocketPeer

/// Sends the same bytes again and again, as far as there is room for them at the moment.
private final class Cycle {
    private let peer: Peer
    private let bytes: [UInt8]
    private var position = 0

    init(_ peer: Peer, _ bytes: [UInt8]) {
        self.peer = peer
        self.bytes = bytes
    }

    func sendNow() {
        position += peer.sendNow(Array(bytes[position...]))
        if position == bytes.count { position = 0 }
    }
}

/// Clients of all the hostile kinds: slow ones, such as read nothing, floods, bombs, and large frames.
final class HostileCrowd {
    private let address: SocketAddress
    private let lorises: [Peer]
    private let cycles: [Cycle]
    private var bombers: [Peer] = []

    private static let requests = Array(
        String(repeating: "GET /large HTTP/1.1\r\nHost: hub\r\n\r\n", count: 50).utf8)
    private static let pings = (0..<500).flatMap { _ in
        Peer.frame(.ping, [UInt8](repeating: 65, count: 100)) + Peer.frame(.continuation, [1], isFinal: false)
    }
    private static let frame = Peer.frame(.binary, [UInt8](repeating: 7, count: 1 << 20))
    private static let bombs = [
        "GET /" + String(repeating: "a", count: 60_000),
        "GET / HTTP/1.1\r\nHost: hub\r\n" + String(repeating: "a: b\r\n", count: 10_000),
        "GET / HTTP/1.1\r\nHost: hub\r\nX: " + String(repeating: "a", count: 60_000),
        "POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n1;"
            + String(repeating: "a", count: 60_000),
    ].map { Array($0.utf8) }

    init(_ address: SocketAddress) throws {
        func peers(_ count: Int, upgraded: Bool) throws -> [Peer] {
            try (0..<count).map { _ in
                let peer = try Peer(address)
                if upgraded { _ = peer.upgrade() }
                return peer
            }
        }
        self.address = address
        lorises = try peers(50, upgraded: false)
        let deaf = try peers(4, upgraded: false)
        let floods = try peers(4, upgraded: true)
        let large = try peers(4, upgraded: true)
        cycles =
            deaf.map { Cycle($0, Self.requests) } + floods.map { Cycle($0, Self.pings) }
            + large.map { Cycle($0, Self.frame) }
        for peer in lorises { _ = peer.send("GET / HT") }
        for peer in deaf + floods + large { peer.shrinkBuffers() }
        for peer in floods { _ = peer.send(Peer.frame(.binary, [1], isFinal: false)) }
    }

    /// Everybody does a little more of what it does, as far as there is room for it now.
    func attack(_ round: Int) throws {
        for peer in lorises { _ = peer.sendNow([65]) }
        for cycle in cycles { cycle.sendNow() }
        for bomb in Self.bombs {
            let peer = try Peer(address)
            _ = peer.sendNow(bomb)
            bombers.append(peer)
        }
        if bombers.count > 100 { bombers.removeFirst(50) }
    }
}
