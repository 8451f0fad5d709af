import HubBytes
import HubProtocols
import HubSystem
import SocketPeer
import Testing

/// A request that begins well and never ends: the same piece again and again.
struct HostileBomb: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let start: String
    let piece: String
    let status: Int

    init(_ name: String, _ start: String, _ piece: String, _ status: Int) {
        testDescription = name
        self.start = start
        self.piece = piece
        self.status = status
    }
}

/// What hostile clients cost: resident memory of a server in a process of its own, at its peak.
@Suite("What hostile clients cost", .serialized)
struct HostileCostTests {
    private static let get = "GET / HTTP/1.1\r\nHost: hub\r\n"
    private static let post = "POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n"
    private static let bombs = [
        HostileBomb("empty lines", "", "\r\n", 400),
        HostileBomb("a long line", "GET /", "aaaaaaaa", 414),
        HostileBomb("a long method", "", "METHODS", 414),
        HostileBomb("a field without end", get + "X: ", "aaaaaaaa", 431),
        HostileBomb("a field's name without end", get, "aaaaaaaa", 431),
        HostileBomb("many fields", get, "a: b\r\n", 431),
        HostileBomb("few long fields", get, "X: " + String(repeating: "a", count: 8000) + "\r\n", 431),
        HostileBomb("an extension without end", post + "1;", "aaaaaaaa", 413),
        HostileBomb("an extension for each chunk", post, "1;aaaaaaaa=b\r\nx\r\n", 413),
        HostileBomb("a chunk size without end", post, "00000000", 400),
        HostileBomb("trailers without end", post + "0\r\n", "a: b\r\n", 431),
        HostileBomb(
            "more content than allowed", post, "2000\r\n" + String(repeating: "a", count: 0x2000) + "\r\n",
            413),
    ]

    @Test(
        "A bomb is refused with the status that says why, and costs what is allowed of it at most",
        arguments: bombs)
    func refused(_ bomb: HostileBomb) throws {
        let server = try ServerProcess()
        let clients = 100
        let isContent = bomb.start == Self.post && bomb.status == 413 && bomb.piece.hasPrefix("2000")
        // A half MiB each, of which the limits allow 40 KiB; content may have a MiB.
        let (count, pieceBytes) = (isContent ? 3 << 19 : 1 << 19, 16 * 1024)
        let piece = Array(
            String(repeating: bomb.piece, count: max(1, pieceBytes / bomb.piece.utf8.count)).utf8)
        let peak = try server.peakBytes {
            let peers = try (0..<(isContent ? 8 : clients)).map { _ in try Peer(server.address) }
            for peer in peers { #expect(peer.send(bomb.start)) }
            // All at the same time, and none waits for what it is told.
            for _ in 0..<count / piece.count { for peer in peers { _ = peer.send(piece) } }
            for peer in peers { #expect(peer.answer()?.status == bomb.status) }
        }
        // Unlimited it would be 50 MiB of heads, or 12 of content. Content of eight clients is allowed 8 MiB.
        #expect(peak < (isContent ? 11 : 6) << 20, "\(peak >> 10) KiB")
    }

    @Test("Heads that stop right before their end cost a few times what came of them")
    func unfinishedHeads() throws {
        let server = try ServerProcess()
        let head = Self.get + "X: " + String(repeating: "a", count: 30_000)
        let clients = 300
        let peak = try server.peakBytes {
            let peers = try (0..<clients).map { _ in try Peer(server.address) }
            for peer in peers { #expect(peer.send(head)) }
            for peer in peers { #expect(peer.send("\r\n\r\n") && peer.answer()?.status == 200) }
        }
        #expect(peak / clients < 3 * head.utf8.count, "\(peak / clients) bytes each")
    }

    @Test(
        "A message of a MiB, as large as allowed, costs a few times its size, one byte more nothing, nor its announcement"
    )
    func largeFrames() throws {
        let size = 1 << 20
        let server = try ServerProcess(descriptors: 1024, "--message-bytes", "\(size)")
        let frame = Peer.frame(.binary, [UInt8](repeating: 7, count: size))
        let clients = 24
        func upgraded() throws -> [Peer] {
            try (0..<clients).map { _ in
                let peer = try Peer(server.address)
                #expect(peer.upgrade().first == "HTTP/1.1 101 Switching Protocols")
                return peer
            }
        }
        let peers = try upgraded()
        let announced = try server.peakBytes {
            for peer in peers { #expect(peer.send(Array(frame.prefix(14)))) }
            SystemClock.sleep(milliseconds: 200)
        }
        #expect(announced < 2 << 20, "\(announced >> 10) KiB")
        let allowed = try server.peakBytes {
            for peer in peers { #expect(peer.send(Array(frame[14..<frame.count - 1]))) }
            for peer in peers {
                #expect(peer.send(Array(frame.suffix(1))))
                #expect(peer.frame()?.payload.count == size)
            }
        }
        #expect(allowed < (clients * 2) << 20, "\(allowed >> 10) KiB")
        let larger = Peer.frame(.binary, [UInt8](repeating: 7, count: size + 1))
        let refused = try server.peakBytes {
            let peers = try upgraded()
            for peer in peers {
                // What follows is thrown away up to a bound, and then the connection with it.
                _ = peer.send(larger)
                if let code = peer.closeCode() { #expect(code == 1009) }
                #expect(peer.ending() != .none)
            }
        }
        #expect(refused < 4 << 20, "\(refused >> 10) KiB")
    }

    @Test("A message in a million pieces of one byte comes whole, and costs a few times its size")
    func fragments() throws {
        let server = try ServerProcess()
        let peer = try Peer(server.address)
        _ = peer.upgrade()
        let piece = Peer.frame(.continuation, [7], isFinal: false)
        let thousand = (0..<1000).flatMap { _ in piece }
        let peak = try server.peakBytes {
            #expect(peer.send(Peer.frame(.binary, [7], isFinal: false)))
            for _ in 0..<1000 { #expect(peer.send(thousand)) }
            #expect(peer.send(Peer.frame(.continuation, [7])))
            let frame = peer.frame()
            #expect(frame?.opcode == 2 && frame?.payload == [UInt8](repeating: 7, count: 1_000_002))
        }
        // The message, its echo, and each of them once more while it is moved.
        #expect(peak < 6 << 20, "\(peak >> 10) KiB")
    }

    @Test("Among all of them at once a well-behaved client is answered as before")
    func harmsNobody() throws {
        let server = try ServerProcess()
        let good = try Peer(server.address)
        _ = good.upgrade()
        let crowd = try HostileCrowd(server.address)
        var latencies: [UInt64] = []
        let peak = try server.peakBytes {
            for round in 0..<60 {
                try crowd.attack(round)
                let begin = SystemClock.monotonicNanoseconds()
                #expect(good.send(.text, "\(round)") && good.message() == "\(round)")
                latencies.append(SystemClock.monotonicNanoseconds() - begin)
            }
        }
        latencies.sort()
        // A loop that waits for one of them stands still until a deadline, of ten seconds or more; one that is held up
        // by each, in every round. A busy machine takes its time now and then.
        #expect(latencies[59] < 4_000_000_000 && latencies[30] < 500_000_000, "\(latencies)")
        #expect(peak < 64 << 20, "\(peak >> 10) KiB")
    }
}
