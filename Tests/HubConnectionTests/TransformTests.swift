import HubBytes
import HubConnection
import HubSystem
import SocketPeer
import Testing

/// Stands in for TLS: both sides say hello, then each byte goes over exclusive-or 90; a zero byte in front of `!` is
/// its end, in front of anything else its failure.
private final class Scrambler: TransportTransform {
    private var state = TransformState.negotiating
    private var isEscaped = false
    var releases = 0

    func start(outgoing: inout ByteBuffer) -> TransformState {
        outgoing.append("hello" as StaticString)
        return state
    }

    private var greeting = Array("HELLO".utf8)

    func receive(
        _ received: RawSpan, plain: inout ByteBuffer, outgoing: inout ByteBuffer
    ) -> TransformState {
        for byte in received.array {
            if state == .negotiating {
                if byte != greeting.removeFirst() {
                    outgoing.append("go away" as StaticString)
                    state = .failed
                    return state
                }
                if greeting.isEmpty { state = .open }
            } else if isEscaped {
                state = byte == UInt8(ascii: "!") ? .finished : .failed
            } else if byte == 0 {
                isEscaped = true
            } else {
                plain.append(byte ^ 90)
            }
        }
        return state
    }

    func seal(_ plain: RawSpan, outgoing: inout ByteBuffer) -> TransformState {
        for byte in plain.array { outgoing.append(byte ^ 90) }
        return state
    }

    func finish(outgoing: inout ByteBuffer) { outgoing.append("\0!" as StaticString) }
    func releaseMemory() { releases += 1 }

    static func scrambled(_ bytes: [UInt8]) -> [UInt8] { bytes.map { $0 ^ 90 } }
}

/// The place between socket and handler where TLS goes.
@Suite struct TransformTests {
    private func hub(_ script: @escaping @Sendable (inout Script) -> Void = echo) throws -> TestHub {
        try TestHub { handler in
            script(&handler)
            handler.onOpened = { id, _, loop in
                loop.markEstablished(id)
                loop.attach(Scrambler(), to: id)
                // Waits until the handshake is over.
                "welcome ".withBytes { _ = loop.send($0, on: id) }
            }
        }
    }

    @Test func `Plain bytes are transformed both ways, after the handshake and in any pieces`() throws {
        let hub = try hub()
        let peer = try Peer(hub.address)
        #expect(peer.text(5) == "hello")
        for byte in "HELLO".utf8 { #expect(peer.send([byte])) }
        #expect(peer.receive(8) == Scrambler.scrambled(Array("welcome ".utf8)))
        #expect(hub.recorder.wait { $0.secured == 1 })
        let plain = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 % 80) }
        for start in stride(from: 0, to: plain.count, by: 50_000) {
            let part = Array(plain[start..<start + 50_000])
            #expect(peer.send(Scrambler.scrambled(part)))
            #expect(peer.receive(part.count) == Scrambler.scrambled(part))
        }
        // The other side's end goes through the transform too, and is answered by ours.
        #expect(peer.send("\0!"))
        #expect(peer.text(2) == "\0!")
        #expect(peer.ending() == .end)
        #expect(hub.recorder.wait { $0.closed == [.finished] && $0.ended == 1 })
    }

    @Test func `Closing sends what waits, then the transform's end, then ours`() throws {
        let hub = try hub { script in
            script.onReceived = { id, bytes, loop in
                [UInt8](repeating: 1, count: 300_000).withBytes { _ = loop.send($0, on: id) }
                loop.close(id)
                return bytes.byteCount
            }
        }
        let peer = try Peer(hub.address)
        #expect(peer.send("HELLO") && peer.send(Scrambler.scrambled([1])))
        #expect(peer.receive(13).count == 13)
        #expect(peer.receive(300_000).allSatisfy { $0 == 1 ^ 90 })
        #expect(peer.text(2) == "\0!")
        #expect(peer.ending() == .end)
        peer.leave()
        #expect(hub.recorder.wait { $0.closed == [.closed] })
    }

    @Test func `A failed handshake is answered and ends the connection, of which no byte is seen`() throws {
        let hub = try hub()
        let peer = try Peer(hub.address)
        #expect(peer.send("HELP"))
        #expect(peer.text(12) == "hellogo away")
        #expect(hub.recorder.wait { $0.closed == [.transformFailed] })
        #expect(hub.recorder.now.secured == 0 && hub.recorder.now.bytes.isEmpty)
        #expect(hub.count(.closedTransformFailed) == 1)
    }

    @Test func `A failure later on ends the connection as well`() throws {
        let hub = try hub()
        let peer = try Peer(hub.address)
        #expect(peer.send("HELLO") && peer.send("\0?"))
        #expect(hub.recorder.wait { $0.closed == [.transformFailed] })
    }
}
