import COpenSSL
import HubBytes
import HubSystem

/// What all connections of one configuration have in common: credentials, trust, versions, protocols.
///
/// It is made once and never changed, so that any number of threads use it at the same time. New certificates or
/// revocation lists mean a new context for new connections; those that exist go on with the old one, which goes
/// with the last of them.
@safe package final class TLSContext: Sendable {
    /// What a server looks up while clients arrive; OpenSSL's callbacks find it through their argument.
    @safe final class Server: Sendable {
        let names: ServerNames
        let tickets: TicketKeys?
        /// Most wanted first.
        let applicationProtocols: [[UInt8]]
        // Safety: the contexts are freed with this object, and changed by nobody after init.
        nonisolated(unsafe) let contexts: [OpaquePointer]

        // Safety: takes over the contexts.
        init(
            _ contexts: [OpaquePointer], _ names: ServerNames, _ tickets: TicketKeys?, _ protocols: [String]
        ) {
            unsafe self.contexts = contexts
            applicationProtocols = protocols.map { Array($0.utf8) }
            self.names = names
            self.tickets = tickets
        }

        deinit {
            // Safety: each context holds a reference; sessions have references of their own.
            unsafe contexts.forEach { unsafe SSL_CTX_free($0) }
        }
    }

    // Safety: OpenSSL counts references to a context and locks what changes in it while it is used. Nothing of
    // ours changes it after init, which ends before another thread can have it.
    nonisolated(unsafe) let handle: OpaquePointer
    let server: Server?
    /// When the first of the certificates shown here, or of the revocation lists, runs out, in seconds since
    /// 1970; nil if there are none. For warnings in time.
    package let expiry: Int64?

    deinit {
        // Safety: a server's contexts belong to `server`.
        if server == nil { unsafe SSL_CTX_free(handle) }
    }

    /// A context for connections that are accepted.
    package init(server settings: TLSServerSettings) throws(CredentialError) {
        guard !settings.credentials.isEmpty else {
            throw CredentialError("a TLS server", "needs a certificate")
        }
        guard settings.clientCertificates == .none || !settings.authorities.isEmpty else {
            throw CredentialError("a TLS server", "needs an authority to check its clients with")
        }
        _ = try TLSContextBuilder.protocolList(settings.applicationProtocols)
        var names = ServerNames()
        for (index, credentials) in settings.credentials.enumerated() {
            names.add(credentials.chain[0].identity.dnsNames, index)
        }
        let seconds = settings.resumptionSeconds
        let tickets = seconds > 0 ? TicketKeys(lifetimeSeconds: seconds) : nil
        // Safety: the list is handed to its owner below; what was made before a failure is freed there.
        var made: [OpaquePointer] = unsafe []
        do throws(CredentialError) {
            for credentials in settings.credentials {
                unsafe made.append(try unsafe TLSContextBuilder.server(settings, credentials))
            }
        } catch {
            unsafe made.forEach { unsafe SSL_CTX_free($0) }
            throw error
        }
        let server = unsafe Server(made, names, tickets, settings.applicationProtocols)
        unsafe handle = server.contexts[0]
        self.server = server
        expiry = Self.expiry(settings.credentials, settings.revocations)
        // The callbacks' argument lives as long as this context, which each of its sessions holds.
        unsafe server.contexts.forEach { unsafe TLSCallbacks.install(in: $0, for: server) }
    }

    /// A context for connections that are made.
    package init(client settings: TLSClientSettings) throws(CredentialError) {
        // Safety: freed in deinit.
        unsafe handle = try TLSContextBuilder.client(settings)
        server = nil
        expiry = Self.expiry(settings.credentials.map { [$0] } ?? [], settings.revocations)
    }

    private static func expiry(_ credentials: [TLSCredentials], _ lists: [RevocationList]) -> Int64? {
        let certificates = credentials.flatMap(\.chain).map(\.identity.notAfter)
        return (certificates + lists.map(\.nextUpdate)).min()
    }
}
