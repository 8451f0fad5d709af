package import HubBytes

/// TLS between a socket and a handler: a session as the loop wants it. One for each connection.
package final class TLSTransform: TransportTransform {
    private var session: TLSSession

    /// The server's side of a connection that was accepted.
    package init(server context: TLSContext) throws(TLSFailure) { session = try TLSSession(server: context) }

    /// The client's side of a connection to a host, as `TLSSession`.
    package init(
        client context: TLSContext, host: String, resuming earlier: TLSResumption? = nil
    ) throws(TLSFailure) {
        session = try TLSSession(client: context, host: host, resuming: earlier)
    }

    /// Whom the other side's certificate says that it is, if it has shown one. Read out with each call: ask once.
    package var peerIdentity: PeerIdentity? { session.peerIdentity }
    /// The application protocol that was agreed on.
    package var applicationProtocol: String? { session.applicationProtocol }
    /// The host that a client asked for.
    package var serverName: String? { session.serverName }
    /// The version spoken.
    package var version: String { session.version }
    /// Why it failed, if it did.
    package var failure: TLSFailure? { session.failure }
    /// What a client can come back with.
    package var resumption: TLSResumption? { session.resumption }

    private var state: TransformState {
        switch session.state {
        case .handshaking: .negotiating
        case .open, .closing: .open
        case .peerClosed, .closed: .finished
        case .failed: .failed
        }
    }

    /// Begins: a client has something to say at once.
    package func start(outgoing: inout ByteBuffer) -> TransformState {
        do throws(TLSFailure) { try session.start(sending: &outgoing) } catch { return .failed }
        return state
    }

    /// Opens what came.
    package func receive(
        _ received: RawSpan, plain: inout ByteBuffer, outgoing: inout ByteBuffer
    ) -> TransformState {
        do throws(TLSFailure) { try session.receive(received, into: &plain, sending: &outgoing) } catch {
            return .failed
        }
        return state
    }

    /// Seals what is to be sent.
    package func seal(_ plain: RawSpan, outgoing: inout ByteBuffer) -> TransformState {
        do throws(TLSFailure) { try session.write(plain, sending: &outgoing) } catch { return .failed }
        return state
    }

    /// Says that this side sends no more.
    package func finish(outgoing: inout ByteBuffer) { session.close(sending: &outgoing) }

    /// Nothing: a session gives its buffers back by itself.
    package func releaseMemory() {}
}
