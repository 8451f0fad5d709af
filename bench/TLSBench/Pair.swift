import HubBytes
import HubConnection
import HubSystem

/// A client's and a server's context that trust each other.
struct Contexts {
    let server: TLSContext
    let client: TLSContext

    init(withClientCertificates: Bool = false, minimum: TLSVersion = .tls13) throws {
        let authority = try CertificateAuthority.make(name: "bench")
        var server = TLSServerSettings(credentials: [try authority.issue(.server("hub.example"))])
        var client = TLSClientSettings(trust: .authorities([authority.certificate]))
        if withClientCertificates {
            server.clientCertificates = .required
            server.authorities = [authority.certificate]
            client.credentials = try authority.issue(.client("agent"))
        }
        server.minimumVersion = minimum
        self.server = try TLSContext(server: server)
        self.client = try TLSContext(client: client)
    }
}

/// The bytes between two sessions.
struct Wire: ~Copyable {
    var toServer = ByteBuffer()
    var toClient = ByteBuffer()
    var plaintext = ByteBuffer()

    /// Carries bytes to and fro until both have nothing more to say.
    mutating func settle(_ client: inout TLSSession, _ server: inout TLSSession) throws {
        while !toServer.isEmpty || !toClient.isEmpty {
            try server.receive(contentsOf: toServer, into: &plaintext, sending: &toClient)
            toServer.removeAll()
            try client.receive(contentsOf: toClient, into: &plaintext, sending: &toServer)
            toClient.removeAll()
        }
    }
}

/// Seconds that something takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = SystemClock.monotonicNanoseconds()
    try body()
    return Double(SystemClock.monotonicNanoseconds() - start) / 1e9
}
