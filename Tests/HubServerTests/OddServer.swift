import HubBytes
import HubConnection
import HubSystem
import SocketPeer

/// Leaves the end of a connection out: what a cut line looks like from the other side.
final class Unannounced: TransportTransform {
    private let tls: TLSTransform
    init(_ tls: TLSTransform) { self.tls = tls }

    func start(outgoing: inout ByteBuffer) -> TransformState { tls.start(outgoing: &outgoing) }
    func receive(
        _ received: RawSpan, plain: inout ByteBuffer, outgoing: inout ByteBuffer
    ) -> TransformState { tls.receive(received, plain: &plain, outgoing: &outgoing) }
    func seal(_ plain: RawSpan, outgoing: inout ByteBuffer) -> TransformState {
        tls.seal(plain, outgoing: &outgoing)
    }
    func finish(outgoing: inout ByteBuffer) {}
    func releaseMemory() {}
}

/// A server that says the same whatever it hears, and does what servers should not.
struct OddServer: ConnectionHandler {
    typealias Message = Int

    var text = ""
    var tls: TLSContext?
    /// Ends the connection behind its text, with or without saying so in TLS.
    var ends = false
    var isAnnounced = true
    /// Reads nothing after the first bytes.
    var stopsReading = false

    mutating func opened(_ id: ConnectionID, _ origin: ConnectionOrigin, _ loop: inout EventLoop) {
        loop.markEstablished(id)
        guard let tls, let transform = try? TLSTransform(server: tls) else { return }
        loop.attach(isAnnounced ? transform : Unannounced(transform), to: id)
    }

    mutating func received(
        _ id: ConnectionID, _ bytes: inout ByteBuffer, _ loop: inout EventLoop
    ) -> Int {
        text.withBytes { _ = loop.send($0, on: id) }
        if ends { loop.close(id) }
        if stopsReading { loop.pauseReading(id) }
        return bytes.count
    }

    /// The group that serves it, which the caller stops, and where it listens.
    static func start(_ server: OddServer) throws -> (group: LoopGroup<Int>, address: SocketAddress) {
        let admission = AdmissionLimits(totalMax: 100, perAddressMax: 100)
        let group = try LoopGroup(count: 1, settings: .patient, admission: admission) { _ in server }
        guard let any = SocketAddress("127.0.0.1:0") else { throw WebHub.NoAddress() }
        return (group, try group.listen(any))
    }
}
