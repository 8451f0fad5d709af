import HubBytes
import HubSystem
import SocketPeer
import Testing

@testable import HubConnection

/// Passes everything on as it is, and has more to say by itself with each byte that comes.
private final class Chatter: TransportTransform {
    private let answerBytes: Int
    init(answerBytes: Int = 0) { self.answerBytes = answerBytes }

    func start(outgoing: inout ByteBuffer) -> TransformState { .open }

    func receive(
        _ received: RawSpan, plain: inout ByteBuffer, outgoing: inout ByteBuffer
    ) -> TransformState {
        outgoing.append(zeros: answerBytes * received.byteCount)
        return .open
    }

    func seal(_ plain: RawSpan, outgoing: inout ByteBuffer) -> TransformState {
        outgoing.append(plain)
        return .open
    }

    func finish(outgoing: inout ByteBuffer) {}
    func releaseMemory() {}
}

/// What a transform has to send takes a bounded amount of memory.
@Suite struct TransportLinkTests {
    @Test func `A reader that is always a little behind costs what waits, not all that was ever sent`() throws
    {
        let link = TransportLink(Chatter())
        link.state = .open
        var queue = OutboundQueue()
        var scratch = ByteBuffer(capacity: 0)
        let piece = [UInt8](repeating: 7, count: 32 * 1024)
        for _ in 0..<1000 {
            piece.withBytes { queue.append($0) }
            link.seal(&queue, &scratch, sizeMax: 64 * 1024)
            // Never all of it: there is no moment at which nothing waits.
            link.advance(min(link.waiting - 1, piece.count))
        }
        #expect(link.waiting <= 128 * 1024)
        #expect(link.outgoing.capacity <= 512 * 1024)
    }

    @Test func `A peer that has the transform answer, and reads nothing, is cut off at the bound`() throws {
        var settings = ConnectionSettings.patient
        settings.outboundMax = 256 * 1024
        let hub = try TestHub(settings) { handler in
            handler.onOpened = { id, _, loop in
                loop.markEstablished(id)
                loop.attach(Chatter(answerBytes: 64), to: id)
            }
        }
        let peer = try Peer(hub.address)
        peer.shrinkBuffers()
        let question = [UInt8](repeating: 1, count: 1000)
        var sent = 0
        while sent < 1000, peer.send(question) { sent += 1 }
        #expect(hub.recorder.wait { $0.closed.count == 1 })
        // One read's answers more than the bound.
        #expect(hub.count(.queuedMax) <= settings.outboundMax + 64 * settings.readSize)
        #expect(sent < 1000)
    }
}
