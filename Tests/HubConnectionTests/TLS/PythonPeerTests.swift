import HubBytes
import HubConnection
import Testing

/// Sessions of ours against Python's `ssl`.
@Suite(.serialized) struct PythonPeerTests {
    private static let client = """
        import socket, ssl, sys
        context = ssl.create_default_context(cafile="ca.pem")
        context.load_cert_chain("client.pem")
        context.set_alpn_protocols(["http/1.1"])
        old = None
        for visit in range(2):
            raw = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10)
            tls = context.wrap_socket(raw, server_hostname="hub.example", session=old,
                                      suppress_ragged_eofs=False)
            tls.sendall(b"x" * 100000 + b".")
            answer = b""
            while not answer.endswith(b"."):
                answer += tls.recv(65536)
            old = tls.session
            print(tls.version(), tls.selected_alpn_protocol(), len(answer), tls.session_reused)
            if sys.argv[2] == "politely":
                tls.unwrap()
            tls.close()
        """

    private static let server = """
        import socket, ssl, sys
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile="ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain("server.pem")
        listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
        for visit in range(2):
            raw, _ = listener.accept()
            raw.settimeout(10)
            tls = context.wrap_socket(raw, server_side=True)
            data = b""
            while not data.endswith(b"."):
                data += tls.recv(65536)
            names = dict(entry[0] for entry in tls.getpeercert()["subject"])
            tls.sendall(("%s %s %s." % (len(data), names["commonName"], tls.session_reused)).encode())
            if sys.argv[2] == "politely":
                tls.unwrap()
            tls.close()
        """

    private static let files: [String: [UInt8]] = [
        "ca.pem": TestAuthority.authority.certificate.pem, "client.py": Array(client.utf8),
        "server.py": Array(server.utf8),
        "client.pem": TestAuthority.client.chainPEM + TestAuthority.client.keyPEM,
        "server.pem": TestAuthority.server.chainPEM + TestAuthority.server.keyPEM,
    ]

    @Test(
        "A Python client talks, resumes, and is known by its certificate", arguments: ["politely", "rudely"])
    func client(_ manner: String) throws {
        let server = try TestAuthority.serverContext {
            $0.clientCertificates = .required
            $0.applicationProtocols = ["http/1.1"]
        }
        let port = try LoopbackPort()
        let program = try PeerProgram(
            ["python3", "-u", "client.py", "\(port.number)", manner], files: Self.files)
        for visit in 0..<2 {
            let connection = try #require(port.accept())
            var session = try TLSSession(server: server)
            #expect(connection.pump(&session) { $1.hasSuffix(".") })
            #expect(connection.text.utf8.count == 100_001)
            #expect(session.isResumed == (visit == 1))
            let identity = session.peerIdentity
            #expect(identity?.uris == ["spiffe://example/agent/7"])
            try connection.write(connection.text, &session)
            connection.pump(&session) { session, _ in session.state == .peerClosed }
            if manner == "politely" {
                #expect(connection.failure == nil)
                connection.close(&session)
                let state = session.state
                #expect(state == .closed)
            } else {
                #expect(connection.failure?.reason == .truncated)
            }
        }
        #expect(program.finish() == 0)
        let said = ["TLSv1.3 http/1.1 100001 False", "TLSv1.3 http/1.1 100001 True"]
        #expect(program.text.split(separator: "\n").map(String.init) == said)
    }

    @Test("A client of ours talks to a Python server and resumes", arguments: ["politely", "rudely"])
    func server(_ manner: String) throws {
        let client = try TestAuthority.clientContext { $0.credentials = TestAuthority.client }
        let port = try LoopbackPort().number
        let program = try PeerProgram(
            ["python3", "-u", "server.py", "\(port)", manner], files: Self.files)
        var earlier: TLSResumption?
        for visit in 0..<2 {
            let connection = try #require(LoopbackPort.connect(to: port))
            var session = try TLSSession(client: client, host: TestAuthority.host, resuming: earlier)
            try connection.start(&session)
            #expect(connection.pump(&session) { session, _ in session.state == .open })
            try connection.write(String(repeating: "y", count: 99_999) + ".", &session)
            #expect(connection.pump(&session) { $1.hasSuffix(".") })
            #expect(connection.text == "100000 agent-7 \(visit == 1 ? "True" : "False").")
            earlier = session.resumption
            connection.pump(&session) { session, _ in session.state == .peerClosed }
            if manner == "politely" {
                #expect(connection.failure == nil)
                connection.close(&session)
                connection.hangUp()
            } else {
                #expect(connection.failure?.reason == .truncated)
            }
        }
        #expect(program.finish() == 0, "\(program.text)")
    }
}
