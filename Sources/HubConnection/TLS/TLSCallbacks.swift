import COpenSSL
import HubBytes

/// What OpenSSL asks a server in the middle of a handshake.
///
/// The callbacks get the server as an unretained pointer. It is alive: they run inside calls of a session, and a
/// session holds its context.
enum TLSCallbacks {
    // Safety: as said above; the context is alive.
    static func install(in context: OpaquePointer, for server: TLSContext.Server) {
        let argument = unsafe Unmanaged.passUnretained(server).toOpaque()
        unsafe SSL_CTX_set_ex_data(context, 0, argument)
        unsafe copenssl_context_on_server_name(context, chooseCredentials, argument)
        if !server.applicationProtocols.isEmpty {
            unsafe SSL_CTX_set_alpn_select_cb(context, chooseProtocol, argument)
        }
        if server.tickets != nil {
            unsafe SSL_CTX_set_tlsext_ticket_key_evp_cb(context, handleTicketKey)
            unsafe SSL_CTX_set_session_ticket_cb(context, nil, judgeTicket, nil)
        }
    }

    // Safety: the argument is the one that was installed.
    fileprivate static func server(_ argument: UnsafeMutableRawPointer?) -> TLSContext.Server? {
        guard let argument = unsafe argument else { return nil }
        return unsafe Unmanaged<TLSContext.Server>.fromOpaque(argument).takeUnretainedValue()
    }
}

// Safety: pointers are OpenSSL's and last for the call.
private func chooseCredentials(
    _ session: OpaquePointer?, _: UnsafeMutablePointer<Int32>?, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let server = unsafe TLSCallbacks.server(argument),
        let text = unsafe SSL_get_servername(session, TLSEXT_NAMETYPE_host_name)
    else { return SSL_TLSEXT_ERR_NOACK }
    guard let index = server.names.index(for: unsafe String(cString: text)) else {
        return SSL_TLSEXT_ERR_NOACK
    }
    if index > 0 { unsafe SSL_set_SSL_CTX(session, server.contexts[index]) }
    return SSL_TLSEXT_ERR_OK
}

// Safety: the offer is as long as said; what is chosen points into it, as OpenSSL allows.
private func chooseProtocol(
    _: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ chosenCount: UnsafeMutablePointer<UInt8>?, _ offer: UnsafePointer<UInt8>?, _ offerCount: UInt32,
    _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let server = unsafe TLSCallbacks.server(argument), let offer = unsafe offer else {
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
    let offered = unsafe UnsafeBufferPointer(start: offer, count: Int(offerCount))
    for wanted in server.applicationProtocols {
        var position = 0
        while position < offered.count {
            let count = Int(unsafe offered[position])
            let end = position + 1 + count
            guard end <= offered.count else { return SSL_TLSEXT_ERR_ALERT_FATAL }
            if unsafe offered[(position + 1)..<end].elementsEqual(wanted) {
                unsafe chosen?.pointee = offer + position + 1
                unsafe chosenCount?.pointee = UInt8(count)
                return SSL_TLSEXT_ERR_OK
            }
            position = end
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}

// Safety: the pointers are OpenSSL's: 16 bytes each for the key's name and the vector.
private func handleTicketKey(
    _ session: OpaquePointer?, _ name: UnsafeMutablePointer<UInt8>?, _ vector: UnsafeMutablePointer<UInt8>?,
    _ cipher: OpaquePointer?, _ mac: OpaquePointer?, _ sealing: Int32
) -> Int32 {
    guard let context = unsafe SSL_get_SSL_CTX(session),
        let tickets = unsafe TLSCallbacks.server(SSL_CTX_get_ex_data(context, 0))?.tickets,
        let name = unsafe name, let vector = unsafe vector, let cipher = unsafe cipher, let mac = unsafe mac
    else { return TicketKeys.Answer.failed.rawValue }
    let answer =
        sealing == 1
        ? unsafe tickets.seal(name: name, vector: vector, cipher: cipher, mac: mac)
        : unsafe tickets.open(name: name, vector: vector, cipher: cipher, mac: mac)
    return answer.rawValue
}

/// Decides whether a ticket that could be opened counts. Resuming checks no certificate, so one that has run out
/// since would go on being good: its owner has to make a full handshake, and fails there.
// Safety: the resumed session is alive during the call.
private func judgeTicket(
    _: OpaquePointer?, _ resumed: OpaquePointer?, _: UnsafePointer<UInt8>?, _: Int,
    _ status: SSL_TICKET_STATUS, _: UnsafeMutableRawPointer?
) -> SSL_TICKET_RETURN {
    guard status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW else {
        return SSL_TICKET_RETURN(SSL_TICKET_RETURN_IGNORE_RENEW)
    }
    if let resumed = unsafe resumed, let peer = unsafe SSL_SESSION_get0_peer(resumed),
        unsafe X509_cmp_current_time(X509_get0_notAfter(peer)) <= 0
    {
        return SSL_TICKET_RETURN(SSL_TICKET_RETURN_IGNORE_RENEW)
    }
    return SSL_TICKET_RETURN(
        status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW)
}
