import COpenSSL
import HubBytes

extension TLSSession {
    /// Bytes in a record.
    static let recordBytesMax = 16_384
    /// The least room that is given to reading: a small record that came in two halves fits into it.
    private static let roomMin = 256

    /// Lends input and output to OpenSSL while `body` calls it.
    // Safety: input and output outlive the call, and the pipe's end forgets them at its end.
    static func through<Result>(
        _ end: OpaquePointer, _ input: RawSpan, _ output: inout ByteBuffer,
        _ body: (UnsafePointer<TLSPipe>) -> Result
    ) -> Result {
        unsafe input.withUnsafeBytes { bytes in
            unsafe withUnsafeMutablePointer(to: &output) { output in
                var pipe = unsafe TLSPipe(input: bytes.baseAddress, count: bytes.count, output: output)
                return unsafe withUnsafeMutablePointer(to: &pipe) { pipe in
                    unsafe BIO_set_data(end, pipe)
                    defer { unsafe BIO_set_data(end, nil) }
                    return unsafe body(UnsafePointer(pipe))
                }
            }
        }
    }

    /// Lets OpenSSL make of the input what it can; a failure, if that is what it makes.
    // Safety: session and pipe are alive and belong together.
    static func advance(
        _ session: OpaquePointer, _ state: inout State, _ plaintext: inout ByteBuffer,
        _ pipe: UnsafePointer<TLSPipe>
    ) -> TLSFailure? {
        if state == .handshaking {
            OpenSSLError.clear()
            let code = unsafe SSL_do_handshake(session)
            guard code == 1 else { return unsafe failure(after: code, session) }
            state = .open
        }
        while true {
            OpenSSLError.clear()
            // Not a whole record's room for each: an agent's messages are small, and its buffer shall be, too.
            let waiting = max(Int(unsafe SSL_pending(session)), unsafe pipe.pointee.remaining, roomMin)
            let count = unsafe plaintext.fill(upTo: min(waiting, recordBytesMax)) {
                Int(unsafe SSL_read(session, $0.baseAddress, Int32($0.count)))
            }
            if count > 0 { continue }
            if unsafe SSL_get_error(session, Int32(count)) == SSL_ERROR_ZERO_RETURN {
                state = state == .closing ? .closed : .peerClosed
                return nil
            }
            return unsafe failure(after: Int32(count), session)
        }
    }

    /// What a code that is no success means: nil if more input is all it takes.
    // Safety: the session is alive.
    private static func failure(after code: Int32, _ session: OpaquePointer) -> TLSFailure? {
        unsafe SSL_get_error(session, code) == SSL_ERROR_WANT_READ ? nil : .last(of: session)
    }
}

/// What the handshake came to.
extension TLSSession {
    /// Whom the peer's certificate says that it is; nil if it has shown none. It has been verified. Read out of
    /// the certificate with each call: ask once.
    package var peerIdentity: PeerIdentity? {
        guard state != .handshaking, state != .failed else { return nil }
        // Safety: the certificate belongs to the session, which is alive.
        guard let certificate = unsafe SSL_get0_peer_certificate(handle),
            unsafe SSL_get_verify_result(handle) == Int(X509_V_OK)
        else { return nil }
        return unsafe PeerIdentity(certificate)
    }

    /// The application protocol that was agreed on.
    package var applicationProtocol: String? {
        // Safety: the text belongs to the session, and is copied.
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(handle, &start, &count)
        guard let start = unsafe start, count > 0 else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    /// The host that a client asked for.
    package var serverName: String? {
        // Safety: the text belongs to the session, and is copied.
        guard let text = unsafe SSL_get_servername(handle, TLSEXT_NAMETYPE_host_name) else { return nil }
        return unsafe String(cString: text)
    }

    /// The version spoken, as `TLSv1.3`.
    package var version: String {
        // Safety: a constant of OpenSSL's.
        unsafe String(cString: SSL_get_version(handle))
    }

    /// The cipher agreed on, as `TLS_AES_128_GCM_SHA256`; empty before.
    package var cipher: String {
        // Safety: a constant of OpenSSL's.
        guard let cipher = unsafe SSL_get_current_cipher(handle) else { return "" }
        return unsafe String(cString: SSL_CIPHER_get_name(cipher))
    }

    /// Whether an earlier session went on.
    package var isResumed: Bool {
        // Safety: the session is alive.
        unsafe SSL_session_reused(handle) == 1
    }
}
