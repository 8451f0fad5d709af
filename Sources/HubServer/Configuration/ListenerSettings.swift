package import HubConnection
package import HubSystem

/// A place to listen, and how.
package struct ListenerSettings: Sendable, Equatable {
    /// The files of a listener that speaks TLS.
    package struct TLSFiles: Sendable, Equatable {
        /// Its certificate, with those between it and its authority.
        package let certificate: String
        /// The certificate's private key.
        package let key: String
        /// The authorities whose clients are known by their certificates.
        package let clientAuthorities: String?
        /// Lists of revoked client certificates.
        package let clientRevocations: String?
        /// Whether a client must show a certificate.
        package let requiresClientCertificate: Bool
        /// The lowest version that is spoken.
        package let minimumVersion: TLSVersion

        /// All of the files.
        package var paths: [String] {
            [certificate, key] + [clientAuthorities, clientRevocations].compactMap { $0 }
        }
    }

    /// Where.
    package let address: SocketAddress
    /// The files; nil for one that speaks plain.
    package let tls: TLSFiles?

    init?(_ entry: OptionEntry) {
        guard let address = entry.text("address").flatMap({ SocketAddress($0) }) else { return nil }
        self.address = address
        guard let certificate = entry.text("tls.certificate"), let key = entry.text("tls.key") else {
            tls = nil
            return
        }
        tls = TLSFiles(
            certificate: certificate, key: key, clientAuthorities: entry.text("tls.client_ca"),
            clientRevocations: entry.text("tls.client_crl"),
            requiresClientCertificate: entry.text("tls.clients") == "required",
            minimumVersion: entry.text("tls.minimum") == "1.3" ? .tls13 : .tls12)
    }
}
