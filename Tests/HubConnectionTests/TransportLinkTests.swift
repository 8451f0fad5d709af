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
}
