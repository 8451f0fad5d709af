import Foundation
import HubConnection
import HubModel
import HubServer
import LogSamples
import Testing

/// The authority in a folder, looked at with the programs of others.
@Suite struct CertificateFolderTests {
    private let directory = TemporaryDirectory()
    private let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    private var folder: CertificateFolder { CertificateFolder(path: directory["certs"]) }

    /// Runs a program in the directory; what it wrote, both streams, and how it ended.
    private func run(_ words: String...) throws -> (output: String, code: Int32) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (String(decoding: output, as: UTF8.self), process.terminationStatus)
    }

    private func prepare() throws {
        try folder.make(name: "Test CA", validDays: 30, now: now)
        _ = try folder.issue(
            agent: TenantAgent(TenantName("acme"), AgentID("worker-1")), validDays: 7,
            into: directory["worker"],
            now: now)
        _ = try folder.issue(
            server: ["hub.example", "127.0.0.1", "::1"], validDays: 7, into: directory["server"], now: now)
    }

    @Test("OpenSSL believes what was issued, until it is revoked") func openSSL() throws {
        try prepare()
        func verify(_ file: String, _ purpose: String) throws -> (output: String, code: Int32) {
            try run(
                "openssl", "verify", "-x509_strict", "-purpose", purpose, "-crl_check", "-CAfile",
                "certs/ca.pem",
                "-CRLfile", "certs/crl.pem", file)
        }
        #expect(try verify("worker.pem", "sslclient").code == 0)
        #expect(try verify("server.pem", "sslserver").code == 0)
        #expect(try verify("worker.pem", "sslserver").code != 0)
        #expect(try verify("server.pem", "sslclient").code != 0)
        #expect(
            try run(
                "openssl", "verify", "-CAfile", "certs/ca.pem", "-verify_hostname", "hub.example",
                "server.pem"
            ).code == 0)
        #expect(
            try run("openssl", "verify", "-CAfile", "certs/ca.pem", "-verify_ip", "::1", "server.pem").code
                == 0)
        let text = try run(
            "openssl", "x509", "-in", "worker.pem", "-noout", "-subject", "-ext", "subjectAltName"
        ).output
        #expect(text.contains("CN = worker-1") && text.contains("URI:agenthub://acme/worker-1"))
        let revoked = try folder.revoke("acme/worker-1", now: now)
        #expect(revoked.map(\.subject) == ["acme/worker-1"])
        let after = try verify("worker.pem", "sslclient")
        #expect(after.code != 0 && after.output.contains("certificate revoked"))
        #expect(try verify("server.pem", "sslserver").code == 0)
        let list = try run(
            "openssl", "crl", "-in", "certs/crl.pem", "-noout", "-text", "-CAfile", "certs/ca.pem"
        ).output
        #expect(list.contains("verify OK") && list.lowercased().contains(revoked[0].serial))
    }

    private static let handshake = """
        import ssl
        def context(purpose, name):
            made = ssl.create_default_context(purpose, cafile="certs/ca.pem")
            made.load_cert_chain(name + ".pem", name + ".key")
            return made
        server_side = context(ssl.Purpose.CLIENT_AUTH, "server")
        server_side.verify_mode = ssl.CERT_REQUIRED
        server_side.load_verify_locations("certs/crl.pem")
        server_side.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        client_side = context(ssl.Purpose.SERVER_AUTH, "worker")
        def talk(host):
            up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
            client = client_side.wrap_bio(down, up, server_hostname=host)
            server = server_side.wrap_bio(up, down, server_side=True)
            done = set()
            while len(done) < 2:
                for side in (client, server):
                    try:
                        side.do_handshake()
                        done.add(side)
                    except ssl.SSLWantReadError:
                        pass
            print(sorted(server.getpeercert()["subjectAltName"]), server.getpeercert()["subject"][0][0][1])
        for host in ("hub.example", "127.0.0.1", "evil.example"):
            try:
                talk(host)
            except ssl.SSLError as error:
                print(host, error.reason)
        """

    @Test("Python's ssl talks by them, knows the agent, and keeps to the revocation list") func python()
        throws
    {
        try prepare()
        let script = directory["talk.py"]
        try Self.handshake.write(toFile: script, atomically: true, encoding: .utf8)
        let first = try run("python3", script)
        let lines = first.output.split(separator: "\n").map(String.init)
        #expect(first.code == 0 && lines.count == 3, "\(first.output)")
        #expect(
            lines.prefix(2)
                == ArraySlice(repeating: "[('URI', 'agenthub://acme/worker-1')] worker-1", count: 2))
        #expect(lines.last == "evil.example CERTIFICATE_VERIFY_FAILED")
        _ = try folder.revoke("acme/worker-1", now: now)
        let second = try run("python3", script)
        #expect(
            second.output.split(separator: "\n").first == "hub.example CERTIFICATE_VERIFY_FAILED",
            "\(second.output)")
    }

    @Test("the hub itself takes the identity that was issued") func admitted() throws {
        try prepare()
        let access = SampleAccess()
        try access.publish()
        let certificate = try Certificate.all(inFile: directory["worker.pem"])[0]
        let identity = try access.admit(certificate: certificate.identity, agent: "worker-1", tenant: "acme")
        #expect(identity.proof.word == "certificate")
    }

    @Test("keys are for their owner alone, and nothing is written over") func files() throws {
        try prepare()
        for name in ["certs/ca.key", "worker.key", "server.key", "certs/issued.json"] {
            let mode =
                try FileManager.default.attributesOfItem(atPath: directory[name])[.posixPermissions]
                as? NSNumber
            #expect(mode?.intValue == 0o600, "\(name)")
        }
        let error = #expect(throws: AccessError.self) { try folder.make(name: "x", validDays: 1, now: now) }
        #expect(error?.kind == .absent)
        #expect(throws: AccessError.self) {
            try folder.issue(server: ["other"], validDays: 1, into: directory["worker"], now: now)
        }
        #expect(try folder.list().count == 2)
    }

    @Test("what was issued is listed, and revoking is by number or by name, once") func list() throws {
        try prepare()
        _ = try folder.issue(
            agent: TenantAgent(TenantName("acme"), AgentID("worker-1")), validDays: 7,
            into: directory["again"], now: now)
        let all = try folder.list()
        #expect(all.map(\.subject) == ["acme/worker-1", "hub.example 127.0.0.1 ::1", "acme/worker-1"])
        #expect(all.map(\.isServer) == [false, true, false])
        #expect(try folder.revoke(all[2].serial, now: now).count == 1)
        #expect(try folder.revoke("acme/worker-1", now: now).map(\.serial) == [all[0].serial])
        #expect(try folder.revoke("acme/worker-1", now: now).isEmpty)
        #expect(throws: AccessError.self) { try folder.revoke("nobody", now: now) }
        try folder.renewRevocations(now: now.adding(milliseconds: 1))
        let file = try RevocationList.all(inFile: directory["certs/crl.pem"])
        #expect(Set(file[0].entries.map { Hexadecimal.text($0.serial) }) == [all[0].serial, all[2].serial])
    }

    @Test("without an authority there is a sentence that says how to make one") func missing() throws {
        for body: () throws -> Void in [
            { _ = try folder.list() }, { _ = try folder.revoke("x", now: now) },
            { _ = try folder.issue(server: ["x"], validDays: 1, into: directory["x"], now: now) },
        ] {
            let error = #expect(throws: AccessError.self) { try body() }
            #expect(error?.description.contains("agenthub certs ca") == true)
        }
    }
}
