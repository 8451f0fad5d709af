import COpenSSL
import HubBytes

/// Makes OpenSSL's contexts from settings.
enum TLSContextBuilder {
    /// Of TLS 1.2, forward secrecy and authenticated encryption only; of TLS 1.3, all three that everybody has.
    private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!PSK:!aNULL"
    private static let ciphers13 =
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

    /// Bytes that a peer's certificate and those between it and the authority may have together.
    private static let chainBytesMax = 32 * 1024

    // Safety: the context belongs to whoever calls; it is freed here if something fails.
    static func server(
        _ settings: TLSServerSettings, _ credentials: TLSCredentials
    ) throws(CredentialError) -> OpaquePointer {
        try unsafe make(TLS_server_method(), settings.minimumVersion) { context throws(CredentialError) in
            try unsafe use(credentials, in: context)
            let mode =
                switch settings.clientCertificates {
                case .none: SSL_VERIFY_NONE
                case .optional: SSL_VERIFY_PEER
                case .required: SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                }
            unsafe SSL_CTX_set_verify(context, mode, nil)
            if mode != SSL_VERIFY_NONE {
                try unsafe trust(settings.authorities, settings.revocations, in: context)
                for authority in settings.authorities {
                    guard unsafe copenssl_context_add_authority(context, authority.handle) == 1 else {
                        throw .last("the authorities", "cannot be used")
                    }
                }
            }
            try unsafe limitResumption(settings.resumptionSeconds, in: context)
        }
    }

    // Safety: as above.
    static func client(_ settings: TLSClientSettings) throws(CredentialError) -> OpaquePointer {
        try unsafe make(TLS_client_method(), settings.minimumVersion) { context throws(CredentialError) in
            unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
            if let credentials = settings.credentials { try unsafe use(credentials, in: context) }
            switch settings.trust {
            case .authorities(let authorities):
                guard !authorities.isEmpty else { throw CredentialError("a TLS client", "trusts nobody") }
                try unsafe trust(authorities, settings.revocations, in: context)
            case .system:
                guard unsafe SSL_CTX_set_default_verify_paths(context) == 1 else {
                    throw .last("the system's authorities", "cannot be read")
                }
                try unsafe trust([], settings.revocations, in: context)
            }
            let offer = try protocolList(settings.applicationProtocols)
            if !offer.isEmpty, unsafe SSL_CTX_set_alpn_protos(context, offer, UInt32(offer.count)) != 0 {
                throw .last("the application protocols", "cannot be used")
            }
            // Sessions are kept by whoever made the connection, not in a store of the context.
            unsafe copenssl_context_remember_nothing(context)
        }
    }

    // Safety: the context is freed on failure.
    private static func make(
        _ method: OpaquePointer?, _ version: TLSVersion,
        _ body: (OpaquePointer) throws(CredentialError) -> Void
    ) throws(CredentialError) -> OpaquePointer {
        OpenSSLError.clear()
        guard let context = unsafe SSL_CTX_new(method) else { throw .last("TLS", "cannot be set up") }
        do throws(CredentialError) {
            let minimum = version == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION
            guard unsafe copenssl_context_defaults(context, minimum, chainBytesMax) == 1,
                unsafe SSL_CTX_set_cipher_list(context, ciphers) == 1,
                unsafe SSL_CTX_set_ciphersuites(context, ciphers13) == 1
            else { throw .last("TLS", "cannot be set up") }
            try unsafe body(context)
        } catch {
            unsafe SSL_CTX_free(context)
            throw error
        }
        return unsafe context
    }

    // Safety: the context is alive; it takes references of its own to what it is given.
    private static func use(
        _ credentials: TLSCredentials, in context: OpaquePointer
    ) throws(CredentialError) {
        let own = credentials.chain[0]
        guard unsafe SSL_CTX_use_certificate(context, own.handle) == 1,
            unsafe SSL_CTX_use_PrivateKey(context, credentials.key.handle) == 1
        else { throw .last("the certificate of \(own.identity.subject)", "cannot be used") }
        for certificate in credentials.chain.dropFirst() {
            guard unsafe copenssl_context_add_chain(context, certificate.handle) == 1 else {
                throw .last("the certificate of \(certificate.identity.subject)", "cannot be used")
            }
        }
    }

    // Safety: as above.
    private static func trust(
        _ authorities: [Certificate], _ revocations: [RevocationList], in context: OpaquePointer
    ) throws(CredentialError) {
        guard let store = unsafe SSL_CTX_get_cert_store(context) else {
            throw .last("the authorities", "cannot be used")
        }
        for authority in authorities {
            guard unsafe X509_STORE_add_cert(store, authority.handle) == 1 else {
                throw .last("the authority \(authority.identity.subject)", "cannot be used")
            }
        }
        for list in revocations {
            guard unsafe X509_STORE_add_crl(store, list.handle) == 1 else {
                throw .last("a revocation list", "cannot be used")
            }
        }
        if !revocations.isEmpty {
            let flags = UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL)
            unsafe X509_STORE_set_flags(store, flags)
        }
    }

    // Safety: the context is alive.
    private static func limitResumption(
        _ seconds: Int, in context: OpaquePointer
    ) throws(CredentialError) {
        // All of a server's contexts take each other's tickets: the first is who opens them.
        let name = Array("agenthub".utf8)
        guard unsafe SSL_CTX_set_session_id_context(context, name, UInt32(name.count)) == 1,
            // One is enough: an agent comes back once, and gets another then.
            unsafe SSL_CTX_set_num_tickets(context, seconds > 0 ? 1 : 0) == 1
        else { throw .last("TLS", "cannot be set up") }
        unsafe copenssl_context_remember_nothing(context)
        unsafe SSL_CTX_set_timeout(context, max(1, seconds))
        if seconds <= 0 { unsafe copenssl_context_no_tickets(context) }
    }

    /// Protocols as they stand in a handshake: each with its length before it.
    static func protocolList(_ protocols: [String]) throws(CredentialError) -> [UInt8] {
        var list: [UInt8] = []
        for name in protocols {
            guard (1...255).contains(name.utf8.count), list.count < 1024 else {
                throw CredentialError(
                    "the application protocol \(name.debugDescription)", "has no usable length")
            }
            list.append(UInt8(name.utf8.count))
            list += name.utf8
        }
        return list
    }
}
