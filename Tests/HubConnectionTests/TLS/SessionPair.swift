import Glibc
import HubBytes
import HubConnection

/// A client's and a server's session with the bytes between them, in memory.
struct SessionPair: ~Copyable {
    var client: TLSSession
    var server: TLSSession
    var toServer = ByteBuffer()
    var toClient = ByteBuffer()
    /// What each side was told.
    var atServer = ByteBuffer()
    var atClient = ByteBuffer()
    private(set) var clientFailure: TLSFailure?
    private(set) var serverFailure: TLSFailure?

    init(
        _ clientContext: TLSContext, _ serverContext: TLSContext, host: String = TestAuthority.host,
        resuming earlier: TLSResumption? = nil
    ) throws {
        // Nothing may throw once the first property is set.
        var client = try TLSSession(client: clientContext, host: host, resuming: earlier)
        var hello = ByteBuffer()
        try client.start(sending: &hello)
        let server = try TLSSession(server: serverContext)
        self.client = client
        self.server = server
        toServer = hello
    }

    /// Carries bytes, in pieces if wanted, until both sides have nothing more to say.
    mutating func settle(pieces: Int = .max) {
        while !toServer.isEmpty || !toClient.isEmpty {
            let forServer = toServer.bytes.array
            toServer.removeAll()
            Self.feed(forServer, pieces, &server, &atServer, &toClient, &serverFailure)
            let forClient = toClient.bytes.array
            toClient.removeAll()
            Self.feed(forClient, pieces, &client, &atClient, &toServer, &clientFailure)
        }
    }

    private static func feed(
        _ bytes: [UInt8], _ pieces: Int, _ session: inout TLSSession, _ plaintext: inout ByteBuffer,
        _ output: inout ByteBuffer, _ failure: inout TLSFailure?
    ) {
        var position = 0
        while position < bytes.count {
            let end = min(bytes.count, pieces == .max ? bytes.count : position + pieces)
            do throws(TLSFailure) {
                try session.receive(
                    bytes.span.extracting(position..<end).bytes, into: &plaintext, sending: &output)
            } catch {
                failure = error
                return
            }
            position = end
        }
    }

    mutating func clientWrites(_ text: String) throws {
        try text.withBytes { try client.write($0, sending: &toServer) }
    }

    mutating func serverWrites(_ text: String) throws {
        try text.withBytes { try server.write($0, sending: &toClient) }
    }

    var states: [TLSSession.State] { [client.state, server.state] }
    var serverText: String { atServer.bytes.text }
    var clientText: String { atClient.bytes.text }
}

/// Authorities and what they have issued, made once for all tests.
enum TestAuthority {
    static let host = "hub.example"
    static let authority = make { try CertificateAuthority.make(name: "Test Authority") }
    static let stranger = make { try CertificateAuthority.make(name: "Another Authority", .ed25519) }
    static let server: TLSCredentials = make {
        try authority.issue(.server(host, addresses: [[127, 0, 0, 1]]))
    }
    static let client: TLSCredentials = make {
        var request = CertificateRequest.client("agent-7")
        request.uris = ["spiffe://example/agent/7"]
        request.emails = ["agent@example.org"]
        request.dnsNames = ["agent-7.example"]
        request.addresses = [[10, 0, 0, 7]]
        return try authority.issue(request)
    }

    static func make<Value>(_ body: () throws -> Value) -> Value {
        do {
            return try body()
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// A request that was good for a day, a number of days ago, or will be.
    static func request(_ request: CertificateRequest, daysFromNow days: Int) -> CertificateRequest {
        var request = request
        request.notBefore = now + Int64(days) * 86_400
        request.validDays = 1
        return request
    }

    static var now: Int64 { Int64(time(nil)) }

    static func serverContext(_ change: (inout TLSServerSettings) throws -> Void = { _ in }) throws
        -> TLSContext
    {
        var settings = TLSServerSettings(credentials: [server])
        settings.authorities = [authority.certificate]
        try change(&settings)
        return try TLSContext(server: settings)
    }

    static func clientContext(_ change: (inout TLSClientSettings) throws -> Void = { _ in }) throws
        -> TLSContext
    {
        var settings = TLSClientSettings(trust: .authorities([authority.certificate]))
        try change(&settings)
        return try TLSContext(client: settings)
    }
}
