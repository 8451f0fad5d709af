/// Why a connection's TLS ended: a word to count by, and a sentence for the log.
package struct TLSFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The words. Those about certificates are about the peer's, as this side judges it; what the peer thinks of
    /// ours comes as an alert.
    package enum Reason: String, CaseIterable, Sendable {
        /// The peer has to show a certificate and has none.
        case noCertificate = "no_certificate"
        case expired
        case notYetValid = "not_yet_valid"
        case revoked
        /// Whoever issued it is not trusted here.
        case unknownAuthority = "unknown_authority"
        /// It is somebody else's.
        case wrongName = "wrong_name"
        /// It is good, but not for this: a server's shown by a client.
        case wrongPurpose = "wrong_purpose"
        /// Keys or signatures that are too weak to be believed.
        case weakCertificate = "weak_certificate"
        /// A list of its issuer's revocations is needed, and missing or out of date.
        case noRevocationList = "no_revocation_list"
        /// It is damaged, or signed wrongly.
        case badCertificate = "bad_certificate"
        /// No version of TLS that both allow.
        case version
        /// No cipher, or no group or signature, that both allow.
        case cipher
        /// No application protocol that both speak.
        case applicationProtocol = "application_protocol"
        /// Something other than TLS came, HTTP in plain for example.
        case notTLS = "not_tls"
        /// What came is against the rules of TLS, or was changed on its way.
        case malformed
        /// A message of the handshake was larger than allowed.
        case tooLarge = "too_large"
        /// The connection ended before the peer said that it would.
        case truncated
        /// The peer said that it does not trust our certificate.
        case alertCertificate = "alert_certificate"
        /// The peer said something else against us.
        case alertOther = "alert_other"
        /// OpenSSL failed for a reason of its own, memory for example.
        case `internal`
    }

    /// The word.
    package let reason: Reason
    /// The sentence.
    package let sentence: String

    init(_ reason: Reason, _ sentence: String) {
        self.reason = reason
        self.sentence = sentence
    }

    /// The sentence.
    package var description: String { sentence }
}
