import HubBytes
import HubConnection
import HubProtocols
import HubServer
import HubSystem
import SocketPeer
import Testing

@Suite("Web over TLS")
struct SecureTests {
    private static func server(
        _ authority: CertificateAuthority, _ name: String,
        clients: TLSServerSettings.ClientCertificates = .none
    ) throws -> TLSContext {
        var settings = TLSServerSettings(credentials: [try authority.issue(.server(name))])
        settings.applicationProtocols = ["http/1.1"]
        settings.clientCertificates = clients
        settings.authorities = [authority.certificate]
        return try TLSContext(server: settings)
    }

    private static func client(
        _ authority: CertificateAuthority, name: String? = nil
    ) throws -> TLSContext {
        var settings = TLSClientSettings(trust: .authorities([authority.certificate]))
        settings.applicationProtocols = ["http/1.1"]
        if let name { settings.credentials = try authority.issue(.client(name)) }
        return try TLSContext(client: settings)
    }

    private static func hub(_ slot: TLSContextSlot) throws -> WebHub {
        var settings = WebSettings.patient
        settings.tls = [0: slot]
        return try WebHub(.patient, settings)
    }

    private static func open(_ caller: WebHub, _ host: String, _ hub: WebHub, _ tls: TLSContext) {
        let (text, address) = ("wss://\(host):\(hub.port)/", hub.address)
        caller.run { web, loop in
            guard let url = try? HTTPURL(text) else { return }
            var request = WebSocketRequest(url, at: address)
            request.tls = tls
            _ = try? web.open(request, &loop)
        }
    }

    @Test("Messages go both ways, and the application knows whom the client's certificate names")
    func identity() throws {
        let authority = try CertificateAuthority.make(name: "Test")
        let slot = TLSContextSlot(try Self.server(authority, "hub.test", clients: .required))
        let hub = try Self.hub(slot)
        let caller = try WebHub(echoes: false)
        Self.open(caller, "hub.test", hub, try Self.client(authority, name: "agent-7"))
        #expect(caller.recorder.waits { $0.opened.count == 1 })
        #expect(hub.recorder.waits { $0.identities == ["agent-7"] })
        let id = caller.recorder.read { $0.opened[0].id }
        let long = [UInt8](repeating: 65, count: 200_000)
        caller.run { web, loop in
            "over TLS".withBytes { _ = web.send(id, .text, $0, &loop) }
            long.withBytes { _ = web.send(id, .binary, $0, &loop) }
        }
        #expect(caller.recorder.waits { $0.messages == ["over TLS", "200000 bytes"] })
        Self.open(caller, "hub.test", hub, try Self.client(authority))
        #expect(caller.recorder.waits { $0.closed.count == 1 })
        #expect(hub.recorder.read { $0.opened.count } == 1)
    }

    @Test("New connections get a new certificate, and old ones live on")
    func reload() throws {
        let (first, second) = (
            try CertificateAuthority.make(name: "First"), try CertificateAuthority.make(name: "Second")
        )
        let slot = TLSContextSlot(try Self.server(first, "hub.test"))
        let hub = try Self.hub(slot)
        let caller = try WebHub(echoes: false)
        Self.open(caller, "hub.test", hub, try Self.client(first))
        #expect(caller.recorder.waits { $0.opened.count == 1 })
        slot.replace(with: try Self.server(second, "hub.test"))
        Self.open(caller, "hub.test", hub, try Self.client(second))
        #expect(caller.recorder.waits { $0.opened.count == 2 })
        for id in caller.recorder.read({ $0.opened.map(\.id) }) {
            caller.run { web, loop in "still".withBytes { _ = web.send(id, .text, $0, &loop) } }
        }
        #expect(caller.recorder.waits { $0.messages == ["still", "still"] })
        Self.open(caller, "hub.test", hub, try Self.client(first))
        #expect(caller.recorder.waits { $0.closed.count == 1 })
    }

    @Test("Certificates change again and again under load, and no connection is lost for it")
    func rotation() throws {
        let authority = try CertificateAuthority.make(name: "Test")
        let slot = TLSContextSlot(try Self.server(authority, "hub.test"))
        let hub = try Self.hub(slot)
        let caller = try WebHub(echoes: false)
        let trust = try Self.client(authority)
        var sent = 0
        for round in 1...20 {
            Self.open(caller, "hub.test", hub, trust)
            #expect(caller.recorder.waits { $0.opened.count == round })
            let ids = caller.recorder.read { $0.opened.map(\.id) }
            caller.run { web, loop in
                for id in ids {
                    "load".withBytes { for _ in 0..<20 { _ = web.send(id, .text, $0, &loop) } }
                }
            }
            sent += 20 * ids.count
            // The messages are on their way while the next connection will get another certificate.
            slot.replace(with: try Self.server(authority, "hub.test"))
        }
        #expect(caller.recorder.waits { $0.messages.count == sent })
        #expect(caller.recorder.read { $0.closed.isEmpty } && hub.recorder.read { $0.closed.isEmpty })
    }

    @Test("A request to a server of another authority, or another name, is not sent")
    func calls() throws {
        let (right, wrong) = (
            try CertificateAuthority.make(name: "Right"), try CertificateAuthority.make(name: "Wrong")
        )
        let hub = try Self.hub(TLSContextSlot(try Self.server(right, "hub.test")))
        let caller = try WebHub()
        let (address, port) = (hub.address, hub.port)
        let cases = [
            ("hub.test", try Self.client(right)), ("hub.test", try Self.client(wrong)),
            ("other.test", try Self.client(right)),
        ]
        for (number, (host, tls)) in cases.enumerated() {
            caller.run { web, loop in
                guard let url = try? HTTPURL("https://\(host):\(port)/secret") else { return }
                var call = WebCall(.get, url, at: address)
                call.tls = tls
                _ = try? web.call(call, &loop)
            }
            #expect(caller.recorder.waits { $0.answers.count == number + 1 })
        }
        #expect(caller.recorder.read { $0.answers[0].content } == "/secret\n")
        for outcome in caller.recorder.read({ $0.answers.dropFirst().map(\.outcome) }) {
            if case .notSecured = outcome {} else { Issue.record("\(outcome)") }
        }
        #expect(hub.recorder.read { $0.requests.count } == 1)
    }

    @Test("A TLS handshake that does not come to its end is cut off, as is one that is none")
    func handshakes() throws {
        var connections = ConnectionSettings.patient
        connections.handshakeMilliseconds = 150
        var settings = WebSettings.patient
        let authority = try CertificateAuthority.make(name: "Test")
        settings.tls = [0: TLSContextSlot(try Self.server(authority, "hub.test"))]
        let hub = try WebHub(connections, settings)
        let silent = try Peer(hub.address)
        #expect(silent.ending() == .failed)
        let plain = try Peer(hub.address)
        #expect(plain.get("/"))
        _ = plain.receive(7)
        #expect(plain.ending() != .none && hub.recorder.read { $0.requests.isEmpty })
    }
}
