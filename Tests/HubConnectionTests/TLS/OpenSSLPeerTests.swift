import HubBytes
import HubConnection
import Testing

/// Sessions of ours against the command line of OpenSSL.
@Suite(.serialized) struct OpenSSLPeerTests {
    typealias Reason = TLSFailure.Reason

    private static let files: [String: [UInt8]] = [
        "ca.pem": TestAuthority.authority.certificate.pem,
        "other.pem": TestAuthority.stranger.certificate.pem,
        "client.pem": TestAuthority.client.chainPEM + TestAuthority.client.keyPEM,
        "server.pem": TestAuthority.server.chainPEM + TestAuthority.server.keyPEM,
    ]

    struct Client: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let options: [String]
        /// Why our server refuses; nil for a client that gets in.
        var refused: Reason?
        var version = "TLSv1.3"
        var change: @Sendable (inout TLSServerSettings) throws -> Void = { _ in }
    }

    static let clients = [
        Client(testDescription: "TLS 1.3", options: []),
        Client(testDescription: "TLS 1.2", options: ["-tls1_2"], version: "TLSv1.2"),
        Client(
            testDescription: "TLS 1.2 with the third cipher",
            options: ["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"], version: "TLSv1.2"),
        Client(
            testDescription: "a group that takes another round", options: ["-groups", "P-521:P-384"]),
        Client(
            testDescription: "TLS 1.1", options: ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"],
            refused: .version),
        Client(
            testDescription: "TLS 1.0", options: ["-tls1", "-cipher", "DEFAULT@SECLEVEL=0"],
            refused: .version),
        Client(
            testDescription: "TLS 1.2 where 1.3 is the least", options: ["-tls1_2"], refused: .version,
            change: { $0.minimumVersion = .tls13 }),
        Client(
            testDescription: "a cipher without authentication of what it seals",
            options: ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:AES128-SHA"], refused: .cipher),
        Client(
            testDescription: "a cipher without forward secrecy",
            options: ["-tls1_2", "-cipher", "AES128-GCM-SHA256"],
            refused: .cipher),
        Client(testDescription: "no group of ours", options: ["-groups", "P-521"], refused: .cipher),
        Client(
            testDescription: "a client certificate", options: ["-cert", "client.pem"],
            change: { $0.clientCertificates = .required }),
        Client(
            testDescription: "no client certificate in TLS 1.3", options: [], refused: .noCertificate,
            change: { $0.clientCertificates = .required }),
        Client(
            testDescription: "no client certificate in TLS 1.2", options: ["-tls1_2"],
            refused: .noCertificate, change: { $0.clientCertificates = .required }),
        Client(
            testDescription: "a revoked certificate in TLS 1.2", options: ["-tls1_2", "-cert", "client.pem"],
            refused: .revoked,
            change: {
                $0.clientCertificates = .required
                let serial = TestAuthority.client.chain[0].identity.serial
                let list = try TestAuthority.authority.revocations([(serial, TestAuthority.now)], number: 1)
                $0.revocations = [list]
            }),
        Client(
            testDescription: "a client that does not trust us",
            options: ["-CAfile", "other.pem", "-verify_return_error"], refused: .alertCertificate),
        Client(
            testDescription: "a client that wants another name",
            options: ["-verify_hostname", "other.example", "-verify_return_error"],
            refused: .alertCertificate),
        Client(testDescription: "compression asked for", options: ["-tls1_2", "-comp"], version: "TLSv1.2"),
    ]

    @Test("s_client gets in, or is refused for the right reason", arguments: clients)
    func sClient(_ item: Client) throws {
        let port = try LoopbackPort()
        let program = try PeerProgram(
            [
                "openssl", "s_client", "-connect", "127.0.0.1:\(port.number)", "-servername",
                TestAuthority.host, "-CAfile", "ca.pem",
            ] + item.options, files: Self.files)
        let connection = try #require(port.accept())
        var session = try TLSSession(server: TestAuthority.serverContext(item.change))
        if let refused = item.refused {
            connection.pump(&session) { _, _ in false }
            #expect(connection.failure?.reason == refused, "\(connection.failure?.sentence ?? "no failure")")
            connection.hangUp()
            program.finish()
            return
        }
        program.type("hello hub")
        #expect(connection.pump(&session) { $1 == "hello hub\n" })
        try connection.write("hello agent\n", &session)
        #expect(program.waits(for: "hello agent"))
        #expect(program.text.contains("Verify return code: 0 (ok)"))
        #expect(program.text.contains("Compression: NONE"))
        #expect(session.version == item.version)
        program.type("Q")
        connection.pump(&session) { session, _ in session.state == .peerClosed }
        let state = session.state
        #expect(state == .peerClosed && connection.failure == nil)
        #expect(program.finish() == 0)
    }

    @Test("Renegotiation is refused, and the connection goes no further")
    func renegotiation() throws {
        let port = try LoopbackPort()
        let program = try PeerProgram(
            ["openssl", "s_client", "-connect", "127.0.0.1:\(port.number)", "-tls1_2"], files: Self.files)
        let connection = try #require(port.accept())
        var session = try TLSSession(server: TestAuthority.serverContext())
        program.type("first")
        #expect(connection.pump(&session) { $1 == "first\n" })
        program.type("R")
        connection.pump(&session) { _, _ in false }
        #expect(program.waits(for: "no renegotiation"))
        #expect(connection.text == "first\n")
        connection.hangUp()
        program.finish()
    }

    @Test("A ticket brings s_client back, and early data are not taken", arguments: ["-tls1_3", "-tls1_2"])
    func resumption(_ version: String) throws {
        let server = try TestAuthority.serverContext()
        var ticket: [UInt8] = []
        for isResumed in [false, true] {
            let port = try LoopbackPort()
            let session = ticket.isEmpty ? [] : ["-sess_in", "in.pem"]
            // s_client would send early data if the ticket allowed it; it says so if not.
            let early = isResumed && version == "-tls1_3" ? ["-early_data", "early"] : []
            let program = try PeerProgram(
                [
                    "openssl", "s_client", "-connect", "127.0.0.1:\(port.number)", version, "-sess_out",
                    "out.pem",
                ] + session + early,
                files: Self.files.merging(["in.pem": ticket, "early": Array("early!".utf8)]) { $1 })
            let connection = try #require(port.accept())
            var tls = try TLSSession(server: server)
            program.type("hello")
            #expect(connection.pump(&tls) { $1 == "hello\n" })
            #expect(tls.isResumed == isResumed)
            try connection.write("bye\n", &tls)
            #expect(program.waits(for: "bye"))
            connection.close(&tls)
            connection.hangUp()
            program.finish()
            if !isResumed { ticket = program.file("out.pem") }
            #expect(!ticket.isEmpty)
            if isResumed, version == "-tls1_3" { #expect(!program.text.contains("Early data was accepted")) }
        }
    }

    @Test("Early data that come with somebody else's ticket are passed over")
    func earlyData() throws {
        // A server that allows early data gives the ticket.
        let foreign = try LoopbackPort().number
        let other = try PeerProgram(
            [
                "openssl", "s_server", "-accept", "127.0.0.1:\(foreign)", "-cert", "server.pem", "-key",
                "server.pem", "-early_data", "-quiet",
            ], files: Self.files)
        let first = try PeerProgram(
            [
                "bash", "-c",
                "sleep 1; (sleep 1) | openssl s_client -connect 127.0.0.1:\(foreign) -sess_out t.pem",
            ])
        first.finish()
        other.stop()
        let ticket = first.file("t.pem")
        #expect(!ticket.isEmpty)
        let port = try LoopbackPort()
        let program = try PeerProgram(
            [
                "openssl", "s_client", "-connect", "127.0.0.1:\(port.number)", "-sess_in", "t.pem",
                "-early_data", "early",
            ], files: ["t.pem": ticket, "early": Array("EARLY".utf8)])
        let connection = try #require(port.accept())
        var session = try TLSSession(server: TestAuthority.serverContext())
        program.type("later")
        #expect(connection.pump(&session) { $1.hasSuffix("later\n") })
        #expect(connection.text == "later\n")
        #expect(program.waits(for: "Early data was rejected"))
    }

    struct Server: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var options: [String] = []
        var refused: Reason?
        var host = TestAuthority.host
        var change: @Sendable (inout TLSClientSettings) throws -> Void = { _ in }
    }

    static let servers = [
        Server(testDescription: "TLS 1.3"),
        Server(testDescription: "TLS 1.2", options: ["-tls1_2"]),
        Server(testDescription: "by its address", host: "127.0.0.1"),
        Server(
            testDescription: "TLS 1.1", options: ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"],
            refused: .version),
        Server(
            testDescription: "weak ciphers only", options: ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"],
            refused: .alertOther),
        Server(
            testDescription: "another authority", refused: .unknownAuthority,
            change: { $0.trust = .authorities([TestAuthority.stranger.certificate]) }),
        Server(testDescription: "another name", refused: .wrongName, host: "other.example"),
        Server(
            testDescription: "asks for a certificate", options: ["-CAfile", "ca.pem", "-Verify", "2"],
            change: { $0.credentials = TestAuthority.client }),
        Server(
            testDescription: "asks for a certificate that there is not",
            options: ["-CAfile", "ca.pem", "-Verify", "2"], refused: .alertCertificate),
    ]

    @Test("s_server is believed, or refused for the right reason", arguments: servers)
    func sServer(_ item: Server) throws {
        let port = try LoopbackPort().number
        let program = try PeerProgram(
            [
                "openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-cert", "server.pem", "-key",
                "server.pem", "-naccept", "1", "-rev",
            ] + item.options, files: Self.files)
        let connection = try #require(LoopbackPort.connect(to: port))
        var session = try TLSSession(client: TestAuthority.clientContext(item.change), host: item.host)
        try connection.start(&session)
        if let refused = item.refused {
            connection.pump(&session) { _, _ in false }
            #expect(connection.failure?.reason == refused, "\(connection.failure?.sentence ?? "no failure")")
        } else {
            #expect(connection.pump(&session) { session, _ in session.state == .open })
            try connection.write("abc\n", &session)
            #expect(connection.pump(&session) { $1 == "cba\n" })
            let identity = session.peerIdentity
            #expect(identity?.dnsNames == [TestAuthority.host])
        }
        program.stop()
    }
}
