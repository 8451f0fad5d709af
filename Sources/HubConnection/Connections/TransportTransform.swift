package import HubBytes
import HubSystem

/// Stands between a socket and what the handler sees of it, as TLS does.
///
/// It works on memory: received bytes go in and plain ones come out, and the other way round. The loop reads and
/// writes. It is called once or twice for a connection and turn, not for each message, so that finding the right
/// implementation at run time costs nothing that can be measured; connections without one pay a pointer.
package protocol TransportTransform: AnyObject {
    /// Begins: appends what is to be sent at once, if anything.
    func start(outgoing: inout ByteBuffer) -> TransformState
    /// Takes all of `received`; appends what it means to `plain`, and what is to be sent because of it to `outgoing`.
    func receive(
        _ received: RawSpan, plain: inout ByteBuffer, outgoing: inout ByteBuffer
    ) -> TransformState
    /// Takes all of `plain`; appends its transformed form to `outgoing`. Called only when the state is open.
    func seal(_ plain: RawSpan, outgoing: inout ByteBuffer) -> TransformState
    /// Appends what tells the other side that nothing more will come.
    func finish(outgoing: inout ByteBuffer)
    /// The connection is idle: memory that can be made again may be given back.
    func releaseMemory()
}

/// How far a transform is.
package enum TransformState: Hashable, Sendable {
    /// Both sides still agree on how to go on; nothing plain can be sent.
    case negotiating
    /// Plain bytes go both ways.
    case open
    /// The other side said that nothing more will come from it.
    case finished
    /// What came makes no sense or cannot be trusted. What is in `outgoing` is still sent, to say so.
    case failed
}

/// A connection's transform and what it wants to have sent.
final class TransportLink {
    let transform: any TransportTransform
    var state = TransformState.negotiating
    /// Transformed bytes that wait to be sent; these before all that is queued.
    var outgoing = ByteBuffer(capacity: 0)
    /// How many of them are sent.
    var outgoingSent = 0
    /// Whether the other side was told that nothing more will come.
    var hasFinished = false

    init(_ transform: any TransportTransform) { self.transform = transform }

    var waiting: Int { outgoing.count - outgoingSent }
    /// Whether plain bytes can be sent; the other side may have finished before us.
    private var isOpen: Bool { state == .open || state == .finished }
    /// Whether it failed and has said so.
    var isSpent: Bool { state == .failed && waiting == 0 }

    /// Takes in what came.
    func receive(_ received: borrowing ByteBuffer, plain: inout ByteBuffer) {
        state = transform.receive(received.bytes, plain: &plain, outgoing: &outgoing)
    }

    /// Transforms what is queued, until `sizeMax` bytes or more are waiting. `scratch` is for the way: pieces are
    /// put together there, since a record of its own for each small one would cost more than copying it.
    func seal(_ queue: inout OutboundQueue, _ scratch: inout ByteBuffer, sizeMax: Int) {
        while isOpen, !queue.isEmpty, waiting < sizeMax {
            scratch.removeAll()
            queue.move(upTo: Self.recordSizeMax, to: &scratch)
            state = transform.seal(scratch.bytes, outgoing: &outgoing)
        }
        scratch.removeAll()
    }

    /// Sealed bytes that wait to be sent; more are not sealed before there is room.
    static let sealedMax = 64 * 1024
    /// What one TLS record holds.
    private static let recordSizeMax = 16 * 1024

    /// Lists what waits.
    ///
    /// Safety: the list refers to `outgoing`, which may not be changed until the list was sent.
    @unsafe func list(_ pieces: inout GatherList) {
        // Safety: as said.
        unsafe Self.list(outgoing, from: outgoingSent, &pieces)
    }

    // Safety: the caller leaves the buffer as it is until the list was sent.
    @unsafe private static func list(
        _ buffer: borrowing ByteBuffer, from start: Int, _ pieces: inout GatherList
    ) {
        unsafe pieces.append(buffer.bytes.extracting(start..<buffer.count))
    }

    /// Lets go of bytes that are sent.
    func advance(_ sent: Int) {
        outgoingSent += sent
        // Once half is sent, the other half moves to the front, so that each byte moves once at most for each that was
        // sent. Waiting until all is sent would keep all that went over: there is always something left for a reader
        // that is a little behind.
        guard outgoingSent >= outgoing.count - outgoingSent else { return }
        outgoing.removeFirst(outgoingSent)
        outgoingSent = 0
    }

    func releaseMemory() {
        transform.releaseMemory()
        if outgoing.isEmpty { outgoing.shrink(toCapacity: 0) }
    }
}
