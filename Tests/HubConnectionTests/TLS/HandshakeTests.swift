import HubBytes
import HubConnection
import Testing

/// Who gets in and who does not, between sessions of ours.
@Suite struct HandshakeTests {
    typealias Reason = TLSFailure.Reason

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let client: Reason?
        let server: Reason?
        var host = TestAuthority.host
        var clientChange: @Sendable (inout TLSClientSettings) throws -> Void = { _ in }
        var serverChange: @Sendable (inout TLSServerSettings) throws -> Void = { _ in }
    }

    private func run(_ item: Case) throws {
        let client = try TestAuthority.clientContext(item.clientChange)
        let server = try TestAuthority.serverContext(item.serverChange)
        var pair = try SessionPair(client, server, host: item.host)
        pair.settle()
        let failures = [pair.clientFailure?.reason, pair.serverFailure?.reason]
        #expect(failures == [item.client, item.server])
        let states = pair.states
        #expect(states == [item.client == nil ? .open : .failed, item.server == nil ? .open : .failed])
        for failure in [pair.clientFailure, pair.serverFailure].compactMap({ $0 }) {
            #expect(failure.sentence.count > 20)
        }
    }

    static let serverCases = [
        Case(testDescription: "the right authority", client: nil, server: nil),
        Case(
            testDescription: "another authority", client: .unknownAuthority, server: .alertCertificate,
            clientChange: { $0.trust = .authorities([TestAuthority.stranger.certificate]) }),
        Case(
            testDescription: "an expired certificate", client: .expired, server: .alertCertificate,
            serverChange: { $0.credentials = [try issue(days: -3)] }),
        Case(
            testDescription: "a certificate of the future", client: .notYetValid, server: .alertCertificate,
            serverChange: { $0.credentials = [try issue(days: 3)] }),
        Case(
            testDescription: "a revoked certificate", client: .revoked, server: .alertCertificate,
            clientChange: { $0.revocations = [try revoking(TestAuthority.server)] }),
        Case(
            testDescription: "a list that revokes others", client: nil, server: nil,
            clientChange: { $0.revocations = [try revoking(TestAuthority.client)] }),
        Case(
            testDescription: "another name", client: .wrongName, server: .alertCertificate,
            host: "other.example"),
        Case(testDescription: "the right address", client: nil, server: nil, host: "127.0.0.1"),
        Case(
            testDescription: "another address", client: .wrongName, server: .alertCertificate,
            host: "127.0.0.2"),
        Case(
            testDescription: "a client's certificate", client: .wrongPurpose, server: .alertCertificate,
            serverChange: { $0.credentials = [TestAuthority.client] }),
        Case(
            testDescription: "the name as common name only", client: .wrongName, server: .alertCertificate,
            serverChange: {
                let request = CertificateRequest(commonName: TestAuthority.host)
                $0.credentials = [try TestAuthority.authority.issue(request)]
            }),
        Case(
            testDescription: "Ed25519", client: nil, server: nil,
            serverChange: {
                let request = CertificateRequest.server(TestAuthority.host)
                $0.credentials = [try TestAuthority.authority.issue(request, .ed25519)]
            }),
    ]

    static let clientCases = [
        Case(
            testDescription: "a client of the right authority", client: nil, server: nil,
            clientChange: { $0.credentials = TestAuthority.client },
            serverChange: { $0.clientCertificates = .required }),
        Case(
            testDescription: "none, and none is asked for", client: nil, server: nil,
            serverChange: { $0.clientCertificates = .none }),
        Case(
            testDescription: "none, and it may have none", client: nil, server: nil,
            serverChange: { $0.clientCertificates = .optional }),
        Case(
            testDescription: "none, and it must have one", client: .alertCertificate, server: .noCertificate,
            serverChange: { $0.clientCertificates = .required }),
        Case(
            testDescription: "another authority", client: .alertCertificate, server: .unknownAuthority,
            clientChange: {
                $0.credentials = try TestAuthority.stranger.issue(CertificateRequest.client("agent"))
            },
            serverChange: { $0.clientCertificates = .required }),
        Case(
            testDescription: "another authority, though it need not show any", client: .alertCertificate,
            server: .unknownAuthority,
            clientChange: {
                $0.credentials = try TestAuthority.stranger.issue(CertificateRequest.client("agent"))
            },
            serverChange: { $0.clientCertificates = .optional }),
        Case(
            testDescription: "expired", client: .alertCertificate, server: .expired,
            clientChange: { $0.credentials = try issue(days: -3, .client("agent")) },
            serverChange: { $0.clientCertificates = .required }),
        Case(
            testDescription: "of the future", client: .alertCertificate, server: .notYetValid,
            clientChange: { $0.credentials = try issue(days: 3, .client("agent")) },
            serverChange: { $0.clientCertificates = .required }),
        Case(
            testDescription: "revoked", client: .alertCertificate, server: .revoked,
            clientChange: { $0.credentials = TestAuthority.client },
            serverChange: {
                $0.clientCertificates = .required
                $0.revocations = [try revoking(TestAuthority.client)]
            }),
        Case(
            testDescription: "the list is out of date", client: .alertCertificate,
            server: .noRevocationList,
            clientChange: { $0.credentials = TestAuthority.client },
            serverChange: {
                $0.clientCertificates = .required
                $0.revocations = [try revoking(TestAuthority.server, from: TestAuthority.now - 90 * 86_400)]
            }),
        Case(
            testDescription: "the list is another authority's", client: .alertCertificate,
            server: .noRevocationList,
            clientChange: { $0.credentials = TestAuthority.client },
            serverChange: {
                $0.clientCertificates = .required
                $0.revocations = [try TestAuthority.stranger.revocations([], number: 1)]
            }),
        Case(
            testDescription: "a server's certificate", client: .alertCertificate, server: .wrongPurpose,
            clientChange: { $0.credentials = TestAuthority.server },
            serverChange: { $0.clientCertificates = .required }),
        Case(
            testDescription: "a chain with its middle", client: nil, server: nil,
            clientChange: { $0.credentials = try chained(whole: true) },
            serverChange: { $0.clientCertificates = .required }),
        Case(
            testDescription: "a chain without its middle", client: .alertCertificate,
            server: .unknownAuthority, clientChange: { $0.credentials = try chained(whole: false) },
            serverChange: { $0.clientCertificates = .required }),
    ]

    private static func issue(
        days: Int, _ request: CertificateRequest = .server(TestAuthority.host)
    ) throws -> TLSCredentials {
        try TestAuthority.authority.issue(TestAuthority.request(request, daysFromNow: days))
    }

    private static func revoking(
        _ credentials: TLSCredentials, from: Int64? = nil
    ) throws -> RevocationList {
        let entry = (serial: credentials.chain[0].identity.serial, time: TestAuthority.now - 60)
        return try TestAuthority.authority.revocations([entry], number: 7, thisUpdate: from)
    }

    private static func chained(whole: Bool) throws -> TLSCredentials {
        let middle = try TestAuthority.authority.makeIntermediate(name: "Middle")
        let leaf = try middle.issue(.client("agent"))
        guard whole else { return leaf }
        let key = try leaf.keyPEM.withBytes { try PrivateKey(pem: $0) }
        return try TLSCredentials(chain: leaf.chain + [middle.certificate], key: key)
    }

    @Test("A client judges the server's certificate", arguments: serverCases)
    func servers(_ item: Case) throws { try run(item) }

    @Test("A server judges the client's certificate", arguments: clientCases)
    func clients(_ item: Case) throws { try run(item) }

    struct Offer: Sendable {
        let client: [String]
        let server: [String]
        let chosen: String?
        var isRefused = false
    }

    @Test(
        "The server's most wanted protocol among those that the client offers is chosen",
        arguments: [
            Offer(client: ["http/1.1"], server: ["http/1.1"], chosen: "http/1.1"),
            Offer(client: ["b", "a"], server: ["a", "b"], chosen: "a"),
            Offer(client: ["h2", "http/1.1"], server: ["http/1.1"], chosen: "http/1.1"),
            Offer(client: [], server: ["http/1.1"], chosen: nil),
            Offer(client: ["h2"], server: [], chosen: nil),
            Offer(client: ["h2"], server: ["http/1.1"], chosen: nil, isRefused: true),
        ])
    func protocols(_ offer: Offer) throws {
        let client = try TestAuthority.clientContext { $0.applicationProtocols = offer.client }
        let server = try TestAuthority.serverContext { $0.applicationProtocols = offer.server }
        var pair = try SessionPair(client, server)
        pair.settle()
        #expect(pair.serverFailure?.reason == (offer.isRefused ? .applicationProtocol : nil))
        #expect(pair.clientFailure?.reason == (offer.isRefused ? .applicationProtocol : nil))
        #expect(pair.client.applicationProtocol == offer.chosen)
        #expect(pair.server.applicationProtocol == offer.chosen)
    }

    @Test("A server with several certificates shows the one for the name that is asked for")
    func serverNames() throws {
        let authority = TestAuthority.authority
        let names = ["one.example", "two.example", "*.wild.example"]
        let server = try TestAuthority.serverContext {
            $0.credentials = try names.map { try authority.issue(CertificateRequest.server($0)) }
        }
        let client = try TestAuthority.clientContext()
        for (host, expected) in [
            ("one.example", 0), ("TWO.example", 1), ("two.example", 1), ("any.wild.example", 2),
        ] {
            var pair = try SessionPair(client, server, host: host)
            pair.settle()
            #expect(pair.client.peerIdentity?.dnsNames == [names[expected]])
            #expect(pair.server.serverName == host)
        }
        // Whoever asks for another gets the first, and refuses it himself.
        for host in ["three.example", "a.b.wild.example", "wild.example", "127.0.0.1"] {
            var pair = try SessionPair(client, server, host: host)
            pair.settle()
            #expect(pair.clientFailure?.reason == .wrongName)
        }
    }

    @Test("The peer's verified identity is handed up")
    func identity() throws {
        let client = try TestAuthority.clientContext { $0.credentials = TestAuthority.client }
        let server = try TestAuthority.serverContext { $0.clientCertificates = .required }
        var pair = try SessionPair(client, server)
        #expect(pair.server.peerIdentity == nil)
        pair.settle()
        let shown = pair.server.peerIdentity
        let identity = try #require(shown)
        #expect(identity == TestAuthority.client.chain[0].identity)
        #expect(identity.commonName == "agent-7")
        #expect(identity.subject == "CN=agent-7")
        #expect(identity.issuer == "CN=Test Authority")
        #expect(identity.uris == ["spiffe://example/agent/7"])
        #expect(identity.emails == ["agent@example.org"])
        #expect(identity.dnsNames == ["agent-7.example"])
        #expect(identity.addresses == [[10, 0, 0, 7]])
        #expect(identity.serial.count == 16 && identity.fingerprint.count == 32)
        #expect(identity.fingerprintText.count == 64 && identity.serialText.count == 32)
        #expect((360 * 86_400...366 * 86_400).contains(identity.notAfter - TestAuthority.now))
        #expect(pair.client.peerIdentity?.commonName == TestAuthority.host)
        #expect(pair.server.version == "TLSv1.3")
        #expect(pair.server.cipher == "TLS_AES_128_GCM_SHA256")
    }

    @Test(
        "What is no host name is refused before anything is sent",
        arguments: ["", "a b", "a\0b", "é.example", String(repeating: "a", count: 254)])
    func badHosts(_ host: String) throws {
        let client = try TestAuthority.clientContext()
        var reason: Reason?
        do throws(TLSFailure) {
            _ = try TLSSession(client: client, host: host)
        } catch {
            reason = error.reason
        }
        #expect(reason == .wrongName)
    }

    @Test("A context says when the first of its certificates and lists runs out")
    func expiry() throws {
        let context = try TestAuthority.serverContext {
            $0.revocations = [try TestAuthority.authority.revocations([], number: 1)]
        }
        let days = ((context.expiry ?? 0) - TestAuthority.now) / 86_400
        #expect((28...30).contains(days))
        let client = try TestAuthority.clientContext()
        #expect(client.expiry == nil)
    }
}
