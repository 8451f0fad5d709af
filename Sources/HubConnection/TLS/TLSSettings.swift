/// What a server's connections are made with.
package struct TLSServerSettings: Sendable {
    /// Whether clients have to show who they are.
    package enum ClientCertificates: Sendable {
        /// They are not asked.
        case none
        /// They are asked, and may have none; one that is shown must be good.
        case optional
        /// Those without do not get in.
        case required
    }

    /// What the server shows. The first is shown to whoever asks for no name, or for one that none of them is for.
    package var credentials: [TLSCredentials]
    /// Whether clients have to show a certificate.
    package var clientCertificates: ClientCertificates = .none
    /// Authorities whose clients are trusted.
    package var authorities: [Certificate] = []
    /// Lists of revoked certificates. If there is one, there must be one in date for each authority in a client's
    /// chain: whoever cannot be looked up does not get in.
    package var revocations: [RevocationList] = []
    /// Application protocols, most wanted first. Whoever offers some, but none of these, is refused; none here
    /// means that nothing is agreed on.
    package var applicationProtocols: [String] = []
    /// The lowest version that is spoken.
    package var minimumVersion = TLSVersion.tls12
    /// For how long a client may come back without a full handshake; zero for never. A ticket also ends with the
    /// context that issued it, and with the client's certificate.
    package var resumptionSeconds = 7200

    /// Settings of a server that shows these.
    package init(credentials: [TLSCredentials]) { self.credentials = credentials }
}

/// What a client's connections are made with.
package struct TLSClientSettings: Sendable {
    /// Whom the server's certificate must come from.
    package enum Trust: Sendable {
        /// The authorities that the system trusts.
        case system
        /// These and no others.
        case authorities([Certificate])
    }

    /// Whom to trust.
    package var trust: Trust
    /// What the client shows if it is asked.
    package var credentials: TLSCredentials?
    /// Lists of revoked certificates, as with a server.
    package var revocations: [RevocationList] = []
    /// Application protocols, most wanted first.
    package var applicationProtocols: [String] = []
    /// The lowest version that is spoken.
    package var minimumVersion = TLSVersion.tls12

    /// Settings of a client that trusts these.
    package init(trust: Trust = .system) { self.trust = trust }
}

/// A version of TLS. Older ones are not spoken.
package enum TLSVersion: String, Sendable {
    case tls12 = "TLSv1.2"
    case tls13 = "TLSv1.3"
}
