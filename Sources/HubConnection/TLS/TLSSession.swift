import COpenSSL
package import HubBytes

/// TLS on one connection, without the connection: bytes that came go in, bytes to be sent come out, and nothing
/// waits inside but the part of a record that has come.
///
/// A session belongs to whoever reads and writes the connection. After a failure it says the same failure again;
/// the alert that tells the peer is in the output of the call that failed.
@safe package struct TLSSession: ~Copyable {
    /// How far a session is.
    package enum State: Sendable {
        /// Nothing of ours can be sent yet.
        case handshaking
        case open
        /// The peer has said that it sends no more; this side still may.
        case peerClosed
        /// This side has said so; the peer still may.
        case closing
        /// Both have.
        case closed
        case failed
    }

    /// How far it is.
    package private(set) var state = State.handshaking
    /// Why it failed, if it did.
    package private(set) var failure: TLSFailure?
    // Safety: session and pipe are OpenSSL's, owned by this value and freed in deinit; the pipe goes with the
    // session.
    let handle: OpaquePointer
    private let pipeEnd: OpaquePointer
    /// Callbacks find it through OpenSSL, which does not hold it.
    private let context: TLSContext
    private let host: String
    private var gate: HelloGate?

    /// The server's side of a connection that was accepted.
    package init(server context: TLSContext) throws(TLSFailure) {
        precondition(context.server != nil, "a client's context in a server")
        let (session, end) = unsafe try Self.make(context)
        // Safety: the session is this value's from here on.
        unsafe SSL_set_accept_state(session)
        unsafe handle = session
        unsafe pipeEnd = end
        self.context = context
        host = ""
        gate = HelloGate()
    }

    /// The client's side of a connection to a host, whose name or address must stand in the certificate. Resumes
    /// an earlier session with the same host, if there was one in the same context.
    package init(
        client context: TLSContext, host: String, resuming earlier: TLSResumption? = nil
    ) throws(TLSFailure) {
        precondition(context.server == nil, "a server's context in a client")
        let (session, end) = unsafe try Self.make(context)
        // Safety: the session is this value's from here on, or freed if the host cannot be set.
        guard unsafe Self.expect(host, session) else {
            unsafe SSL_free(session)
            OpenSSLError.clear()
            throw TLSFailure(.wrongName, "\(host.debugDescription) is no host name and no address")
        }
        unsafe SSL_set_connect_state(session)
        if let earlier, earlier.isFor(host, context) { unsafe earlier.use(in: session) }
        unsafe handle = session
        unsafe pipeEnd = end
        self.context = context
        self.host = host
    }

    deinit {
        // Safety: the one reference to the session; it owns the pipe.
        unsafe SSL_free(handle)
    }

    // Safety: both are the caller's; the session owns the pipe.
    private static func make(
        _ context: TLSContext
    ) throws(TLSFailure) -> (session: OpaquePointer, end: OpaquePointer) {
        OpenSSLError.clear()
        guard let session = unsafe SSL_new(context.handle) else {
            throw TLSFailure(.internal, "no TLS session: \(OpenSSLError.takeText())")
        }
        guard let end = unsafe TLSPipe.makeEnd() else {
            unsafe SSL_free(session)
            throw TLSFailure(.internal, "no TLS session: \(OpenSSLError.takeText())")
        }
        unsafe SSL_set_bio(session, end, end)
        return unsafe (session, end)
    }

    private static let hostBytesMax = 253

    // Safety: the session is alive; the name is copied by it.
    private static func expect(_ host: String, _ session: OpaquePointer) -> Bool {
        guard (1...hostBytesMax).contains(host.utf8.count),
            host.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return false }
        let parameters = unsafe SSL_get0_param(session)
        if unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1 { return true }
        let flags = UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)
        unsafe X509_VERIFY_PARAM_set_hostflags(parameters, flags)
        return unsafe X509_VERIFY_PARAM_set1_host(parameters, host, 0) == 1
            && copenssl_session_server_name(session, host) == 1
    }

    /// Begins: a client's first bytes to send.
    package mutating func start(sending output: inout ByteBuffer) throws(TLSFailure) {
        var nothing = ByteBuffer(capacity: 0)
        try receive(RawSpan(), into: &nothing, sending: &output)
    }

    /// Takes in bytes that came, all of them. What they say is appended to `plaintext`, at most as many bytes as
    /// came in and one record's more; what has to be sent now is appended to `output`, on failure as well.
    package mutating func receive(
        _ bytes: RawSpan, into plaintext: inout ByteBuffer, sending output: inout ByteBuffer
    ) throws(TLSFailure) {
        if let failure { throw failure }
        if state == .peerClosed || state == .closed { return }
        // A server has nothing to say before it is spoken to, and OpenSSL would take 40 kB for the waiting.
        if bytes.byteCount == 0, context.server != nil || state != .handshaking { return }
        if let objection = gate?.objection(to: bytes) {
            Self.appendAlert(for: objection.reason, to: &output)
            throw fail(objection)
        }
        // Safety: the pipe lends the bytes and the output to OpenSSL for the duration of this call only.
        let failure = unsafe Self.through(pipeEnd, bytes, &output) { pipe in
            unsafe Self.advance(handle, &state, &plaintext, pipe)
        }
        if let failure { throw fail(failure) }
        if state != .handshaking { gate = nil }
    }

    /// The same with all of a buffer, which stays as it is.
    package mutating func receive(
        contentsOf buffer: borrowing ByteBuffer, into plaintext: inout ByteBuffer,
        sending output: inout ByteBuffer
    ) throws(TLSFailure) {
        try receive(buffer.bytes, into: &plaintext, sending: &output)
    }

    /// Seals bytes; only while this side may send.
    package mutating func write(_ bytes: RawSpan, sending output: inout ByteBuffer) throws(TLSFailure) {
        if let failure { throw failure }
        precondition(state == .open || state == .peerClosed, "sending while TLS is \(state)")
        guard bytes.byteCount > 0 else { return }
        // Safety: as with receiving. OpenSSL only reads the bytes.
        let failure = unsafe Self.through(pipeEnd, RawSpan(), &output) { _ -> TLSFailure? in
            unsafe bytes.withUnsafeBytes { bytes in
                var written = 0
                OpenSSLError.clear()
                let code = unsafe SSL_write_ex(handle, bytes.baseAddress, bytes.count, &written)
                return unsafe code == 1 ? nil : .last(of: handle)
            }
        }
        if let failure { throw fail(failure) }
    }

    /// Tells the peer that this side sends no more.
    package mutating func close(sending output: inout ByteBuffer) {
        guard state == .open || state == .peerClosed else {
            // There is nobody to tell before the handshake is done.
            if state == .handshaking { state = .closed }
            return
        }
        // Safety: as with receiving.
        unsafe Self.through(pipeEnd, RawSpan(), &output) { _ in
            OpenSSLError.clear()
            _ = unsafe SSL_shutdown(handle)
            OpenSSLError.clear()
        }
        state = state == .peerClosed ? .closed : .closing
    }

    /// The connection brings no more bytes. Throws if the peer had not said so before: somebody else may have cut
    /// it, and what came may be half of what was meant.
    package mutating func endOfInput() throws(TLSFailure) {
        if let failure { throw failure }
        switch state {
        case .handshaking: throw fail(TLSFailure(.truncated, "the connection ended during the TLS handshake"))
        case .open: throw fail(TLSFailure(.truncated, "the connection ended without TLS saying so"))
        case .closing: state = .closed
        case .peerClosed, .closed, .failed: break
        }
    }

    private mutating func fail(_ failure: TLSFailure) -> TLSFailure {
        state = .failed
        self.failure = failure
        gate = nil
        return failure
    }

    /// A fatal alert in plain, for failures that are found before OpenSSL sees the bytes: a record of type 21 with
    /// "illegal parameter" or "decode error".
    private static func appendAlert(for reason: TLSFailure.Reason, to output: inout ByteBuffer) {
        output.append("\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}")
        output.append(reason == .tooLarge ? UInt8(47) : UInt8(50))
    }

    /// A session to come back with later, once the server has issued a ticket; nil before.
    package var resumption: TLSResumption? {
        guard state != .handshaking, state != .failed else { return nil }
        // Safety: the session is alive; what is kept is a copy.
        return unsafe TLSResumption(handle, host, context)
    }
}
