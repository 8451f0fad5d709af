import COpenSSL

/// What a client comes back to a server with, to save the full handshake. May be used any number of times, by any
/// thread, for as long as the server lets it.
@safe package final class TLSResumption: Sendable {
    // Safety: a copy that only this object has; it is never changed, and copied again for each use.
    private nonisolated(unsafe) let session: OpaquePointer
    private let host: String
    private let context: TLSContext

    // Safety: the connection's session is alive during the call.
    init?(_ connection: OpaquePointer, _ host: String, _ context: TLSContext) {
        guard context.server == nil, let current = unsafe SSL_get_session(connection),
            unsafe SSL_SESSION_is_resumable(current) == 1,
            // OpenSSL forbids going on with a session whose connection was cut; the copy does not hear of it.
            let copy = unsafe SSL_SESSION_dup(current)
        else { return nil }
        unsafe session = copy
        self.host = host
        self.context = context
    }

    deinit {
        // Safety: the one reference to the copy.
        unsafe SSL_SESSION_free(session)
    }

    /// Resuming checks no certificate: so it must be the host whose certificate was checked, by the same rules.
    func isFor(_ host: String, _ context: TLSContext) -> Bool {
        host == self.host && context === self.context
    }

    // Safety: the connection is alive and has not begun its handshake.
    func use(in connection: OpaquePointer) {
        guard let copy = unsafe SSL_SESSION_dup(session) else { return }
        unsafe SSL_set_session(connection, copy)
        unsafe SSL_SESSION_free(copy)
    }
}
