import COpenSSL

/// OpenSSL's answers in our words: the one place that knows its numbers.
extension TLSFailure {
    /// The failure of the call just made on a session.
    // Safety: the session is alive during the call, and the texts are constants.
    static func last(of session: OpaquePointer) -> TLSFailure {
        let verdict = Int32(unsafe SSL_get_verify_result(session))
        guard let error = OpenSSLError.take() else {
            return TLSFailure(.internal, "TLS failed without a reason")
        }
        if error.library == ERR_LIB_SSL, error.reason == SSL_R_CERTIFICATE_VERIFY_FAILED, verdict != X509_V_OK
        {
            let text = unsafe X509_verify_cert_error_string(Int(verdict)).map { unsafe String(cString: $0) }
            return TLSFailure(
                reason(ofVerdict: verdict), "the peer's certificate is refused: \(text ?? "error \(verdict)")"
            )
        }
        guard error.library == ERR_LIB_SSL else {
            // The cryptography below says that something came that it cannot read.
            let isMemory = error.reason == Int32(ERR_R_MALLOC_FAILURE)
            return TLSFailure(isMemory ? .internal : .malformed, "TLS failed: \(error.text)")
        }
        if error.reason > SSL_AD_REASON_OFFSET {
            return alert(error.reason - SSL_AD_REASON_OFFSET, error.text)
        }
        return TLSFailure(reason(ofError: error.reason), "TLS failed: \(error.text)")
    }

    private static func alert(_ number: Int32, _ text: String) -> TLSFailure {
        let sentence = "the peer ended TLS: \(text)"
        return switch number {
        case SSL_AD_BAD_CERTIFICATE, SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_REVOKED,
            SSL_AD_CERTIFICATE_EXPIRED, SSL_AD_CERTIFICATE_UNKNOWN, SSL_AD_UNKNOWN_CA,
            SSL_AD_ACCESS_DENIED, TLS13_AD_CERTIFICATE_REQUIRED:
            TLSFailure(.alertCertificate, sentence)
        case SSL_AD_PROTOCOL_VERSION: TLSFailure(.version, sentence)
        case SSL_AD_INSUFFICIENT_SECURITY: TLSFailure(.cipher, sentence)
        case SSL_AD_NO_APPLICATION_PROTOCOL: TLSFailure(.applicationProtocol, sentence)
        default: TLSFailure(.alertOther, sentence)
        }
    }

    private static func reason(ofError reason: Int32) -> Reason {
        switch reason {
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: .noCertificate
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_UNKNOWN_PROTOCOL, SSL_R_WRONG_SSL_VERSION,
            SSL_R_VERSION_TOO_LOW, SSL_R_INAPPROPRIATE_FALLBACK, SSL_R_NO_PROTOCOLS_AVAILABLE,
            SSL_R_UNKNOWN_SSL_VERSION:
            .version
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SUITABLE_KEY_SHARE, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM,
            SSL_R_NO_SHARED_GROUPS, SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, SSL_R_NO_CIPHERS_AVAILABLE,
            SSL_R_UNKNOWN_CIPHER_RETURNED, SSL_R_WRONG_CIPHER_RETURNED, SSL_R_NO_CIPHERS_SPECIFIED:
            .cipher
        case SSL_R_NO_APPLICATION_PROTOCOL: .applicationProtocol
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_WRONG_VERSION_NUMBER: .notTLS
        case SSL_R_EXCESSIVE_MESSAGE_SIZE, SSL_R_ENCRYPTED_LENGTH_TOO_LONG, SSL_R_DATA_LENGTH_TOO_LONG,
            SSL_R_PACKET_LENGTH_TOO_LONG:
            .tooLarge
        case SSL_R_UNEXPECTED_EOF_WHILE_READING: .truncated
        case SSL_R_EE_KEY_TOO_SMALL, SSL_R_CA_KEY_TOO_SMALL, SSL_R_CA_MD_TOO_WEAK, SSL_R_DH_KEY_TOO_SMALL:
            .weakCertificate
        case Int32(ERR_R_MALLOC_FAILURE), Int32(ERR_R_INTERNAL_ERROR): .internal
        default: .malformed
        }
    }

    private static func reason(ofVerdict verdict: Int32) -> Reason {
        switch verdict {
        case X509_V_ERR_CERT_HAS_EXPIRED: .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid
        case X509_V_ERR_CERT_REVOKED: .revoked
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED, X509_V_ERR_CERT_REJECTED:
            .unknownAuthority
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH, X509_V_ERR_EMAIL_MISMATCH:
            .wrongName
        case X509_V_ERR_INVALID_PURPOSE, X509_V_ERR_INVALID_CA, X509_V_ERR_PATH_LENGTH_EXCEEDED,
            X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
            .wrongPurpose
        case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK:
            .weakCertificate
        case X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_CRL_HAS_EXPIRED, X509_V_ERR_CRL_NOT_YET_VALID,
            X509_V_ERR_CRL_SIGNATURE_FAILURE, X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
            .noRevocationList
        default: .badCertificate
        }
    }
}
